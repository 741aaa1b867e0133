package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/text"
	"github.com/runvs/runvs/ports"
)

// ImportInput says what is to become of a file.
type ImportInput struct {
	CourseID       id.Course // zero for free runs
	Title          string    // "" leaves the file's own
	KeepDuplicates bool      // keeps what another device has recorded already
}

// Imported is what became of one activity of a file.
type Imported struct {
	File    string // its name in a zip, "" outside
	Record  run.Record
	Created bool  // false when the same file had made the record before
	Err     error // why there is no record
}

// Import makes a record of each run that a recorded file holds, along the same path
// as chunks. The same file again returns the same records. Other sports beside a run
// in one recording are passed over. An activity that fails leaves nothing behind; of
// a file with one activity, its fault is the error. Faults: those of
// ports.TrackFiles.Read, not_a_run, already_recorded, session_full,
// import_quota_exceeded, and those of Start and Complete.
func (r *Runs) Import(ctx context.Context, uid id.User, data []byte, in ImportInput) ([]Imported, error) {
	if _, err := run.CheckTitle(in.Title); err != nil {
		return nil, err
	}
	read, err := r.files.Read(ctx, data)
	if err != nil {
		return nil, err
	}
	activities := runsAmong(read)
	out := make([]Imported, 0, len(activities))
	for _, a := range activities {
		made := Imported{File: a.File, Err: a.Err}
		if a.Err == nil {
			made.Record, made.Created, made.Err = r.importActivity(ctx, uid, a, in)
		}
		if ctx.Err() != nil {
			return nil, made.Err
		}
		out = append(out, made)
	}
	if len(out) == 1 && out[0].Err != nil {
		return nil, out[0].Err
	}
	return out, nil
}

// runsAmong leaves out other sports that a recording has beside a run: the rest of a
// triathlon.
func runsAmong(read []ports.Activity) []ports.Activity {
	runs := map[string]bool{} // by file
	for _, a := range read {
		_, err := activityOf(a.Sport)
		runs[a.File] = runs[a.File] || err == nil && a.Err == nil
	}
	kept := slices.DeleteFunc(slices.Clone(read), func(a ports.Activity) bool {
		_, err := activityOf(a.Sport)
		return err != nil && a.Err == nil && runs[a.File]
	})
	if len(kept) > 1 && !slices.ContainsFunc(kept, func(a ports.Activity) bool { return a.File != kept[0].File || runs[a.File] }) {
		return kept[:1] // one file of other sports
	}
	return kept
}

// activityOf returns what a sport is to us; not_a_run for what is no run on foot.
func activityOf(s ports.Sport) (run.Activity, error) {
	switch s {
	case "", ports.SportRun:
		return run.Running, nil
	case ports.SportWalk:
		return run.Walking, nil
	case ports.SportHike:
		return run.Hiking, nil
	}
	return "", run.ErrNotARun.Saying("the recording is of another sport: %s", s).With("sport", string(s))
}

func (r *Runs) importActivity(ctx context.Context, uid id.User, a ports.Activity, in ImportInput) (rec run.Record, created bool, err error) {
	s, total, err := r.takeIn(ctx, uid, a, in.CourseID)
	if err == nil {
		title := in.Title
		if title == "" {
			title = text.Cut(a.Name, run.MaxTitleRunes) // a file's own name is no reason to refuse the run
		}
		rec, created, err = r.complete(ctx, uid, s.ID(), CompleteInput{TotalChunks: total, Title: title}, !in.KeepDuplicates)
	}
	if err != nil && !s.ID().IsZero() {
		// Whoever sent the file may be gone, and what it left must not stay.
		err = errors.Join(err, r.store.DropOpenSession(context.WithoutCancel(ctx), s.ID()))
	}
	return rec, created, err
}

// importedFix is what a fix of a file takes while it is made a chunk's and stored.
const importedFix = 512

// takeIn stores the session of an activity with its chunks, total of them. On an
// error the session is there, if it has an id.
func (r *Runs) takeIn(ctx context.Context, uid id.User, a ports.Activity, cid id.Course) (s run.Session, total int, err error) {
	activity, err := activityOf(a.Sport)
	if err != nil {
		return s, 0, err
	}
	release, err := r.budget.Take(ctx, importedFix*int64(count(a.Parts)))
	if err != nil {
		return s, 0, err
	}
	defer release()
	fresh := run.NewSessionInput{UserID: uid, CourseID: cid, Activity: activity, Imported: true, Source: run.Source{
		TimerSeconds: a.Device.TimerSeconds, SkippedPoints: a.SkippedPoints, Damaged: a.Damaged,
	}}
	parts := recorded(a.Parts)
	name := run.ImportSessionID(slices.Concat(parts...), cid)
	fresh.Source.ClockUnset = run.SetClock(parts, r.clock.Now().UnixMilli())
	parts = importable(parts)
	fixes := slices.Concat(parts...)
	switch {
	case a.Planned || len(fixes) < 2 && count(a.Parts) >= 2:
		return s, 0, errNoTimes
	case len(fixes) < 2:
		return s, 0, run.ErrRunTooShort
	case a.Indoor && !cid.IsZero():
		return s, 0, errIndoors
	}
	fresh.ClientSessionID = name
	fresh.StartedAt = time.UnixMilli(min(fixes[0].Timestamp, r.clock.Now().UnixMilli())).UTC()
	var chunks []run.Chunk
	if a.Indoor {
		indoors, err := run.NewIndoor(fixes, a.Device.DistanceMeters, a.Device.ElapsedSeconds)
		if err != nil {
			return s, 0, err
		}
		fresh.Source.Indoor = &indoors
	} else if chunks, err = run.CutChunks(fixes, run.CutPauses(parts), run.MaxChunkFixes); err != nil {
		return s, 0, err
	}
	s, err = r.startImport(ctx, fresh, chunks)
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

// recorded returns the fixes of parts that have a time.
func recorded(parts []ports.TrackPart) [][]run.Fix {
	out := make([][]run.Fix, 0, len(parts))
	for _, p := range parts {
		fixes := make([]run.Fix, 0, len(p.Fixes))
		for _, f := range p.Fixes {
			if f.HasTime {
				fixes = append(fixes, run.Fix{
					Point: f.Point, Timestamp: f.Timestamp, Altitude: f.Altitude, Accuracy: f.Accuracy,
					Speed: f.Speed, Heading: run.Absent, HeartRate: f.HeartRate, Cadence: f.Cadence,
				}.Known())
			}
		}
		out = append(out, fixes)
	}
	return out
}

// importable leaves out the fixes that say what cannot be.
func importable(parts [][]run.Fix) [][]run.Fix {
	for i, p := range parts {
		parts[i] = slices.DeleteFunc(p, func(f run.Fix) bool { return f.Validate() != nil })
	}
	return parts
}

func count(parts []ports.TrackPart) (fixes int) {
	for _, p := range parts {
		fixes += len(p.Fixes)
	}
	return fixes
}

// errNoTimes answers for a run's file whose points have no times, or wrong ones.
var errNoTimes = run.ErrRunTooShort.Saying(
	"fewer than 2 points of the file have a time; a route without times can be imported as a course")

// errIndoors answers for a run without places that is to be one of a course.
var errIndoors = fault.InvalidField("course_id", "the recording has no places: it can be no run of a course")

// errNoTrack answers for a course file without a line.
var errNoTrack = ports.ErrBadTrack.Saying("the file has no track or route with at least 2 points")

// overlapping is how many recordings of one runner at one time are looked at.
const overlapping = 10

// original returns the record that another device made of the run that a new record
// is of; zero for most. Faults: those of reading it.
func (r *Runs) original(ctx context.Context, rec run.Record, chunks []run.Chunk) (id.Record, error) {
	others, err := r.store.Overlapping(ctx, rec.UserID, rec.StartedAt, rec.FinishedAt, overlapping)
	if err != nil || len(others) == 0 {
		return id.Record{}, err
	}
	fixes, err := run.Filter(ctx, run.JoinFixes(chunks), rec.Filter)
	if err != nil {
		return id.Record{}, err
	}
	for _, rid := range others {
		other, err := r.store.Record(ctx, rid)
		if notFound(err) { // deleted meanwhile
			continue
		}
		if err != nil {
			return id.Record{}, err
		}
		theirs, release, err := usableFixes(ctx, r.store, r.budget, other)
		if notFound(err) {
			continue
		}
		if err != nil {
			return id.Record{}, err
		}
		same, err := run.SameRun(ctx, fixes, theirs)
		release()
		if same || err != nil {
			return rid, err
		}
	}
	return id.Record{}, nil
}
