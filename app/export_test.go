package app_test

import (
	"context"
	"testing"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// recordless is a store whose records were deleted just now.
type recordless struct{ ports.Store }

func (recordless) Record(context.Context, id.Record) (run.Record, error) {
	return run.Record{}, ports.ErrRunNotFound
}

// A run that is deleted while it is exported is empty, and gives its share back.
func TestARunThatGoesWhileItIsExportedGivesItsShareBack(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Final, 180))
	_, _, err := w.Runs.Complete(t.Context(), w.mina, sid, app.CompleteInput{})
	noError(t, err)
	s, err := w.Runs.Session(t.Context(), w.mina, sid)
	noError(t, err)
	out, release, err := everything(t, recordless{w.store}, w.clock).Export.Run(t.Context(), s)
	noError(t, err)
	if release == nil {
		t.Fatal("nobody can give its share back")
	}
	release()
	if out.Record != nil || len(out.Chunks) != 1 {
		t.Errorf("it has %d chunks and the record %v", len(out.Chunks), out.Record)
	}
}
