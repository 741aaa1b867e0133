package seed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Options say what a store is filled with.
type Options struct {
	Courses, Runs int
	Thumbnails    bool   // have jobs draw them, 20 ms each
	Dense         bool   // all in one city
	Seed          uint64 // equal seeds give equal courses and runs
	Parallel      int    // runs that are recorded at once
}

// Target is what is filled.
type Target struct {
	App     *app.App
	Store   ports.Store
	IDs     id.Generator
	Letters user.Letters
	Now     time.Time
}

// batch is how many courses one transaction stores.
const batch = 500

// filling is a store that is being filled.
type filling struct {
	Options
	Target
	*Generator
	people  []id.User
	courses []courseLine
	bars    io.Writer
}

// courseLine is what runs need of a course.
type courseLine struct {
	id    id.Course
	route geo.Line
}

// maxLanes is on how many of the new courses people run.
const maxLanes = 10_000

// Fill stores synthetic people, courses and runs. Runs go the way of every run:
// session, chunk, record, verdict, board and statistics; Fill returns when all
// are judged. What it stored stays when it fails.
func Fill(ctx context.Context, o Options, t Target, bars io.Writer) error {
	f := &filling{Options: o, Target: t, Generator: New(Source{Seed: o.Seed, Dense: o.Dense, IDs: t.IDs, Now: t.Now}), bars: bars}
	for _, step := range []func(context.Context) error{f.addPeople, f.addCourses, f.addRuns} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) bar(n int, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(f.bars), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(f.bars) }))
}

// addPeople makes a runner for ten runs, and at most 1,000 creators, for twenty
// courses each or more; whoever is there from before is used again.
func (f *filling) addPeople(ctx context.Context) error {
	n := max(10, min(1000, f.Courses/20), f.Runs/10)
	bar := f.bar(n, "people ")
	for i := range n {
		name := strconv.FormatInt(int64(i), 36)
		nickname, err := user.NewNickname(f.Letters, "러너 "+name)
		if err != nil {
			return err
		}
		account := user.SocialAccount{Provider: "dev", ProviderID: "seed-" + name}
		fresh := user.User{ID: id.New[id.UserKind](f.IDs), Nickname: nickname, CreatedAt: f.Now, UpdatedAt: f.Now}
		u, _, err := f.Store.FindOrCreateUser(ctx, account, fresh)
		if errors.Is(err, user.ErrNicknameTaken) {
			fresh.Nickname = user.Nickname{}
			u, _, err = f.Store.FindOrCreateUser(ctx, account, fresh)
		}
		if err != nil {
			return err
		}
		f.people = append(f.people, u.ID)
		_ = bar.Add(1) // what a bar cannot draw does not matter
	}
	return nil
}

func (f *filling) addCourses(ctx context.Context) error {
	bar := f.bar(f.Courses, "courses")
	for left := f.Courses; left > 0; {
		made := make([]course.Course, min(left, batch))
		for i := range made {
			var err error
			if made[i], err = f.Course(f.people[f.random.IntN(len(f.people))]); err != nil {
				return err
			}
			if len(f.courses) < maxLanes {
				f.courses = append(f.courses, courseLine{made[i].ID, made[i].Route})
			}
		}
		err := f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
			if err := tx.InsertCourses(ctx, made); err != nil || !f.Thumbnails {
				return err
			}
			for _, c := range made {
				if err := tx.Enqueue(ctx, ports.Job{Kind: ports.JobPublishCourse, ID: c.ID.String()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		left -= len(made)
		_ = bar.Add(len(made))
	}
	return nil
}

// attempt is a run that somebody is to record.
type attempt struct {
	runner    id.User
	course    id.Course
	startedAt time.Time
	chunk     run.ChunkInput
}

// addRuns records runs, and waits until all are judged.
func (f *filling) addRuns(ctx context.Context) error {
	if f.Runs == 0 {
		return nil
	}
	if len(f.courses) == 0 {
		return fmt.Errorf("runs need courses: give --courses as well")
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	bar := f.bar(f.Runs, "runs   ")
	attempts, records := make(chan attempt), make(chan id.Record, 4*f.Parallel)
	var recorders, waiters sync.WaitGroup
	var judged atomic.Int64
	for range f.Parallel {
		recorders.Go(func() {
			for a := range attempts {
				rid, err := f.record(ctx, a)
				if err != nil {
					stop(err)
					return
				}
				records <- rid
			}
		})
		waiters.Go(func() {
			for rid := range records {
				if err := f.awaitVerdict(ctx, rid); err != nil {
					stop(err)
					continue // until nobody sends any more
				}
				judged.Add(1)
				_ = bar.Add(1)
			}
		})
	}
	for range f.Runs {
		// Few courses are run by many.
		share := math.Pow(f.random.Float64(), 4)
		on := f.courses[int(share*float64(len(f.courses)))]
		a := attempt{runner: f.people[f.random.IntN(len(f.people))], course: on.id}
		a.startedAt, a.chunk = f.Run(on.route)
		select {
		case attempts <- a:
		case <-ctx.Done():
		}
	}
	close(attempts)
	recorders.Wait()
	close(records)
	waiters.Wait()
	return context.Cause(ctx)
}

func (f *filling) record(ctx context.Context, a attempt) (id.Record, error) {
	c, err := run.NewChunk(a.chunk)
	if err != nil {
		return id.Record{}, err
	}
	s, _, err := f.App.Runs.Start(ctx, a.runner, app.StartInput{CourseID: a.course, StartedAt: a.startedAt})
	if err != nil {
		return id.Record{}, err
	}
	if _, _, err := f.App.Runs.AppendChunk(ctx, a.runner, s.ID(), c); err != nil {
		return id.Record{}, err
	}
	rec, _, err := f.App.Runs.Complete(ctx, a.runner, s.ID(), app.CompleteInput{})
	return rec.ID, err
}

// awaitVerdict returns when the workers of this or another process are done with
// a run.
func (f *filling) awaitVerdict(ctx context.Context, rid id.Record) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		p, err := f.Store.RecordProcessing(ctx, rid)
		if err != nil || p != run.ProcessingPending {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
