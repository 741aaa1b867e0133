package replay

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/runvs/runvs/adapters/budget"
	"github.com/runvs/runvs/adapters/tracks"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// recording is a file's run as a phone would have it in memory.
type recording struct {
	name    string // of the file
	title   string
	fixes   []run.Fix
	dropped int
}

// read reads a file and drops what no phone would send: fixes without a time,
// before the run's start, or in the future.
func read(ctx context.Context, path string) (recording, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return recording{}, err
	}
	var memory ports.Budget = budget.New(1 << 30) // one file at a time
	read, err := tracks.New(memory).Read(ctx, data)
	if err != nil {
		return recording{}, fmt.Errorf("%s: %w", path, err)
	}
	r := recording{name: filepath.Base(path), title: title(path)}
	now := time.Now().UnixMilli()
	for _, f := range ports.FirstActivity(read).Fixes() {
		fix := run.Fix{
			Point: f.Point, Timestamp: f.Timestamp, Altitude: f.Altitude, Accuracy: f.Accuracy, Speed: f.Speed,
			Heading: run.Absent, HeartRate: f.HeartRate, Cadence: f.Cadence,
		}
		early := len(r.fixes) > 0 && f.Timestamp < r.fixes[0].Timestamp
		if !f.HasPlace || !f.HasTime || early || f.Timestamp > now || fix.Validate() != nil {
			r.dropped++
			continue
		}
		r.fixes = append(r.fixes, fix)
	}
	if len(r.fixes) == 0 {
		return r, fmt.Errorf("%s has no points with a time: it is a route, not a recorded run", path)
	}
	return r, nil
}

// dayBefore is the same run, recorded a day earlier.
func (r recording) dayBefore() recording {
	r.fixes = slices.Clone(r.fixes)
	for i := range r.fixes {
		r.fixes[i].Timestamp -= (24 * time.Hour).Milliseconds()
	}
	return r
}

// title is the file's name without its endings, in the length of a title.
func title(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	runes := []rune(name)
	return string(runes[:min(len(runes), 30)])
}

func pathLength(fixes []run.Fix) float64 {
	sum := 0.0
	for i := 1; i < len(fixes); i++ {
		sum += geo.Distance(fixes[i-1].Point, fixes[i].Point)
	}
	return sum
}

func newUUID() string { return uuid.NewString() }
