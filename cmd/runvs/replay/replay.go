package replay

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/runvs/runvs/domain/run"
)

// Run plays the files and returns a result for each, in the order given. With
// Course "new" the first file is played alone and becomes the course that the
// others follow. bars is where progress is drawn; nil for nowhere.
func Run(ctx context.Context, opts Options, files []string, bars io.Writer) (results []Result, courseID string, err error) {
	runs := make([]recording, len(files))
	total := 0
	for i, f := range files {
		if runs[i], err = read(ctx, f); err != nil {
			return nil, "", err
		}
		total += len(cut(runs[i].fixes, opts.Chunk))
	}
	clients := make([]*client, len(files))
	for i, f := range files {
		clients[i] = newClient(opts.Server)
		if err := login(ctx, clients[i], runner(opts.User, f)); err != nil {
			return nil, "", err
		}
	}
	if bars == nil {
		bars = io.Discard
	}
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(bars), progressbar.OptionSetDescription("uploading chunks"),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	results = make([]Result, len(runs))
	playOne := func(i int, r recording, course string) {
		p := &phone{client: clients[i], opts: opts, step: func() { _ = bar.Add(1) }}
		if opts.Faults {
			h := fnv.New64a()
			_, _ = h.Write([]byte(files[i]))
			p.fault = rand.New(rand.NewPCG(opts.Seed, h.Sum64())) // faults are to be repeatable
		}
		record, err := p.play(ctx, r, course)
		results[i] = Result{File: files[i], Record: record, Dropped: r.dropped, Err: err}
		if id, ok := record["id"].(string); ok {
			results[i].RecordID = id
		}
	}
	first := 0
	if courseID = opts.Course; courseID == "new" {
		playOne(0, runs[0].dayBefore(), "") // at one time the two would be one run, which counts once
		if results[0].Err != nil {
			return results[:1], "", results[0].Err
		}
		if courseID, err = makeCourse(ctx, clients[0], results[0].RecordID, runs[0]); err != nil {
			return results[:1], "", err
		}
		playOne(0, runs[0], courseID) // the creator's own run is on the board, too
		first = 1
	}
	var wg sync.WaitGroup
	parallel := max(1, opts.Parallel)
	if opts.User != "" {
		parallel = min(parallel, run.MaxActiveSessions)
	}
	slots := make(chan struct{}, parallel)
	for i := first; i < len(runs); i++ {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			playOne(i, runs[i], courseID)
		}()
	}
	wg.Wait()
	_ = bar.Finish()
	if courseID != "" {
		for i := range results {
			err = errors.Join(err, rank(ctx, clients[i], courseID, &results[i]))
		}
	}
	for _, r := range results {
		if r.Err != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", r.File, r.Err))
		}
	}
	return results, courseID, err
}

func login(ctx context.Context, c *client, name string) error {
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	_, err := c.do(ctx, request{method: http.MethodPost, path: "/auth/login", body: map[string]string{"provider": "dev", "token": name}}, &answer)
	if err != nil {
		return fmt.Errorf("signing in as %q: %w", name, err)
	}
	c.token = answer.AccessToken
	return nil
}

func makeCourse(ctx context.Context, c *client, record string, r recording) (string, error) {
	var course struct {
		ID string `json:"id"`
	}
	_, err := c.do(ctx, request{method: http.MethodPost, path: "/courses", body: map[string]any{"run_record_id": record, "title": r.title}}, &course)
	if err != nil {
		return "", fmt.Errorf("making a course of %s: %w", r.name, err)
	}
	return course.ID, nil
}

// rank looks up the runner's place on the board. A board has one row a runner:
// the run that holds it shows the rank.
func rank(ctx context.Context, c *client, courseID string, r *Result) error {
	var place struct {
		Me *struct {
			Rank                int `json:"rank"`
			BestDurationSeconds int `json:"best_duration_seconds"`
		} `json:"me"`
	}
	if _, err := c.do(ctx, request{method: http.MethodGet, path: "/courses/" + courseID + "/rankings/me?around=0"}, &place); err != nil {
		return err
	}
	seconds, ok := r.Record["course_duration_seconds"].(float64)
	if place.Me != nil && ok && r.Record["course_completed"] == true && int(seconds) == place.Me.BestDurationSeconds {
		r.Rank = place.Me.Rank
	}
	return nil
}

// runner is the name a file's run is played under: each file has a runner of
// its own unless the user names one for all.
func runner(user, file string) string {
	if user != "" {
		return user
	}
	return "runner of " + title(file)
}
