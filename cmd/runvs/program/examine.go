package program

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/runvs/runvs/adapters/gormstore"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/ports"
)

// Check is one look at the installation.
type Check struct {
	Name string
	Good string // what is said when all is well
	Err  error
	Mend string // what to do otherwise
}

// Says returns what the check found, and how to mend it.
func (c Check) Says() string {
	if c.Err == nil {
		return c.Good
	}
	return fmt.Sprintf("%v; %s", c.Err, c.Mend)
}

// Examine looks at everything the program needs.
func Examine(ctx context.Context, s config.Settings, now time.Time) []Check {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	kind, _ := s.Database()
	checks := []Check{
		{Name: "settings", Good: s.Env + ", " + string(kind)},
		{Name: "tokens", Good: "the secrets sign", Err: second(openTokens(s)), Mend: "set RUNVS_JWT_SECRETS=kid:base64 of at least 32 random bytes"},
	}
	if kind != config.Memory { // which is there as soon as it is asked for
		checks = append(checks, examineStore(ctx, s, now)...)
	}
	blobs, err := openBlobs(s)
	if err == nil {
		const key = "doctor/check.txt"
		err = errors.Join(blobs.Put(ctx, key, "text/plain", []byte("ok")), blobs.Delete(ctx, key), blobs.Close())
	}
	checks = append(checks, examineProviders(ctx, s)...)
	checks = append(checks, examineTiles(ctx, s)...)
	return append(checks, Check{Name: "files", Good: "can be written", Err: err, Mend: "make RUNVS_BLOB_URL's folder writable, or its bucket reachable"})
}

// strangersToken has the shape of an Apple id_token, and a key that nobody has: it
// must be refused, and only a provider that answers can refuse it.
var strangersToken = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"doctor"}`)) + ".e30.AA"

// examineProviders asks those that are set up about a token that none can know.
func examineProviders(ctx context.Context, s config.Settings) (checks []Check) {
	verifiers, err := openVerifiers(s, slog.New(slog.DiscardHandler))
	if err == nil {
		_, err = openRevoker(s, slog.New(slog.DiscardHandler))
	}
	if err != nil {
		return []Check{{Name: "providers", Err: err, Mend: "see `runvs config`"}}
	}
	maps.DeleteFunc(verifiers, func(_ string, v ports.Verifier) bool { return v == nil })
	if len(verifiers) == 0 && !s.DevLogin {
		return []Check{{Name: "providers", Err: errors.New("none is set up, so nobody can sign in"), Mend: "set RUNVS_KAKAO_APP_ID or RUNVS_APPLE_BUNDLE_IDS"}}
	}
	if len(verifiers) == 0 {
		return []Check{{Name: "providers", Good: "none is set up; the development login is on"}}
	}
	for _, name := range slices.Sorted(maps.Keys(verifiers)) {
		_, err := verifiers[name].Verify(ctx, strangersToken, "doctor")
		if errors.Is(err, ports.ErrSocialTokenInvalid) {
			err = nil
		}
		checks = append(checks, Check{Name: name, Good: "answers", Err: err, Mend: "see whether this machine reaches RUNVS_" + strings.ToUpper(name) + "_BASE_URL"})
	}
	return checks
}

func second[T any](_ T, err error) error { return err }

// examineStore looks at the database: its migrations, its tables, its clock.
func examineStore(ctx context.Context, s config.Settings, now time.Time) []Check {
	m, err := OpenMigrator(s)
	if err != nil {
		return []Check{{Name: "store", Err: err, Mend: "see RUNVS_DATABASE_URL"}}
	}
	defer m.Close() //nolint:errcheck // only looked
	pending, err := m.Pending(ctx)
	if err != nil {
		return []Check{{Name: "store", Err: err, Mend: "start the database, or see RUNVS_DATABASE_URL"}}
	}
	checks := []Check{{Name: "store", Good: "answers"}}
	if len(pending) > 0 {
		return append(checks, Check{Name: "migrations", Err: fmt.Errorf("%d are pending", len(pending)), Mend: "run `runvs migrate up`"})
	}
	drift, err := m.Verify(ctx)
	if err == nil && len(drift) > 0 {
		err = fmt.Errorf("the tables differ in %d places from what the migrations make", len(drift))
	}
	checks = append(checks, Check{Name: "migrations", Good: "applied, and the tables are what they make", Err: err, Mend: "see `runvs migrate verify`"})
	queue, err := QueueMigrated(ctx, s)
	if err == nil && !queue {
		err = errors.New("its tables are behind")
	}
	checks = append(checks, Check{Name: "queue", Good: "its tables are there", Err: err, Mend: "run `runvs migrate up`"})
	if err == nil {
		checks = append(checks, examineJobs(ctx, s))
	}
	if kind, path := s.Database(); kind == config.SQLite {
		_, err := os.Stat(path)
		return append(checks, Check{Name: "clock", Good: now.UTC().Format(time.RFC3339), Err: err, Mend: "see RUNVS_DATABASE_URL"})
	}
	return append(checks, examineClock(ctx, s, now))
}

// maxClockDrift is how far the database's clock may be from ours before times
// of one run disagree.
const maxClockDrift = 5 * time.Second

func examineClock(ctx context.Context, s config.Settings, now time.Time) Check {
	c := Check{Name: "clock", Good: "agrees with the database's", Mend: "synchronise the clocks (NTP)"}
	none := func(context.Context, *sql.Tx, ports.Job) error { return nil }
	store, err := gormstore.OpenPostgres(ctx, s.DatabaseURL, gormstore.Options{Enqueue: none, MaxConns: 1})
	if err != nil {
		c.Err, c.Mend = err, "see RUNVS_DATABASE_URL"
		return c
	}
	defer store.Close() //nolint:errcheck // only looked
	var theirs time.Time
	if c.Err = store.Pool().QueryRow(ctx, "SELECT now()").Scan(&theirs); c.Err == nil {
		if d := theirs.Sub(now).Abs(); d > maxClockDrift {
			c.Err = fmt.Errorf("the database's clock is %s off", d.Round(time.Second))
		}
	}
	return c
}
