package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Runs takes runs in, from the first chunk to the record.
type Runs struct {
	store    runStore
	clock    ports.Clock
	ids      id.Generator
	budget   ports.Budget
	zones    ports.TimeZones
	files    ports.TrackFiles
	log      *slog.Logger
	filter   run.FilterConfig
	prepared *prepared
	ended    *endings
	closing  turns[id.Session]
}

// runStore is what taking runs in, and showing them, asks of the store.
type runStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (run.Session, run.Acceptance, error)
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	ListSessions(ctx context.Context, owner id.User, status run.Status, page ports.Page) ([]run.Session, int, error)
	DropOpenSession(ctx context.Context, sid id.Session) error
	SessionNamed(ctx context.Context, owner id.User, clientSessionID string) (run.Session, error)
	Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error)
	Record(ctx context.Context, rid id.Record) (run.Record, error)
	RecordProcessing(ctx context.Context, rid id.Record) (run.Processing, error)
	Overlapping(ctx context.Context, owner id.User, from, to time.Time, limit int) ([]id.Record, error)
	PartsOf(ctx context.Context, rid id.Record) ([]id.Record, error)
	SplitOff(ctx context.Context, rid id.Record) ([]id.Record, error)
	TrackTaken(ctx context.Context, digest run.Digest, except id.User) (bool, error)
	User(ctx context.Context, uid id.User) (user.User, error)
	CourseAccess(ctx context.Context, cid id.Course) (ports.CourseAccess, error)
	Course(ctx context.Context, cid id.Course) (course.Course, error)
}

// StartInput is what a phone says when a run starts.
type StartInput struct {
	CourseID        id.Course // zero for a free run
	StartedAt       time.Time
	Activity        run.Activity        // "" means a run
	DeviceInfo      strictjson.Document // an object, or nil
	ClientSessionID string              // canonical UUID in lower case, or ""
}

// Start starts a session; created is false when client_session_id named one
// that exists with the same body, whatever became of its course. Faults: course_not_found, course_retired,
// course_set_aside, session_conflict, too_many_sessions, Invalid for an impossible start.
func (r *Runs) Start(ctx context.Context, uid id.User, in StartInput) (s run.Session, created bool, err error) {
	fresh, err := run.NewSession(run.NewSessionInput{
		ID: id.New[id.SessionKind](r.ids), UserID: uid, CourseID: in.CourseID, StartedAt: in.StartedAt, Activity: in.Activity, DeviceInfo: in.DeviceInfo, ClientSessionID: in.ClientSessionID,
	}, r.clock.Now())
	if err != nil {
		return s, false, err
	}
	if err := r.followable(ctx, uid, in.CourseID); err != nil {
		s, err = r.begunBefore(ctx, fresh, err)
		return s, false, err
	}
	return r.admit(ctx, fresh, checkActive)
}

// begunBefore returns the session that a request asks for once more which is refused
// as a new one: what was begun when the course was there is begun. Else it is refused.
func (r *Runs) begunBefore(ctx context.Context, fresh run.Session, refused error) (run.Session, error) {
	name := fresh.Snapshot().ClientSessionID
	if name == "" || fault.KindOf(refused) == fault.Unavailable {
		return run.Session{}, refused
	}
	s, err := r.store.SessionNamed(ctx, fresh.Owner(), name)
	switch {
	case notFound(err):
		return s, refused
	case err == nil && !s.SameBody(fresh):
		err = run.ErrSessionConflict
	}
	return s, err
}

// followable says whether a runner may run a course; nothing, for a free run. The
// judge will need it soon, so it is prepared. Faults: course_not_found,
// course_retired, course_set_aside.
func (r *Runs) followable(ctx context.Context, uid id.User, cid id.Course) error {
	if cid.IsZero() {
		return nil
	}
	c, err := r.store.CourseAccess(ctx, cid)
	if err == nil {
		err = c.CheckRun(uid)
	}
	if err != nil {
		return err
	}
	_, err = r.prepared.stored(ctx, r.store, c)
	return err
}

// admit stores a new session, if its runner is allowed one more. Sessions of one
// runner are admitted one after another, so no two take the last place.
func (r *Runs) admit(ctx context.Context, s run.Session, allowed func(context.Context, ports.Sessions, run.Session) error) (stored run.Session, created bool, err error) {
	err = r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) (err error) {
		if err = tx.LockUser(ctx, s.Owner()); err != nil {
			return err
		}
		if stored, created, err = tx.InsertSession(ctx, s); err != nil || !created {
			return err
		}
		return allowed(ctx, tx, s)
	})
	if err == nil && !created && !stored.SameBody(s) {
		err = run.ErrSessionConflict
	}
	return stored, created, err
}

// activeNamed is how many active sessions are looked at and named at most. There
// are more only from before run.MaxActiveSessions was.
const activeNamed = 100

// checkActive refuses an active session that is one too many. Its runner's lock
// is held.
func checkActive(ctx context.Context, tx ports.Sessions, s run.Session) error {
	active, err := tx.ActiveSessions(ctx, s.Owner(), activeNamed)
	if err != nil {
		return err
	}
	return run.CheckActive(slices.DeleteFunc(active, func(other id.Session) bool { return other == s.ID() }))
}

// checkImports refuses an import that is one too many, and the newest already.
// Its runner's lock is held.
func (r *Runs) checkImports(ctx context.Context, tx ports.Sessions, s run.Session) error {
	earliest, err := tx.NthImport(ctx, s.Owner(), run.MaxImportsADay+1)
	if err != nil {
		return err
	}
	return run.CheckImports(earliest, r.clock.Now())
}

// Session returns one of the runner's sessions, or session_not_found.
func (r *Runs) Session(ctx context.Context, uid id.User, sid id.Session) (run.Session, error) {
	s, err := r.store.Session(ctx, sid)
	if err != nil {
		return s, err
	}
	if s.Owner() != uid {
		return run.Session{}, run.ErrSessionNotFound
	}
	return s, nil
}

// Sessions returns the runner's sessions, newest first; an empty status means any.
func (r *Runs) Sessions(ctx context.Context, uid id.User, status run.Status, page ports.Page) ([]run.Session, int, error) {
	return r.store.ListSessions(ctx, uid, status, page)
}

// AppendChunk takes a chunk in. When it returns without a fault, the chunk is
// durable. Faults: those of run.Session.Accept.
func (r *Runs) AppendChunk(ctx context.Context, uid id.User, sid id.Session, c run.Chunk) (run.Session, run.Acceptance, error) {
	now := r.clock.Now()
	return r.store.AppendChunk(ctx, sid, c, func(s run.Session) (run.Session, run.Acceptance, error) {
		return s.Accept(uid, c, now)
	})
}

// Abandon ends a session without a record. Faults: session_not_found, session_closed.
func (r *Runs) Abandon(ctx context.Context, uid id.User, sid id.Session) (run.Session, error) {
	return r.change(ctx, uid, sid, run.Session.Abandon)
}

// Resume opens an abandoned session again. Faults: session_not_found,
// nothing_to_recover, session_closed, too_many_sessions.
func (r *Runs) Resume(ctx context.Context, uid id.User, sid id.Session) (run.Session, error) {
	if err := r.worthResuming(ctx, uid, sid); err != nil {
		return run.Session{}, err
	}
	return r.change(ctx, uid, sid, run.Session.Resume)
}

// worthResuming refuses to open an abandoned session of which all is there and no
// record can be made: it takes no chunk that could change that. Who abandoned a run
// that makes one may have it back.
func (r *Runs) worthResuming(ctx context.Context, uid id.User, sid id.Session) error {
	s, err := r.Session(ctx, uid, sid)
	if err != nil || s.Status() != run.Abandoned || !s.Ledger().HasFinal() || s.WholeSet(0) != nil {
		return err
	}
	closed, err := s.Recover(id.New[id.RecordKind](r.ids))
	if err == nil {
		_, err = r.measure(ctx, closed, closing{tooShort: run.ErrRunTooShort})
	}
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return run.ErrNothingToRecover.Saying("all of the run has arrived, and no record can be made of it: %s", f.Message)
	}
	return err
}

// change applies a verb of the session under its lock.
func (r *Runs) change(ctx context.Context, uid id.User, sid id.Session, verb func(run.Session, time.Time) (run.Session, error)) (s run.Session, err error) {
	err = r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if s, err = lockOwn(ctx, tx, uid, sid); err != nil {
			return err
		}
		before := s.Status()
		if s, err = verb(s, r.clock.Now()); err != nil {
			return err
		}
		if err := tx.SaveSession(ctx, s); err != nil || s.Status() == before || s.Status() != run.Active {
			return err
		}
		if err := tx.LockUser(ctx, uid); err != nil { // after the session, as locks are taken
			return err
		}
		return checkActive(ctx, tx, s)
	})
	return s, err
}

// lockOwn locks a session and checks that it is the runner's.
func lockOwn(ctx context.Context, tx ports.Sessions, uid id.User, sid id.Session) (run.Session, error) {
	s, err := tx.LockSession(ctx, sid)
	if err != nil {
		return s, err
	}
	if s.Owner() != uid {
		return run.Session{}, run.ErrSessionNotFound
	}
	return s, nil
}

// notFound reports whether err says that something is not there.
func notFound(err error) bool { return fault.KindOf(err) == fault.NotFound }
