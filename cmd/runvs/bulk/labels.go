package bulk

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	pathpkg "path"
	"slices"
	"strings"
	"time"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/ports"
)

// labels are what an export says of its activities beside their files: Strava by the
// file's name, Garmin by the time of the start.
type labels struct {
	byFile map[string]app.ImportLabel // by key
	byTime []timedLabel               // by time
}

type timedLabel struct {
	at time.Time
	app.ImportLabel
}

// sameStart is how far the start of a recording lies from what the export says: a
// watch starts its activity and waits for a place. Nobody starts two runs within.
const sameStart = 2 * time.Minute

// of returns what is said of the activity of a file that began at a time.
func (l *labels) of(name string, at time.Time) app.ImportLabel {
	if label, ok := l.byFile[key(name)]; ok {
		return label
	}
	i, _ := slices.BinarySearchFunc(l.byTime, at, func(t timedLabel, at time.Time) int { return t.at.Compare(at) })
	best, apart := app.ImportLabel{}, sameStart+1
	for _, t := range l.byTime[max(0, i-1):min(i+1, len(l.byTime))] {
		if d := t.at.Sub(at).Abs(); d < apart {
			best, apart = t.ImportLabel, d
		}
	}
	return best
}

// key is a file's name as it is looked up: some unpackers inflate what they unpack.
func key(name string) string {
	return strings.TrimSuffix(strings.ToLower(name), ".gz")
}

// isIndex reports whether a file tells of others.
func isIndex(name string) bool { return isStravaIndex(name) || isGarminIndex(name) }

func isStravaIndex(name string) bool { return pathpkg.Base(name) == "activities.csv" }

func isGarminIndex(name string) bool {
	return strings.HasSuffix(name, "summarizedActivities.json")
}

// take reads a table of titles. named are the files that it speaks of, as they would
// be called in its folder.
func (l *labels) take(name string, data []byte) (named []string, err error) {
	if isStravaIndex(name) {
		return l.takeStrava(pathpkg.Dir(name), data)
	}
	return nil, l.takeGarmin(data)
}

// takeStrava reads activities.csv. Its head is in the language of its owner, so what
// can be told without is: the third column is the name, and the file's stands in
// activities/. What was done is told in words that are known in English alone.
func (l *labels) takeStrava(dir string, data []byte) (named []string, err error) {
	const title = 2
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows.LazyQuotes, rows.FieldsPerRecord, rows.ReuseRecord = true, -1, true
	head, err := rows.Read()
	if err != nil {
		return nil, badIndex(err)
	}
	kind := slices.Index(head, "Activity Type")
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return named, nil
		}
		if err != nil {
			return named, badIndex(err)
		}
		i := slices.IndexFunc(row, func(s string) bool { return strings.HasPrefix(s, "activities/") && isRecording(s) })
		if i <= title {
			continue // written by hand: there is no file
		}
		label := app.ImportLabel{Title: strings.Clone(strings.TrimSpace(row[title]))}
		if kind >= 0 && kind < len(row) {
			label.Sport = sportOf(row[kind])
		}
		file := pathpkg.Join(dir, row[i])
		l.byFile[key(file)] = label
		named = append(named, file)
	}
}

// takeGarmin reads *_summarizedActivities.json. Its numbers are not those in the
// names of the files.
func (l *labels) takeGarmin(data []byte) error {
	var lists []struct {
		Activities []struct {
			Name  string  `json:"name"`
			Type  string  `json:"activityType"`
			Start float64 `json:"startTimeGmt"`
			Begin float64 `json:"beginTimestamp"`
		} `json:"summarizedActivitiesExport"`
	}
	if err := json.Unmarshal(data, &lists); err != nil {
		return badIndex(err)
	}
	for _, list := range lists {
		for _, a := range list.Activities {
			at := cmp.Or(a.Begin, a.Start)
			l.byTime = append(l.byTime, timedLabel{time.UnixMilli(int64(at)), app.ImportLabel{Title: strings.TrimSpace(a.Name), Sport: sportOf(a.Type)}})
		}
	}
	slices.SortStableFunc(l.byTime, func(a, b timedLabel) int { return a.at.Compare(b.at) })
	return nil
}

func badIndex(cause error) error {
	return ports.ErrBadTrack.Saying("the titles of the activities cannot be read").Because(cause)
}

// sportOf reads the English name of a sport.
func sportOf(name string) ports.Sport {
	name = strings.ToLower(name)
	for word, sport := range map[string]ports.Sport{"run": ports.SportRun, "walk": ports.SportWalk, "hik": ports.SportHike} {
		if strings.Contains(name, word) {
			return sport
		}
	}
	return ports.Sport(name)
}
