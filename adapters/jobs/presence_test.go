package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/runvs/runvs/ports"
)

func TestTheFateOfAnOrphan(t *testing.T) {
	for name, c := range map[string]struct {
		orphan orphan
		want   fate
	}{
		"a first death makes it a suspect, with its try": {
			orphan{attempt: 1, maxAttempts: 4}, fate{suspect: true, attempt: 0, deaths: 1}},
		"its failures stay": {
			orphan{attempt: 3, maxAttempts: 4}, fate{suspect: true, attempt: 2, failures: 2, deaths: 1}},
		"a suspect that waited for its turn stays as it was": {
			orphan{attempt: 1, maxAttempts: 4, deaths: 1, suspect: true}, fate{suspect: true, attempt: 0, deaths: 1}},
		"a second death leaves only giving up": {
			orphan{attempt: 1, maxAttempts: 4, deaths: 1, suspect: true, alone: true}, fate{attempt: 3, deaths: 2, reason: reasonDied}},
		"a death in giving up after deaths is the end": {
			orphan{attempt: 4, maxAttempts: 4, deaths: 2}, fate{aside: true, attempt: 4, failures: 3, deaths: 3, reason: reasonSilent}},
		"a death in giving up after failures is the end": {
			orphan{attempt: 4, maxAttempts: 4}, fate{aside: true, attempt: 4, failures: 3, deaths: 1, reason: reasonSilent}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.orphan.fate(); got != c.want {
				t.Errorf("%+v becomes %+v, want %+v", c.orphan, got, c.want)
			}
		})
	}
}

// Whatever the past of a job, so many deaths while it is done are its end.
func TestNoJobKillsForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := orphan{attempt: rapid.IntRange(1, attempts).Draw(t, "attempt"), maxAttempts: attempts}
		for deaths := 1; ; deaths++ {
			f := o.fate()
			if f.aside {
				break
			}
			if deaths > ports.MaxDeaths {
				t.Fatalf("after %d deaths it is handed out again: %+v", deaths, f)
			}
			o = orphan{attempt: f.attempt + 1, maxAttempts: attempts, deaths: f.deaths, suspect: f.suspect, alone: f.suspect}
		}
	})
}

func TestPausesGrowToFiveMinutes(t *testing.T) {
	for attempt, want := range map[int]time.Duration{
		1: time.Second, 2: 10 * time.Second, 3: 100 * time.Second, 4: 5 * time.Minute, 1 << 40: 5 * time.Minute, 0: time.Second,
	} {
		if got := Backoff(attempt); got != want {
			t.Errorf("after try %d the pause is %v, want %v", attempt, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1000).Draw(t, "attempt")
		if a, b := Backoff(n), Backoff(n+1); a > b || b > longestPause {
			t.Fatalf("pauses %v, then %v", a, b)
		}
	})
}

// PostgresPresenceForTest is a postgresPresence that calls a client dead as
// soon as its lock was seen free twice.
type PostgresPresenceForTest struct{ postgresPresence }

func NewPostgresPresenceForTest(pool *pgxpool.Pool) *PostgresPresenceForTest {
	return &PostgresPresenceForTest{postgresPresence{pool: pool}}
}

func (p *PostgresPresenceForTest) Appear(ctx context.Context, client string) (int, error) {
	return p.appear(ctx, client)
}

func (p *PostgresPresenceForTest) Leave(ctx context.Context) error { return p.leave(ctx) }

// Pool returns the pool of a database in PostgreSQL.
func (d Database) Pool() *pgxpool.Pool { return d.pool }

// ForgetPeriodicForTest is what is done before a periodic job is added.
func (d Database) ForgetPeriodicForTest(ctx context.Context, kind ports.JobKind) error {
	return d.forgetPeriodic(ctx, kind)
}
