package app_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/tokens"
	"github.com/runvs/runvs/adapters/tracks"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// ending is a context that ends at its n-th look. The store looks at each call, and
// before each commit.
type ending struct {
	context.Context
	left atomic.Int64
}

// Err implements context.Context.
func (e *ending) Err() error {
	if e.left.Add(-1) < 0 {
		return context.Canceled
	}
	return e.Context.Err()
}

// town is a world in which much has happened.
type town struct {
	world
	joon    id.User
	tokens  app.Tokens // joon's
	course  id.Course  // mina's, and joon completed it
	unrun   id.Course  // mina's
	run     id.Record  // joon's on the course, settled
	free    id.Record  // mina's, pending
	pending id.Record  // mina's on the course, not settled yet
	open    id.Session // mina's, with all of its chunks
	still   id.Session // mina's, that cannot become a run
	left    id.Session // mina's, abandoned
}

func newTown(t *testing.T) town {
	t.Helper()
	w := town{world: newWorld(t)}
	signer, err := tokens.New(tokens.Config{Secrets: []tokens.Secret{{KID: "k", Key: make([]byte, 32)}}, Issuer: "runvs", Audience: "runvs"})
	noError(t, err)
	secrets, err := tokens.NewRefreshSecrets(tokens.MinHashCost)
	noError(t, err)
	w.App = app.New(app.Deps{
		Store: w.store, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Letters: letters.Tables{},
		Tokens: signer, Secrets: cheapSecrets{secrets}, Avatars: anAvatar{}, Blobs: keptBlobs{}, Images: noPicture{}, Geometry: &drawer{},
		Files: &writing{&files{track: fixesEvery(100, time.Second, 3)}, tracks.New(plenty())}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, app.Settings{DevLogin: true})
	login, err := w.Auth.Login(t.Context(), "dev", "joon", "")
	noError(t, err)
	w.joon, w.tokens = login.User.ID, login.Tokens
	_, err = w.Users.SetAvatar(t.Context(), w.mina, nil)
	noError(t, err)
	line, err := geo.NewLine([]geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.5, 127+600.0/88_426)})
	noError(t, err)
	for _, cid := range []*id.Course{&w.course, &w.unrun} {
		c, err := course.New(course.Input{ID: id.New[id.CourseKind](ids{}), CreatorID: w.mina, Title: "600 m", Route: line, IsPublic: true, Tags: []string{}}, morning)
		noError(t, err)
		noError(t, w.store.InsertCourse(t.Context(), c))
		*cid = c.ID
	}
	w.run = w.ran(t, w.joon, 600).ID
	noError(t, w.Settle.Run(t.Context(), w.run))
	w.pending, w.free = w.ran(t, w.mina, 610).ID, aRecord(t, w.world).(id.Record)
	w.open = w.world.start(t, minute(0, run.Final, 180))
	one := minute(0, run.Final, 180)
	one.Fixes = one.Fixes[:1]
	w.still = w.world.start(t, one)
	w.left = w.world.start(t, minute(0, run.Final, 180))
	_, err = w.Runs.Abandon(t.Context(), w.mina, w.left)
	noError(t, err)
	return w
}

// ran has somebody run the course in five minutes.
func (w town) ran(t *testing.T, uid id.User, meters float64) run.Record {
	t.Helper()
	s, _, err := w.Runs.Start(t.Context(), uid, app.StartInput{StartedAt: morning, CourseID: w.course})
	noError(t, err)
	in := minute(0, run.Final, meters)
	for i := range in.Fixes {
		in.Fixes[i].Timestamp = morning.UnixMilli() + int64(i)*5000
	}
	c, err := run.NewChunk(in)
	noError(t, err)
	_, _, err = w.Runs.AppendChunk(t.Context(), uid, s.ID(), c)
	noError(t, err)
	rec, _, err := w.Runs.Complete(t.Context(), uid, s.ID(), app.CompleteInput{})
	noError(t, err)
	return rec
}

// writing reads one track, and writes all.
type writing struct {
	ports.TrackFiles
	writer tracks.Files
}

// Write implements ports.TrackFiles.
func (w *writing) Write(t ports.Track, f ports.TrackFormat) ([]byte, error) {
	return w.writer.Write(t, f)
}

// all reads a walk to its end, or to its error.
func all[T any](walk iter.Seq2[T, error]) (rows []T, err error) {
	for row, err := range walk {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// first returns the last of several results.
func first(results ...any) error {
	err, _ := results[len(results)-1].(error)
	return err
}

// Whatever is interrupted at its first, second, third … step says so, leaves nothing
// half done, and can be done in the end as if nothing had been.
func TestWhatIsInterruptedAnywhereCanBeDoneAgain(t *testing.T) {
	title := "another name"
	page := ports.Page{Limit: 10}
	for name, do := range map[string]func(ctx context.Context, w town) error{
		"a sign-in":       func(ctx context.Context, w town) error { return first(w.Auth.Login(ctx, "dev", "sora", "")) },
		"a refresh":       func(ctx context.Context, w town) error { return first(w.Auth.Refresh(ctx, w.tokens.Refresh, "key")) },
		"an access token": func(ctx context.Context, w town) error { return first(w.Auth.Authenticate(ctx, w.tokens.Access)) },
		"a logout of all": func(ctx context.Context, w town) error { return w.Auth.LogoutAll(ctx, w.joon) },
		"an account":      func(ctx context.Context, w town) error { return first(w.Users.Me(ctx, w.mina)) },
		"a profile":       func(ctx context.Context, w town) error { return first(w.Users.Public(ctx, w.mina)) },
		"a new nickname": func(ctx context.Context, w town) error {
			return first(w.Users.Change(ctx, w.mina, app.Profile{Nickname: &title}))
		},
		"a picture": func(ctx context.Context, w town) error { return first(w.Users.SetAvatar(ctx, w.mina, nil)) },
		"a history": func(ctx context.Context, w town) error {
			return first(w.Users.Runs(ctx, ports.RecordQuery{Owner: w.mina, Page: page}))
		},
		"a runner's sums": func(ctx context.Context, w town) error { return first(w.Users.Stats(ctx, w.mina)) },
		"an unlinking":    func(ctx context.Context, w town) error { return w.Users.ProviderUnlinked(ctx, "dev", "mina") },
		"an exit":         func(ctx context.Context, w town) error { return w.Users.Exit(ctx, w.mina) },
		"leaving":         func(ctx context.Context, w town) error { return w.Users.Leave(ctx, w.mina, "") },
		"a start": func(ctx context.Context, w town) error {
			return first(w.Runs.Start(ctx, w.mina, app.StartInput{StartedAt: morning, CourseID: w.course}))
		},
		"sessions":      func(ctx context.Context, w town) error { return first(w.Runs.Sessions(ctx, w.mina, "", page)) },
		"an abandoning": func(ctx context.Context, w town) error { return first(w.Runs.Abandon(ctx, w.mina, w.open)) },
		"a resumption":  func(ctx context.Context, w town) error { return first(w.Runs.Resume(ctx, w.mina, w.left)) },
		"a completion": func(ctx context.Context, w town) error {
			return first(w.Runs.Complete(ctx, w.mina, w.open, app.CompleteInput{}))
		},
		"a recovery": func(ctx context.Context, w town) error { return first(w.Runs.Finalize(ctx, w.mina, w.left)) },
		"an import": func(ctx context.Context, w town) error {
			return first(w.Runs.Import(ctx, w.mina, nil, app.ImportInput{CourseID: w.course}))
		},
		"a run":            func(ctx context.Context, w town) error { return first(w.Runs.Record(ctx, w.mina, w.free)) },
		"a run's title":    func(ctx context.Context, w town) error { return first(w.Runs.SetTitle(ctx, w.mina, w.free, title)) },
		"a run's deletion": func(ctx context.Context, w town) error { return w.Runs.Delete(ctx, w.joon, w.run) },
		"a verdict":        func(ctx context.Context, w town) error { return first(w.Runs.Verdict(ctx, w.joon, w.run)) },
		"a run's track": func(ctx context.Context, w town) error {
			_, release, err := w.Runs.Track(ctx, w.joon, w.run)
			if err == nil {
				release()
			}
			return err
		},
		"a refusal": func(ctx context.Context, w town) error {
			_, _, err := w.Runs.Complete(ctx, w.mina, w.still, app.CompleteInput{})
			if errors.Is(err, run.ErrRunTooShort) {
				return nil
			}
			return err
		},
		"a course": func(ctx context.Context, w town) error {
			return first(w.Courses.Create(ctx, w.joon, w.run, app.NewCourse{Title: title}))
		},
		"a course of a file": func(ctx context.Context, w town) error {
			return first(w.Courses.Import(ctx, w.mina, nil, app.NewCourse{Title: title}))
		},
		"a look at a course": func(ctx context.Context, w town) error { return first(w.Courses.Get(ctx, w.joon, w.course)) },
		"a course's change": func(ctx context.Context, w town) error {
			return first(w.Courses.Change(ctx, w.mina, w.course, course.Change{Title: &title}))
		},
		"a course's line": func(ctx context.Context, w town) error { return first(w.Courses.Track(ctx, w.joon, w.course)) },
		"a course's sums": func(ctx context.Context, w town) error { return first(w.Courses.Stats(ctx, w.joon, w.course)) },
		"a deletion":      func(ctx context.Context, w town) error { return w.Courses.Delete(ctx, w.mina, w.unrun) },
		"a retirement":    func(ctx context.Context, w town) error { return w.Courses.Delete(ctx, w.mina, w.course) },
		"her courses":     func(ctx context.Context, w town) error { return first(w.Courses.Mine(ctx, w.mina, page)) },
		"courses near": func(ctx context.Context, w town) error {
			return first(w.Courses.Nearby(ctx, ports.NearbyQuery{Center: geo.MustPoint(37.5, 127), RadiusMeters: 100, Limit: 5}))
		},
		"courses in view": func(ctx context.Context, w town) error {
			return first(w.Courses.InBounds(ctx, ports.BoundsQuery{Bounds: geo.Around(geo.MustPoint(37.5, 127), 100), Limit: 5}))
		},
		"a map far away": func(ctx context.Context, w town) error {
			tile, err := maptile.New(14, 0, 0)
			if err != nil {
				return err
			}
			return first(w.Courses.MapTile(ctx, tile))
		},
		"a board": func(ctx context.Context, w town) error {
			return first(w.Boards.Board(ctx, app.BoardOf{Course: w.course, Span: ranking.Ever}, ranking.Fastest, page, nil))
		},
		"a place": func(ctx context.Context, w town) error {
			return first(w.Boards.Mine(ctx, app.BoardOf{Viewer: w.joon, Course: w.course, Span: ranking.Ever}, 3))
		},
		"a settling": func(ctx context.Context, w town) error {
			return w.Handle(ctx, ports.Job{Kind: ports.JobSettleRun, ID: w.pending.String()})
		},
		"a giving up": func(ctx context.Context, w town) error {
			return w.GiveUp(ctx, ports.Job{Kind: ports.JobSettleRun, ID: w.free.String()}, "")
		},
		"a publishing": func(ctx context.Context, w town) error {
			return w.Handle(ctx, ports.Job{Kind: ports.JobPublishCourse, ID: w.course.String()})
		},
		"an exit as a job": func(ctx context.Context, w town) error {
			return w.Handle(ctx, ports.Job{Kind: ports.JobExitUser, ID: w.mina.String()})
		},
		"a look for silent sessions": func(ctx context.Context, w town) error {
			w.clock.now = morning.Add(run.SilenceLimit)
			return w.Handle(ctx, ports.Job{Kind: ports.JobEndSilent})
		},
		"a silent session": func(ctx context.Context, w town) error {
			w.clock.now = morning.Add(run.SilenceLimit)
			return w.Handle(ctx, ports.Job{Kind: ports.JobEndSession, ID: w.open.String()})
		},
		"judging again": func(ctx context.Context, w town) error {
			rec, err := w.store.Record(context.Background(), w.run)
			if err != nil {
				return err
			}
			if rec.Verdict.RuleVersion != "old" {
				rec.Verdict.RuleVersion, rec.Result.Completed = "old", false
				if err := w.store.SaveRecord(context.Background(), rec); err != nil {
					return err
				}
			}
			return w.Rejudge.Run(ctx, id.Course{}, false, app.Findings{Judged: func(app.Rejudged) {}, Skipped: func(id.Course, error) {}})
		},
		"an export": func(ctx context.Context, w town) error { return exported(ctx, w) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			for steps := int64(0); ; steps++ {
				ctx := &ending{Context: t.Context()}
				ctx.left.Store(steps)
				err := do(ctx, w)
				if err == nil {
					if steps == 0 {
						t.Error("it asks the store nothing")
					}
					return
				}
				if !errors.Is(err, context.Canceled) || steps > 10_000 {
					t.Fatalf("at step %d: %v", steps, err)
				}
			}
		})
	}
}

// exported reads all of an export, and says whether it is all.
func exported(ctx context.Context, w town) error {
	u, accounts, err := w.Export.Account(ctx, w.mina)
	if err != nil {
		return err
	}
	picture, err := w.Export.Picture(ctx, u)
	if err != nil {
		return err
	}
	if _, err := w.Export.Stats(ctx, w.mina); err != nil {
		return err
	}
	signIns, err := all(w.Export.SignIns(ctx, w.joon))
	if err != nil {
		return err
	}
	rows, err := all(w.Export.Rankings(ctx, w.joon))
	if err != nil {
		return err
	}
	courses, err := all(w.Export.Courses(ctx, w.mina))
	if err != nil {
		return err
	}
	sessions, err := all(w.Export.Sessions(ctx, w.mina))
	if err != nil {
		return err
	}
	chunks, gpx := 0, 0
	for _, s := range sessions {
		r, release, err := w.Export.Run(ctx, s)
		if err != nil {
			return err
		}
		release()
		chunks += len(r.Chunks)
		if r.Record != nil && len(r.GPX) > 0 {
			gpx++
		}
	}
	if len(accounts) != 1 || string(picture) != "a picture" || len(signIns) != 1 || len(rows) == 0 || len(courses) != 2 || len(sessions) != 5 || chunks != 5 || gpx != 2 {
		return fault.New(fault.Internal, "test", "the export has %d accounts, %q, %d sign-ins, %d rows, %d courses, %d sessions with %d chunks, %d tracks",
			len(accounts), picture, len(signIns), len(rows), len(courses), len(sessions), chunks, gpx)
	}
	return nil
}
