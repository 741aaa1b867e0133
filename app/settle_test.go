package app_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// failingAfter fails every transaction after the first few.
type failingAfter struct {
	ports.Store
	left int
}

func (f *failingAfter) InTx(ctx context.Context, fn func(context.Context, ports.Repo) error) error {
	if f.left--; f.left < 0 {
		return errors.New("the store is down")
	}
	return f.Store.InTx(ctx, fn)
}

func TestARunThatIsGivenUpSaysSoAndIsPendingWhenItIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Final, 180))
	rec, _, err := w.Runs.Complete(t.Context(), w.mina, sid, app.CompleteInput{})
	if err != nil {
		t.Fatal(err)
	}
	job := ports.Job{Kind: ports.JobSettleRun, ID: rec.ID.String()}
	is := func(want run.Processing) {
		t.Helper()
		got, err := w.store.Record(t.Context(), rec.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Processing != want {
			t.Errorf("processing is %s, want %s", got.Processing, want)
		}
	}
	giveUp := func() {
		t.Helper()
		if err := w.GiveUp(t.Context(), job, "it failed 3 times"); err != nil {
			t.Fatal(err)
		}
	}
	is(run.ProcessingPending)
	giveUp()
	is(run.ProcessingFailed)
	broken := app.New(app.Deps{Store: &failingAfter{w.store, 1}, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}, app.Settings{})
	if err := broken.Handle(t.Context(), job); err == nil {
		t.Fatal("it was settled without a store")
	}
	is(run.ProcessingPending)
	giveUp()
	if err := w.Handle(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	is(run.ProcessingDone)
	giveUp() // too late
	is(run.ProcessingDone)
	gone := ports.Job{Kind: ports.JobSettleRun, ID: id.New[id.RecordKind](ids{}).String()}
	if err := w.GiveUp(t.Context(), gone, "it failed 3 times"); err != nil {
		t.Errorf("giving up a record that is gone: %v", err)
	}
}

// noting keeps the context that a job is done with.
type noting struct {
	ports.Store
	job bool
}

func (n *noting) Record(ctx context.Context, rid id.Record) (run.Record, error) {
	n.job = ports.IsJob(ctx)
	return n.Store.Record(ctx, rid)
}

func TestAJobIsDoneAsAJob(t *testing.T) {
	w := newWorld(t)
	n := &noting{Store: w.store}
	a := app.New(app.Deps{Store: n, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}, app.Settings{})
	if err := a.Handle(t.Context(), ports.Job{Kind: ports.JobSettleRun, ID: id.New[id.RecordKind](ids{}).String()}); err != nil {
		t.Fatal(err)
	}
	if !n.job {
		t.Error("the budget would hurry it as a request")
	}
}
