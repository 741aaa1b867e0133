package app

import (
	"context"
	"errors"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/text"
	"github.com/runvs/runvs/ports"
)

// Import makes a record of a whole recorded file at once, along the same path
// as chunks. The same file again returns the same record with created false; an
// import that fails leaves nothing behind. Faults: those of
// ports.TrackFiles.Read, session_full, import_quota_exceeded, and those of Start
// and Complete.
func (r *Runs) Import(ctx context.Context, uid id.User, data []byte, cid id.Course) (rec run.Record, created bool, err error) {
	track, err := r.files.Read(ctx, data)
	if err != nil {
		return rec, false, err
	}
	s, total, err := r.takeIn(ctx, uid, cid, track)
	if err == nil {
		title := text.Cut(track.Name, run.MaxTitleRunes) // a file's own name is no reason to refuse the run
		rec, created, err = r.Complete(ctx, uid, s.ID(), CompleteInput{TotalChunks: total, Title: title})
	}
	if err != nil && !s.ID().IsZero() {
		// Whoever sent the file may be gone, and what it left must not stay.
		err = errors.Join(err, r.store.DropOpenSession(context.WithoutCancel(ctx), s.ID()))
	}
	return rec, created, err
}

// importedFix is what a fix of a file takes while it is made a chunk's and stored.
const importedFix = 512

// takeIn stores the session of a file with its chunks, total of them. On an error
// the session is there, if it has an id.
func (r *Runs) takeIn(ctx context.Context, uid id.User, cid id.Course, track ports.Track) (s run.Session, total int, err error) {
	release, err := r.budget.Take(ctx, importedFix*int64(len(track.Fixes)))
	if err != nil {
		return s, 0, err
	}
	defer release()
	fixes := importable(track, r.clock.Now())
	if len(fixes) < 2 && len(track.Fixes) >= 2 {
		return s, 0, errNoTimes
	}
	if len(fixes) < 2 {
		return s, 0, run.ErrRunTooShort
	}
	chunks, err := run.CutChunks(fixes, run.MaxChunkFixes)
	if err != nil {
		return s, 0, err
	}
	s, err = r.startImport(ctx, run.NewSessionInput{
		UserID: uid, CourseID: cid, StartedAt: time.UnixMilli(fixes[0].Timestamp).UTC(),
		ClientSessionID: run.ImportSessionID(fixes, cid), Imported: true,
	}, chunks)
	if err != nil {
		return run.Session{}, 0, err
	}
	for _, c := range chunks {
		if _, _, err := r.AppendChunk(ctx, uid, s.ID(), c); err != nil {
			return s, 0, err
		}
	}
	return s, len(chunks), nil
}

// startImport stores the session of a file that would take all its chunks, or
// finds the one that the file made before. One that was left by an import that
// was cut off, and abandoned, gives way.
func (r *Runs) startImport(ctx context.Context, in run.NewSessionInput, chunks []run.Chunk) (s run.Session, err error) {
	in.ID = id.New[id.SessionKind](r.ids)
	fresh, err := run.NewSession(in, r.clock.Now())
	if err != nil {
		return s, err
	}
	if refused := r.followable(ctx, in.UserID, in.CourseID); refused != nil {
		if s, err = r.begunBefore(ctx, fresh, refused); err == nil && s.Status() == run.Abandoned {
			err = refused
		}
		return s, err
	}
	all := fresh
	for _, c := range chunks {
		if all, _, err = all.Accept(in.UserID, c, r.clock.Now()); err != nil {
			return s, ofFile(err)
		}
	}
	if s, _, err = r.admit(ctx, fresh); err != nil || s.Status() != run.Abandoned {
		return s, err
	}
	if err := r.store.DropOpenSession(ctx, s.ID()); err != nil {
		return s, err
	}
	s, _, err = r.admit(ctx, fresh)
	return s, err
}

// ofFile says of a file what a fault says of a session, which its sender never saw.
func ofFile(err error) error {
	if errors.Is(err, run.ErrSessionFull) {
		return fault.As(err).Saying("the file holds more than a run can: `what` is over its limit; cut it in two")
	}
	return err
}

// importable returns the fixes of a track that a phone could have sent: with a
// time, between the year 2000 and now. A clock that jumps decades is a
// receiver's defect, and its fixes say nothing.
func importable(t ports.Track, now time.Time) []run.Fix {
	latest := now.Add(run.MaxFutureSkew).UnixMilli()
	fixes := make([]run.Fix, 0, len(t.Fixes))
	for _, f := range t.Fixes {
		fix := run.Fix{
			Point: f.Point, Timestamp: f.Timestamp, Altitude: f.Altitude, Accuracy: run.Absent,
			Speed: f.Speed, Heading: run.Absent, HeartRate: f.HeartRate, Cadence: f.Cadence,
		}
		early := len(fixes) > 0 && f.Timestamp < fixes[0].Timestamp-run.MaxEarlyFixSkew.Milliseconds()
		if f.HasTime && f.Timestamp <= latest && !early && fix.Validate() == nil {
			fixes = append(fixes, fix)
		}
	}
	return fixes
}

// errNoTimes answers for a run's file whose points have no times, or wrong ones.
var errNoTimes = run.ErrRunTooShort.Saying(
	"fewer than 2 points of the file have a time between the year 2000 and now; a route without times can be imported as a course")

// errNoTrack answers for a course file without a line.
var errNoTrack = ports.ErrBadTrack.Saying("the file has no track or route with at least 2 points")
