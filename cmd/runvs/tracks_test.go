package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// TestVerdictsOnRealTracks compares the verdicts on recorded runs, where they are
// at hand, with the golden ones in testdata/judge, which say why.
func TestVerdictsOnRealTracks(t *testing.T) {
	const tracks = "../../../shared/tracks"
	if _, err := os.Stat(tracks); err != nil {
		t.Skip("the recorded runs are not here; they are no part of the project")
	}
	golden, err := os.Open("../../testdata/judge/real_tracks.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer golden.Close()
	courses := map[string]*judge.Course{}
	lines := bufio.NewScanner(golden)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		f := strings.Split(lines.Text(), "\t")
		file, status, reason, laps := f[0], f[1], f[2], f[3]
		group := filepath.Dir(file)
		if courses[group] == nil {
			courses[group] = courseOfFile(t, filepath.Join(tracks, group, "course.gpx.gz"))
		}
		v, err := judgeFile(t.Context(), courses[group], filepath.Join(tracks, file))
		if err != nil {
			t.Fatal(err)
		}
		main := "-"
		if len(v.Reasons) > 0 {
			main = string(v.Reasons[0])
		}
		if string(v.Status) != status || main != reason || strconv.Itoa(v.Laps) != laps {
			t.Errorf("%s: %s %s, %d laps; golden: %s", file, v.Status, main, v.Laps, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func courseOfFile(t *testing.T, file string) *judge.Course {
	t.Helper()
	fixes, err := readTrack(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	points := make([]geo.Point, len(fixes))
	for i, f := range fixes {
		points[i] = f.Point
	}
	line, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return judge.Prepare(line, judge.CurrentRules())
}
