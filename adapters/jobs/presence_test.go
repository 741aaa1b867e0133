package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"
)

func TestAnOrphanIsRunAgainUntilItSeemsToKillEveryProcess(t *testing.T) {
	second := func(int) time.Duration { return time.Second }
	for name, c := range map[string]struct {
		orphan orphan
		want   revival
	}{
		"the first death costs no pause":           {orphan{attempt: 1, maxAttempts: 10}, revival{maxAttempts: 10}},
		"the next ones do":                         {orphan{attempt: 2, maxAttempts: 10}, revival{pause: time.Second, maxAttempts: 10}},
		"the last try does not count when killed":  {orphan{attempt: 10, maxAttempts: 10}, revival{pause: time.Second, maxAttempts: 11}},
		"nor does the extra one":                   {orphan{attempt: 11, maxAttempts: 11}, revival{pause: time.Second, maxAttempts: 12}},
		"after twice its tries it is given up":     {orphan{attempt: 20, maxAttempts: 20}, revival{abandon: true, maxAttempts: 20}},
		"a job with one try is not given up early": {orphan{attempt: 1, maxAttempts: 1}, revival{maxAttempts: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.orphan.revive(second, 10); got != c.want {
				t.Errorf("%+v becomes %+v, want %+v", c.orphan, got, c.want)
			}
		})
	}
}

func TestPausesGrowToAnHour(t *testing.T) {
	for attempt, want := range map[int]time.Duration{
		1: 250 * time.Millisecond, 2: time.Second, 3: 4 * time.Second, 4: 16 * time.Second,
		7: 1024 * time.Second, 8: time.Hour, 1 << 40: time.Hour, 0: 250 * time.Millisecond,
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
	return &PostgresPresenceForTest{postgresPresence{pool: pool, backoff: Backoff, attempts: DefaultMaxAttempts}}
}

func (p *PostgresPresenceForTest) Appear(ctx context.Context, client string) (int, error) {
	return p.appear(ctx, client)
}

func (p *PostgresPresenceForTest) Leave(ctx context.Context) error { return p.leave(ctx) }

// Pool returns the pool of a database in PostgreSQL.
func (d Database) Pool() *pgxpool.Pool { return d.pool }
