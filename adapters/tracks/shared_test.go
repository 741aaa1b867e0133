package tracks

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// device is one session as an independent decoder tells it: sport, metres, timer and
// ascent.
var device = regexp.MustCompile(`(\w+) ([\d.]+) m, timer ([\d.]+) s, ascent (\d+|None)`)

// TestRealFilesAgreeWithTheirDevices compares what is read with the facts of an
// independent decoder, where the files are at hand.
func TestRealFilesAgreeWithTheirDevices(t *testing.T) {
	const shared = "../../../shared/files"
	table, err := os.ReadFile(filepath.Join(shared, "README.md"))
	if err != nil {
		t.Skip("the real files are not at hand")
	}
	for row := range strings.Lines(string(table)) {
		cells := strings.Split(row, "|")
		if len(cells) < 4 || !strings.HasSuffix(strings.TrimSpace(cells[1]), ".fit") {
			continue
		}
		name := strings.TrimSpace(cells[1])
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(shared, name))
			if err != nil {
				t.Fatal(err)
			}
			facts := device.FindAllStringSubmatch(cells[2], -1)
			all, err := newFiles().Read(t.Context(), data)
			if len(facts) == 0 {
				if err == nil {
					t.Error("it is read, and is no activity")
				}
				return
			}
			if err != nil || len(all) != len(facts) {
				t.Fatalf("%d activities, want %d: %v", len(all), len(facts), err)
			}
			placed := 0
			for i, a := range all {
				near(t, "metres", a.Device.DistanceMeters, facts[i][2])
				near(t, "timer", a.Device.TimerSeconds, facts[i][3])
				near(t, "ascent", a.Device.AscentMeters, facts[i][4])
				if strings.HasPrefix(facts[i][1], "run") != (a.Sport == "run") || strings.HasPrefix(facts[i][1], "cycl") != (a.Sport == "ride") {
					t.Errorf("the sport is %q, want %s", a.Sport, facts[i][1])
				}
				moving := 0.0
				for _, p := range a.Parts {
					moving += float64(p.Fixes[len(p.Fixes)-1].Timestamp-p.Fixes[0].Timestamp) / 1000
				}
				if off := math.Abs(moving - a.Device.TimerSeconds); off > max(5, 0.015*a.Device.TimerSeconds) {
					t.Errorf("its parts have %v s, the timer %v s", moving, a.Device.TimerSeconds)
				}
				if !a.Indoor {
					placed += len(a.Fixes())
				}
			}
			if want := strings.TrimSpace(cells[3]); strconv.Itoa(placed) != want {
				t.Errorf("%d fixes with a place, want %s", placed, want)
			}
		})
	}
}

func near(t *testing.T, what string, got float64, want string) {
	t.Helper()
	if w, err := strconv.ParseFloat(want, 64); err == nil && math.Abs(got-w) > 0.011 {
		t.Errorf("%s: %v, want %s", what, got, want)
	}
}
