package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// Settle does what follows a run: judge it, rank it, count it. The record's
// processing state, changed in the same transaction as the effects, makes each
// of them happen exactly once however often the job runs.
type Settle struct {
	store    settleStore
	clock    ports.Clock
	budget   ports.Budget
	log      *slog.Logger
	prepared *prepared
}

// settleStore is what settling a run asks of the store.
type settleStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	CourseAccess(ctx context.Context, cid id.Course) (ports.CourseAccess, error)
	Course(ctx context.Context, cid id.Course) (course.Course, error)
	Record(ctx context.Context, rid id.Record) (run.Record, error)
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error)
}

// Run settles a record. A record that is gone or settled is left alone; one that
// was given up is pending again.
func (s *Settle) Run(ctx context.Context, rid id.Record) error {
	for {
		if err := s.once(ctx, rid); !errors.Is(err, errChanged) {
			return err
		}
	}
}

// once settles a record, unless it or its course changes while it is judged.
func (s *Settle) once(ctx context.Context, rid id.Record) error {
	rec, err := s.store.Record(ctx, rid)
	if notFound(err) {
		return nil
	}
	if err != nil || rec.Processing == run.ProcessingDone {
		return err
	}
	if rec.Processing == run.ProcessingFailed {
		if err := s.mark(ctx, rid, run.ProcessingPending); err != nil {
			return err
		}
	}
	// The judge runs outside the transaction: it may take long, and needs no lock,
	// for that neither the course nor the run changed is seen in the transaction.
	var verdict *judge.Verdict
	var on ports.CourseAccess
	if !rec.CourseID.IsZero() {
		if verdict, on, err = s.judge(ctx, rec); err != nil {
			return err
		}
	}
	return s.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		judged := rec.Version
		rec, err := tx.LockRecord(ctx, rid)
		if notFound(err) {
			return nil
		}
		if err != nil || rec.Processing == run.ProcessingDone {
			return err
		}
		if rec.Version != judged {
			return errChanged
		}
		if err := tx.LockUser(ctx, rec.UserID); err != nil {
			return err
		}
		// Before the course is locked, for which others wait.
		if rec.Counts() {
			if err := countRun(ctx, tx, rec, s.clock.Now()); err != nil {
				return err
			}
		}
		standing, err := hold(ctx, tx, rec.UserID, rec.CourseID)
		if err != nil {
			return err
		}
		switch {
		case standing.course.Retired: // its board is closed, and this a free run
			rec, standing.course = rec.Detached(), ports.CourseAccess{}
		case rec.CourseID.IsZero() || verdict == nil:
		case !standing.course.UpdatedAt.Equal(on.UpdatedAt):
			return errChanged
		default:
			rec.Judged(*verdict)
		}
		rec.Processing = run.ProcessingDone
		if err := tx.SaveRecord(ctx, rec); err != nil {
			return err
		}
		return standing.settle(ctx, tx, s.clock.Now(), rec.LocalDate)
	})
}

// judge returns the verdict on a record's run, and the course as it was judged on;
// no verdict when the course is gone, retired or set aside: nobody can say then who
// ran it.
func (s *Settle) judge(ctx context.Context, rec run.Record) (*judge.Verdict, ports.CourseAccess, error) {
	c, err := s.store.CourseAccess(ctx, rec.CourseID)
	if notFound(err) || c.Retired {
		return nil, c, nil
	}
	if err != nil {
		return nil, c, err
	}
	ready, err := s.prepared.stored(ctx, s.store, c)
	if notFound(err) { // deleted just now
		return nil, c, nil
	}
	if errors.Is(err, course.ErrSetAside) {
		s.log.WarnContext(ctx, "a run is not judged: its course is set aside", "run", rec.ID.String(), "course", c.ID.String())
		return nil, c, nil
	}
	if err != nil {
		return nil, c, err
	}
	fixes, release, err := usableFixes(ctx, s.store, s.budget, rec)
	if err != nil {
		return nil, c, err
	}
	defer release()
	v, err := ready.Judge(ctx, run.ForJudge(fixes), rec.Against()...)
	return &v, c, err
}

// GiveUp says on a record that it was not settled, so that nobody waits for ever.
func (s *Settle) GiveUp(ctx context.Context, rid id.Record) error {
	return s.mark(ctx, rid, run.ProcessingFailed)
}

// mark says how far the processing of a record is that is not settled.
func (s *Settle) mark(ctx context.Context, rid id.Record, p run.Processing) error {
	return s.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		rec, err := tx.LockRecord(ctx, rid)
		if notFound(err) {
			return nil
		}
		if err != nil || rec.Processing == run.ProcessingDone {
			return err
		}
		rec.Processing = p
		return tx.SaveRecord(ctx, rec)
	})
}
