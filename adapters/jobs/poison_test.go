package jobs_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/ports"
)

// killed has a child take jobs up and die of them: as many as are named.
func killed(t *testing.T, b backend, holds ...ports.Job) {
	t.Helper()
	c := startChild(t, b, holds...)
	for range holds {
		c.running(t)
	}
	c.kill()
}

// setAside returns the jobs that are set aside.
func setAside(t *testing.T, b backend) []ports.JobEntry {
	t.Helper()
	return get(get(jobs.NewDesk(b.database))(t).Jobs(t.Context(), ports.JobFailed, 10))(t)
}

func TestAJobThatKillsTwiceIsSetAsideAndTheOthersGoOn(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		poison := settle()
		b.enqueue(t, poison, settle(), settle())
		killed(t, b, poison)
		b.enqueue(t, settle())
		killed(t, b, poison)
		b.enqueue(t, settle())

		var seen journal
		must(t, b.workers(t, &seen).Start(t.Context()))
		eventually(t, "it is set aside, and the others are done", func() bool {
			return b.count(t, "discarded") == 1 && b.count(t, "completed") == 4
		})
		if slices.Contains(seen.jobs(), poison) {
			t.Error("it was tried a third time")
		}
		const reason = "the process died twice while doing it"
		if got := seen.reasons(); !slices.Equal(got, []string{reason}) {
			t.Errorf("the handler was told %q", got)
		}
		e := setAside(t, b)[0]
		if e.Job != poison || e.Deaths != 2 || e.Tries != 2 || e.Reason != reason {
			t.Errorf("the desk shows %+v", e)
		}
	})
}

// Both ran when the process died for the first time; who killed it shows when
// each is done alone.
func TestWhoRanBesideAKillerIsDone(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		poison, before, after := settle(), settle(), settle()
		b.enqueue(t, before, poison, after)
		killed(t, b, before, poison, after)
		killed(t, b, poison) // a moment after the one before it is done
		var seen journal
		must(t, b.workers(t, &seen).Start(t.Context()))
		eventually(t, "one is set aside and the others are done", func() bool {
			return b.count(t, "discarded") == 1 && b.count(t, "completed") == 2
		})
		if got := setAside(t, b)[0].Job; got != poison {
			t.Errorf("%v was set aside, want %v", got, poison)
		}
	})
}

// A suspect that waits for its turn is handed out already; the process dies of
// the job that it waits for.
func TestADeathIsNotOnTheAccountOfWhoWaitedForItsTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		killer, suspect := settle(), settle()
		b.enqueue(t, killer)
		c := startChild(t, b, killer)
		c.running(t)
		for _, statement := range suspectOf(b, suspect) {
			_, err := b.sql.ExecContext(t.Context(), statement)
			must(t, err)
		}
		eventually(t, "the suspect waits for its turn", func() bool { return b.count(t, "running") == 2 })
		c.kill()
		var seen journal
		must(t, b.workers(t, &seen).Start(t.Context()))
		eventually(t, "both are done", func() bool { return b.count(t, "completed") == 2 })
		if len(seen.reasons()) > 0 || b.count(t, "discarded") > 0 {
			t.Errorf("given up: %q", seen.reasons())
		}
	})
}

// suspectOf adds a job with a death on its account.
func suspectOf(b backend, job ports.Job) []string {
	insert := `INSERT INTO river_job (kind, args, max_attempts, queue, metadata) VALUES ('settle_run', '{"id": "` + job.ID + `"}', 4, 'suspects', '{"deaths": 1}')`
	if b.database.Pool() == nil {
		insert = strings.NewReplacer("'{\"id", "jsonb('{\"id", "}', 4", "}'), 4", "'{\"deaths\": 1}'", "jsonb('{\"deaths\": 1}')").Replace(insert)
	}
	return []string{insert}
}

func TestAProcessThatHasNotLivedForAWhileTriesNoSuspect(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		suspect := settle()
		b.enqueue(t, suspect)
		killed(t, b, suspect)
		for range 5 { // a crash loop's rounds, of something else
			w := b.workers(t, doing(fine), func(c *jobs.Config) { c.SuspectCalm = time.Hour })
			must(t, w.Start(t.Context()))
			done := b.count(t, "completed")
			b.enqueue(t, settle())
			eventually(t, "another job is done", func() bool { return b.count(t, "completed") == done+1 })
			must(t, w.Stop(t.Context()))
		}
		if n := b.count(t, "completed"); n != 5 {
			t.Errorf("%d jobs were done, the suspect too", n)
		}
		must(t, b.workers(t, doing(fine)).Start(t.Context()))
		eventually(t, "the suspect is done", func() bool { return b.count(t, "completed") == 6 })
	})
}

func TestAKillerThatIsRetriedIsDoneAloneAndSetAsideByOneMoreDeath(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		poison := settle()
		b.enqueue(t, poison)
		desk := get(jobs.NewDesk(b.database))(t)
		aside := func() ports.JobEntry {
			w := b.workers(t, doing(fine), func(c *jobs.Config) { c.SuspectCalm = time.Hour })
			must(t, w.Start(t.Context()))
			eventually(t, "it is set aside", func() bool { return b.count(t, "discarded") == 1 })
			must(t, w.Stop(t.Context()))
			return setAside(t, b)[0]
		}
		killed(t, b, poison)
		killed(t, b, poison)
		for range 2 {
			if !get(desk.Retry(t.Context(), aside().Number))(t) {
				t.Fatal("it was not retried")
			}
			killed(t, b, poison)
		}
		if e := aside(); e.Deaths != 2 {
			t.Errorf("the desk shows %+v", e)
		}
		get(desk.RetryAll(t.Context()))(t)
		must(t, b.workers(t, doing(fine)).Start(t.Context()))
		eventually(t, "mended, it is done", func() bool { return b.count(t, "completed") == 1 })
	})
}
