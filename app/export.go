package app

import (
	"context"
	"iter"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Export gives a user everything that is kept of them, a little at a time: what
// there is much of is walked in pages, and of heavy things one is in memory.
type Export struct {
	store  exportStore
	blobs  ports.Blobs
	budget ports.Budget
	files  ports.TrackFiles
}

// exportStore is what an export asks of the store.
type exportStore interface {
	User(ctx context.Context, uid id.User) (user.User, error)
	SocialAccounts(ctx context.Context, uid id.User) ([]user.SocialAccount, error)
	UserStats(ctx context.Context, uid id.User) (stats.User, error)
	SignIns(ctx context.Context, uid id.User, after id.Family, limit int) ([]auth.SignIn, error)
	UserRankings(ctx context.Context, uid id.User, after *ports.RankingKey, limit int) ([]ranking.Row, error)
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	SessionsOf(ctx context.Context, owner id.User, after id.Session, limit int) ([]run.Session, error)
	Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error)
	Record(ctx context.Context, rid id.Record) (run.Record, error)
	ListCourses(ctx context.Context, q ports.CourseQuery, page ports.Page, after *ports.CourseKey) ([]ports.CourseSummary, int, error)
	Course(ctx context.Context, cid id.Course) (course.Course, error)
}

// exportPage is how many rows are read at once.
const exportPage = 100

// Account returns the user's account, with their accounts at identity providers.
func (e *Export) Account(ctx context.Context, uid id.User) (user.User, []user.SocialAccount, error) {
	u, err := e.store.User(ctx, uid)
	if err != nil {
		return u, nil, err
	}
	accounts, err := e.store.SocialAccounts(ctx, uid)
	return u, accounts, err
}

// Picture returns the user's picture, a JPEG; nil for none.
func (e *Export) Picture(ctx context.Context, u user.User) ([]byte, error) {
	if u.AvatarID.IsZero() {
		return nil, nil
	}
	jpeg, _, err := e.blobs.Get(ctx, avatarKey(u.AvatarID))
	if notFound(err) { // replaced meanwhile
		return nil, nil
	}
	return jpeg, err
}

// Stats returns what the user's runs add up to.
func (e *Export) Stats(ctx context.Context, uid id.User) (stats.User, error) {
	return e.store.UserStats(ctx, uid)
}

// SignIns walks the user's sign-ins.
func (e *Export) SignIns(ctx context.Context, uid id.User) iter.Seq2[auth.SignIn, error] {
	return walk(func(last *auth.SignIn) ([]auth.SignIn, error) {
		var after id.Family
		if last != nil {
			after = last.Family
		}
		return e.store.SignIns(ctx, uid, after, exportPage)
	})
}

// Rankings walks the user's rows on boards.
func (e *Export) Rankings(ctx context.Context, uid id.User) iter.Seq2[ranking.Row, error] {
	return walk(func(last *ranking.Row) ([]ranking.Row, error) {
		var after *ports.RankingKey
		if last != nil {
			after = &ports.RankingKey{CourseID: last.CourseID, Period: last.Period}
		}
		return e.store.UserRankings(ctx, uid, after, exportPage)
	})
}

// Sessions walks the user's sessions, whatever became of them.
func (e *Export) Sessions(ctx context.Context, uid id.User) iter.Seq2[run.Session, error] {
	return walk(func(last *run.Session) ([]run.Session, error) {
		var after id.Session
		if last != nil {
			after = last.ID()
		}
		return e.store.SessionsOf(ctx, uid, after, exportPage)
	})
}

// Run is a session with what it sent and what became of it.
type Run struct {
	Chunks []run.Chunk
	Record *run.Record // nil while there is none
	GPX    []byte      // the record's track; nil for a run indoors
}

// Run returns what there is of one of the user's sessions. One that was deleted
// meanwhile is empty. It is within the budget until release is called.
func (e *Export) Run(ctx context.Context, s run.Session) (out Run, release func(), err error) {
	takes := []run.Take{{SessionID: s.ID()}}
	if !s.RecordID().IsZero() {
		rec, err := e.store.Record(ctx, s.RecordID())
		if err == nil {
			out.Record, takes = &rec, append(takes, rec.Edits.Takes...)
		} else if !notFound(err) {
			return out, nil, err
		}
	}
	tapes, release, err := load(ctx, e.store, e.budget, takes, func(fixes int) int64 { return writtenFix * int64(fixes) })
	if notFound(err) { // deleted meanwhile, or what it was merged of
		return Run{}, func() {}, nil
	}
	if err != nil {
		return out, nil, err
	}
	out.Chunks = tapes[0].Chunks
	if out.Record == nil || out.Record.Indoor {
		return out, release, nil
	}
	made := tapes
	if len(out.Record.Edits.Takes) > 0 {
		made = tapes[1:]
	}
	fixes, err := run.Usable(ctx, made, out.Record.Filter)
	if err == nil {
		out.GPX, err = e.files.Write(trackOf(*out.Record, fixes), ports.GPX)
	}
	if err != nil {
		release()
		return out, nil, err
	}
	return out, release, nil
}

// Courses walks the courses that the user made, whole.
func (e *Export) Courses(ctx context.Context, uid id.User) iter.Seq2[course.Course, error] {
	q := ports.CourseQuery{Viewer: uid, Creator: uid, Sort: ports.NewestFirst}
	summaries := walk(func(last *ports.CourseSummary) ([]ports.CourseSummary, error) {
		var after *ports.CourseKey
		if last != nil {
			after = &ports.CourseKey{CreatedAt: last.CreatedAt, ID: last.ID}
		}
		some, _, err := e.store.ListCourses(ctx, q, ports.Page{Limit: exportPage}, after)
		return some, err
	})
	return func(yield func(course.Course, error) bool) {
		for summary, err := range summaries {
			var whole course.Course
			if err == nil {
				if whole, err = e.store.Course(ctx, summary.ID); notFound(err) {
					continue
				}
			}
			if !yield(whole, err) {
				return
			}
		}
	}
}

// walk yields the rows of pages, each of which begins behind the last row of the one
// before (nil for the first), until one is empty. An error is the last thing.
func walk[T any](page func(last *T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for last := (*T)(nil); ; {
			rows, err := page(last)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if len(rows) == 0 {
				return
			}
			last = &rows[len(rows)-1]
		}
	}
}
