package judge_test

import (
	"github.com/runvs/runvs/domain/judge"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestDebug(t *testing.T) {
	f := os.Getenv("FILE")
	if f == "" {
		t.Skip()
	}
	cf := os.Getenv("COURSE")
	if cf == "" {
		cf = filepath.Join(filepath.Dir(f), "course.gpx.gz")
	}
	from, _ := strconv.ParseFloat(os.Getenv("FROM"), 64)
	to, _ := strconv.ParseFloat(os.Getenv("TO"), 64)
	c := courseOf(t, readRecorded(t, filepath.Join(recordedTracks, cf)).points)
	judge.DebugTrace(c, readRecorded(t, filepath.Join(recordedTracks, f)).fixes, from, to)
}
