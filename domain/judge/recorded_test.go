package judge_test

import (
	"bufio"
	"compress/gzip"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
)

// Recorded runs, where they are at hand. They are no part of the project.
const (
	recordedTracks = "../../../shared/tracks"
	recordedCases  = "../../../shared/cases/judge"
)

// recorded returns where the recorded runs are, or skips the test.
func recorded(t testing.TB, dir string) string {
	t.Helper()
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the recorded runs are not here; they are no part of the project")
	}
	return dir
}

// track is a recorded run as the server sees it before it judges.
type track struct {
	points []geo.Point // of a line without times, too
	fixes  []judge.Fix
	known  []judge.Reason
}

// readRecorded reads a GPX file, and filters it as the server does.
func readRecorded(t testing.TB, file string) track {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out track
	var raw []run.Fix
	in := xml.NewDecoder(z)
	for {
		token, err := in.RawToken()
		if err != nil {
			break // the end of the file
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "trkpt":
			var lat, lng string
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "lat":
					lat = a.Value
				case "lon":
					lng = a.Value
				}
			}
			out.points = append(out.points, geo.MustPoint(number(t, lat), number(t, lng)))
		case "time":
			text, _ := in.RawToken()
			at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text.(xml.CharData))))
			if err == nil && len(out.points) > 0 {
				raw = append(raw, run.Fix{Point: out.points[len(out.points)-1], Timestamp: at.UnixMilli(), Altitude: run.Absent, Accuracy: run.Absent})
			}
		}
	}
	if len(raw) == 0 {
		return out
	}
	m, err := run.Measure(t.Context(), run.Recording{Fixes: raw}, run.DefaultFilter())
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	usable, err := run.Filter(t.Context(), raw, run.DefaultFilter())
	if err != nil {
		t.Fatal(err)
	}
	out.fixes, out.known = run.ForJudge(usable), run.Record{Measures: m}.Against()
	out.points = out.points[:0]
	for _, f := range usable {
		out.points = append(out.points, f.Point)
	}
	return out
}

// label is what people say of an attempt.
type label struct {
	file, group string
	completed   bool
	note        string
}

func labels(t testing.TB) (out []label) {
	t.Helper()
	f, err := os.Open(filepath.Join(recorded(t, recordedTracks), "labels.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if c[0] != "file" {
			out = append(out, label{c[0], filepath.Dir(c[0]), c[1] == "completed", strings.Join(c[2:], " ")})
		}
	}
	return out
}
