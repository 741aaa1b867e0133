package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
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
	KeepDuplicates bool      // keeps what another device has recorded already
	// Label returns what an export says of the activity that began at a time; nil
	// where there is only the file.
	Label func(startedAt time.Time) ImportLabel
	// Unmetered is for whoever runs the server: run.MaxImportsADay is for strangers.
	Unmetered bool
	// DryRun stores nothing. The records are those that would be made.
	DryRun bool
}

// ImportLabel is what an export says of an activity beside its file; "" where it says
// nothing.
type ImportLabel struct {
	Title string      // goes before the file's own: people rename their runs later
	Sport ports.Sport // counts where the file does not say
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
	read, err := r.files.Read(ctx, data)
	if err != nil {
		return nil, err
	}
	activities := runsAmong(labelled(read, in.Label))
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

// labelled returns activities with what an export says of them.
func labelled(read []ports.Activity, label func(time.Time) ImportLabel) []ports.Activity {
	if label == nil {
		return read
	}
	out := slices.Clone(read)
	for i, a := range out {
		l := label(began(a))
		out[i].Name, out[i].Sport = cmp.Or(l.Title, a.Name), cmp.Or(a.Sport, l.Sport)
	}
	return out
}

// began is the first time that an activity tells; zero when it tells none.
func began(a ports.Activity) time.Time {
	for _, p := range a.Parts {
		for _, f := range p.Fixes {
			if f.HasTime {
				return time.UnixMilli(f.Timestamp).UTC()
			}
		}
	}
	return time.Time{}
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
	title := text.Cut(a.Name, run.MaxTitleRunes) // a name is no reason to refuse the run
	if in.DryRun {
		return r.foresee(ctx, uid, a, in, title)
	}
	s, total, err := r.takeIn(ctx, uid, a, in)
	if err == nil {
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

// takeIn stores the session of an activity with its chunks, total of them. One that
// the same recording has made before, and closed, is returned as it is. On an error
// the session is there, if it has an id.
func (r *Runs) takeIn(ctx context.Context, uid id.User, a ports.Activity, in ImportInput) (s run.Session, total int, err error) {
	release, err := r.budget.Take(ctx, importedFix*int64(count(a.Parts)))
	if err != nil {
		return s, 0, err
	}
	defer release()
	fresh, parts, err := r.sessionOf(ctx, uid, a, in.CourseID)
	if err != nil {
		return s, 0, err
	}
	if made, err := r.madeBefore(ctx, fresh); err != nil || made.Closed() {
		return made, 0, err
	}
	chunks, err := chunksOf(fresh, parts)
	if err != nil {
		return s, 0, err
	}
	s, err = r.startImport(ctx, fresh, chunks, in.Unmetered)
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

// foresee returns the record that an activity has, or would have, and stores nothing.
func (r *Runs) foresee(ctx context.Context, uid id.User, a ports.Activity, in ImportInput, title string) (rec run.Record, created bool, err error) {
	give, err := r.budget.Take(ctx, importedFix*int64(count(a.Parts))+run.MeasureBytes(count(a.Parts)))
	if err != nil {
		return rec, false, err
	}
	release := sync.OnceFunc(give)
	defer release()
	fresh, parts, err := r.sessionOf(ctx, uid, a, in.CourseID)
	if err != nil {
		return rec, false, err
	}
	made, err := r.madeBefore(ctx, fresh)
	if err != nil {
		return rec, false, err
	}
	if made.Closed() {
		rec, err = r.store.Record(ctx, made.RecordID())
		return rec, false, err
	}
	if err := r.followable(ctx, uid, in.CourseID); err != nil {
		return rec, false, err
	}
	chunks, err := chunksOf(fresh, parts)
	if err != nil {
		return rec, false, err
	}
	all, err := r.filled(fresh, chunks)
	if err != nil {
		return rec, false, err
	}
	closed, err := all.Complete(id.New[id.RecordKind](r.ids), len(chunks))
	if err != nil {
		return rec, false, err
	}
	rec, beside, err := r.measured(ctx, closed, chunks, closing{title: title, tooShort: run.ErrRunTooShort})
	if err != nil {
		return rec, false, err
	}
	release()
	rec, err = r.mark(ctx, rec, beside, !in.KeepDuplicates)
	return rec, err == nil, err
}

// sessionOf makes the session of an activity, and the fixes that it would take.
func (r *Runs) sessionOf(ctx context.Context, uid id.User, a ports.Activity, cid id.Course) (fresh run.Session, parts [][]run.Fix, err error) {
	activity, err := activityOf(a.Sport)
	if err != nil {
		return fresh, nil, err
	}
	now := r.clock.Now()
	parts = timed(a.Parts)
	name := run.ImportSessionID(slices.Concat(parts...), cid)
	source := run.Source{TimerSeconds: a.Device.TimerSeconds, SkippedPoints: a.SkippedPoints, Damaged: a.Damaged}
	source.ClockUnset = run.SetClock(parts, now.UnixMilli())
	ahead, err := run.DateBy(ctx, parts, now.UnixMilli())
	if err != nil {
		return fresh, nil, err
	}
	source.ClockUnset = source.ClockUnset || ahead
	parts = importable(parts)
	fixes := slices.Concat(parts...)
	switch {
	case a.Planned || len(fixes) < 2 && count(a.Parts) >= 2:
		return fresh, nil, errNoTimes
	case len(fixes) < 2:
		return fresh, nil, run.ErrRunTooShort
	case a.Indoor && !cid.IsZero():
		return fresh, nil, errIndoors
	}
	if a.Indoor {
		indoors, err := run.NewIndoor(fixes, a.Device.DistanceMeters, a.Device.ElapsedSeconds)
		if err != nil {
			return fresh, nil, err
		}
		source.Indoor = &indoors
	}
	fresh, err = run.NewSession(run.NewSessionInput{
		ID: id.New[id.SessionKind](r.ids), UserID: uid, CourseID: cid, Activity: activity, Imported: true, Source: source,
		ClientSessionID: name,
		StartedAt:       time.UnixMilli(min(fixes[0].Timestamp, now.UnixMilli())).UTC(),
	}, now)
	return fresh, parts, err
}

// chunksOf cuts the fixes of a recording into chunks; there are none indoors.
func chunksOf(s run.Session, parts [][]run.Fix) ([]run.Chunk, error) {
	if s.Source().Indoor != nil {
		return nil, nil
	}
	return run.CutChunks(slices.Concat(parts...), run.CutPauses(parts), run.MaxChunkFixes)
}

// madeBefore returns the session that the same recording has made before, or the
// zero session. Its name says that it is the same: one that is dated by its file's
// coming begins at another time whenever it comes.
func (r *Runs) madeBefore(ctx context.Context, fresh run.Session) (run.Session, error) {
	s, err := r.store.SessionNamed(ctx, fresh.Owner(), fresh.Snapshot().ClientSessionID)
	if notFound(err) {
		return run.Session{}, nil
	}
	return s, err
}

// filled returns a session with all the chunks of its file, if it would take them.
func (r *Runs) filled(s run.Session, chunks []run.Chunk) (run.Session, error) {
	for _, c := range chunks {
		var err error
		if s, _, err = s.Accept(s.Owner(), c, r.clock.Now()); err != nil {
			return s, ofFile(err)
		}
	}
	return s, nil
}

// startImport stores the session of a file that would take all its chunks, or
// finds the one that the file made before. One that was left by an import that
// was cut off, and abandoned, gives way.
func (r *Runs) startImport(ctx context.Context, fresh run.Session, chunks []run.Chunk, unmetered bool) (s run.Session, err error) {
	if refused := r.followable(ctx, fresh.Owner(), fresh.CourseID()); refused != nil {
		if s, err = r.begunBefore(ctx, fresh, refused); err == nil && s.Status() == run.Abandoned {
			err = refused
		}
		return s, err
	}
	if _, err := r.filled(fresh, chunks); err != nil {
		return s, err
	}
	allowed := r.checkImports
	if unmetered {
		allowed = func(context.Context, ports.Sessions, run.Session) error { return nil }
	}
	if s, _, err = r.admit(ctx, fresh, allowed); err != nil || s.Status() != run.Abandoned {
		return s, err
	}
	if err := r.store.DropOpenSession(ctx, s.ID()); err != nil {
		return s, err
	}
	s, _, err = r.admit(ctx, fresh, allowed)
	return s, err
}

// ofFile says of a file what a fault says of a session, which its sender never saw.
func ofFile(err error) error {
	if errors.Is(err, run.ErrSessionFull) {
		return fault.As(err).Saying("the file holds more than a run can: `what` is over its limit; cut it in two")
	}
	return err
}

// timed returns the fixes of parts that have a time.
func timed(parts []ports.TrackPart) [][]run.Fix {
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
