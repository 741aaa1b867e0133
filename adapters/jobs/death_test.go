package jobs_test

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/ports"
)

// childAddress is set in a child process: it works on the queue there, and
// never ends a job, or only none of those whose IDs are in childHolds.
const (
	childAddress = "RUNVS_JOBS_TEST_CHILD"
	childHolds   = "RUNVS_JOBS_TEST_CHILD_HOLDS"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(childAddress); address != "" {
		os.Exit(hang(address))
	}
	os.Exit(migrated.Run(m))
}

// hang is the child: it says when a job runs and keeps it until it is killed.
func hang(address string) int {
	b, closeAll, err := openChild(address)
	if err != nil {
		return fail(err)
	}
	defer closeAll()
	w, err := jobs.NewWorkers(jobs.Config{
		Database: b, Concurrency: 4, Every: never, SuspectCalm: 10 * time.Millisecond,
		Handler: doing(func(_ context.Context, job ports.Job) error {
			if holds := os.Getenv(childHolds); holds != "" && !strings.Contains(holds, job.ID) {
				return nil
			}
			_, _ = io.WriteString(os.Stdout, job.ID+"\n")
			select {}
		}),
	})
	if err != nil {
		return fail(err)
	}
	if err := w.Start(context.Background()); err != nil {
		return fail(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
	return 0
}

func fail(err error) int {
	_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
	return 1
}

// child is another process that works on a queue.
type child struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

// startChild starts a child that holds some jobs; all when none is named.
func startChild(t *testing.T, b backend, holds ...ports.Job) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	ids := make([]string, len(holds))
	for i, job := range holds {
		ids[i] = job.ID
	}
	cmd.Env = append(os.Environ(), childAddress+"="+b.address, childHolds+"="+strings.Join(ids, ","))
	cmd.Stderr = os.Stderr
	_ = get(cmd.StdinPipe())(t)
	out := get(cmd.StdoutPipe())(t)
	must(t, cmd.Start())
	c := &child{cmd: cmd, out: bufio.NewScanner(out)}
	t.Cleanup(c.kill)
	return c
}

// running returns the ID of the next job that the child runs.
func (c *child) running(t *testing.T) string {
	t.Helper()
	if !c.out.Scan() {
		t.Fatalf("the child ended: %v", c.out.Err())
	}
	return c.out.Text()
}

// kill ends the child as kill -9 does. Killing twice is harmless.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// A restart is to bring back what ran within seconds, not River's minutes.
const soon = 10 * time.Second

func TestAJobOfAKilledProcessIsRunAgainAfterARestart(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		first, second := settle(), settle()
		b.enqueue(t, first, second)
		c := startChild(t, b)
		c.running(t)
		c.running(t)
		c.kill()
		began := time.Now()
		must(t, b.workers(t, doing(fine), func(c *jobs.Config) { c.SuspectCalm = 0 }).Start(t.Context()))
		eventuallyWithin(t, soon, "both jobs are completed", func() bool { return b.count(t, "completed") == 2 })
		t.Logf("run again %v after the restart", time.Since(began))
	})
}

func TestAJobOfAKilledProcessIsTakenUpByAnotherThatWorks(t *testing.T) {
	b := newPostgres(t)
	b.enqueue(t, settle())
	c := startChild(t, b)
	c.running(t)
	must(t, b.workers(t, doing(fine)).Start(t.Context()))
	c.kill()
	began := time.Now()
	eventuallyWithin(t, soon, "the job is completed", func() bool { return b.count(t, "completed") == 1 })
	t.Logf("taken up %v after the death", time.Since(began))
}

func TestAJobOfALivingProcessIsLeftAlone(t *testing.T) {
	b := newSQLite(t)
	b.enqueue(t, settle())
	c := startChild(t, b)
	c.running(t)
	w := b.workers(t, doing(fine))
	must(t, w.Start(t.Context())) // looks for orphans before it returns
	if n := b.count(t, "running"); n != 1 {
		t.Errorf("%d jobs run, want the child's", n)
	}
}

func TestOnlyTheJobsOfTheDeadAreRevived(t *testing.T) {
	b := newPostgres(t)
	b.enqueue(t, settle(), settle())
	killed := startChild(t, b)
	killed.running(t)
	killed.running(t)
	watcher := jobs.NewPostgresPresenceForTest(b.database.Pool())
	for range 5 {
		if n := get(watcher.Appear(t.Context(), "runvs-watcher"))(t); n != 0 {
			t.Fatalf("%d jobs of a living process were revived", n)
		}
	}
	killed.kill()
	revived := 0
	eventuallyWithin(t, soon, "the jobs are revived", func() bool {
		revived += get(watcher.Appear(t.Context(), "runvs-watcher"))(t)
		return revived > 0
	})
	if revived != 2 || b.count(t, "available") != 2 {
		t.Errorf("%d jobs were revived and %d are available, want 2", revived, b.count(t, "available"))
	}
	for range 3 {
		if n := get(watcher.Appear(t.Context(), "runvs-watcher"))(t); n != 0 {
			t.Fatalf("%d jobs were revived twice", n)
		}
	}
	must(t, watcher.Leave(t.Context()))
	must(t, watcher.Leave(t.Context()))
}

func TestALostLockIsTakenAgain(t *testing.T) {
	b := newPostgres(t)
	p := jobs.NewPostgresPresenceForTest(b.database.Pool())
	get(p.Appear(t.Context(), "runvs-a"))(t)
	t.Cleanup(func() { must(t, p.Leave(context.Background())) }) // the test's context has ended
	held := func() (n int) {
		must(t, b.sql.QueryRowContext(t.Context(),
			"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&n))
		return n
	}
	if held() != 1 {
		t.Fatal("no lock is held")
	}
	_, err := b.sql.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
	must(t, err)
	eventually(t, "the server has ended the session", func() bool { return held() == 0 })
	get(p.Appear(t.Context(), "runvs-a"))(t)
	if held() != 1 {
		t.Error("the lock was not taken again")
	}
}

// openChild opens a queue without a test around it.
func openChild(address string) (jobs.Database, func(), error) {
	if path, ok := cutPrefix(address, "sqlite:"); ok {
		db, err := sql.Open(sqlite.Driver, "file:"+path+sqliteOptions)
		if err != nil {
			return jobs.Database{}, nil, err
		}
		return jobs.SQLite(db), func() { _ = db.Close() }, nil
	}
	pool, err := pgxpool.New(context.Background(), address)
	if err != nil {
		return jobs.Database{}, nil, err
	}
	return jobs.Postgres(pool), pool.Close, nil
}
