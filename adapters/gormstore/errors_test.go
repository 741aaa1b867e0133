package gormstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

func unavailable(t *testing.T, err error) {
	t.Helper()
	if !fault.HasCode(err, "store_unavailable") || fault.KindOf(err) != fault.Unavailable || fault.As(err).Cause == nil {
		t.Errorf("wanted store_unavailable with its cause, got %v", err)
	}
}

// write is something that any store can do that is in order.
func write(s *Store) error {
	uid := column.NewID[id.UserKind]().ID
	_, _, err := s.FindOrCreateUser(context.Background(),
		user.SocialAccount{Provider: "dev", ProviderID: uid.String()}, user.User{ID: uid, CreatedAt: noon, UpdatedAt: noon})
	return err
}

func TestAClosedStoreIsUnavailable(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		session := newSession(t, s, owner, id.Course{})
		must(t, s.Close())
		must(t, s.Close())
		unavailable(t, write(s))
		_, err := s.User(t.Context(), owner)
		unavailable(t, err)
		c := newChunk(t, 0, run.Final, 5, 0)
		_, _, err = s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon))
		unavailable(t, err)
		unavailable(t, s.Ping(t.Context()))
	})
}

func TestAStoreThatIsBehindIsNotReady(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		must(t, s.Ping(t.Context()))
		s.versions = append(s.versions, "20990101000000")
		unavailable(t, s.Ping(t.Context()))
	})
}

func TestALockedFileIsUnavailableAndReadsGoOn(t *testing.T) {
	s := newSQLiteStore(t)
	owner := newUser(t, s)
	session := newSession(t, s, owner, id.Course{})
	var path string
	must(t, s.sql.QueryRow("SELECT file FROM pragma_database_list").Scan(&path))
	other, err := sqlite.OpenWriter(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { other.Close() })
	tx, err := other.Begin()
	must(t, err)
	began := time.Now()
	unavailable(t, write(s))
	c := newChunk(t, 0, run.Final, 5, 0)
	_, _, err = s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon))
	unavailable(t, err)
	if d := time.Since(began); d > 6*time.Second {
		t.Errorf("two answers took %s", d)
	}
	if _, err := s.User(t.Context(), owner); err != nil {
		t.Error(err)
	}
	must(t, tx.Rollback())
	must(t, write(s))
}

func TestAFullDiskIsUnavailable(t *testing.T) {
	s := newSQLiteStore(t)
	owner := newUser(t, s)
	session := newSession(t, s, owner, id.Course{})
	var pages int
	must(t, s.sql.QueryRow("PRAGMA page_count").Scan(&pages))
	_, err := s.sql.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	must(t, err)
	var last error
	for i := 0; i < 200 && last == nil; i++ {
		c := newChunk(t, i, run.Intermediate, 60, 0)
		_, _, last = s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(100*time.Hour)))
	}
	unavailable(t, last)
	if _, err := s.User(t.Context(), owner); err != nil {
		t.Error(err)
	}
}

func TestAFolderThatCannotBeMadeSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	s := newSQLiteStore(t)
	_, err := s.sql.Exec("VACUUM INTO ?", file)
	must(t, err)
	if _, err := OpenSQLite(t.Context(), filepath.Join(file, "sub", "runvs.db"), Options{}); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("got %v", err)
	}
}

func TestPostgresTroubleIsUnavailable(t *testing.T) {
	address := migrated.Copy(t)
	open := func(t *testing.T, parameters string) *Store {
		s, err := OpenPostgres(t.Context(), address+"&"+parameters, testOptions())
		must(t, err)
		t.Cleanup(func() { must(t, s.Close()) })
		return s
	}
	t.Run("read-only", func(t *testing.T) {
		unavailable(t, write(open(t, "default_transaction_read_only=on")))
	})
	t.Run("locked", func(t *testing.T) {
		s := open(t, "lock_timeout=50ms")
		tx, err := s.sql.Begin()
		must(t, err)
		_, err = tx.Exec("LOCK TABLE users")
		must(t, err)
		unavailable(t, write(s))
		must(t, tx.Rollback())
		must(t, write(s))
	})
	t.Run("too slow", func(t *testing.T) {
		s := open(t, "statement_timeout=20ms")
		unavailable(t, s.InTx(t.Context(), func(_ context.Context, tx ports.Repo) error {
			return tx.(*repo).db.Exec("SELECT pg_sleep(5)").Error
		}))
	})
	t.Run("killed", func(t *testing.T) {
		s := open(t, "pool_max_conns=1")
		unavailable(t, s.InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
			var pid int
			if err := tx.(*repo).db.Raw("SELECT pg_backend_pid()").Scan(&pid).Error; err != nil {
				return err
			}
			asAdmin(t, pgtest.Admin(t), fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid))
			_, err := tx.User(ctx, column.NewID[id.UserKind]().ID)
			return err
		}))
		must(t, write(s)) // a new connection takes its place
	})
	t.Run("not there", func(t *testing.T) {
		_, err := OpenPostgres(t.Context(), "postgres://u:secret@127.0.0.1:1/x?sslmode=disable", Options{})
		unavailable(t, err)
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is told: %v", err)
		}
	})
	t.Run("no address", func(t *testing.T) {
		_, err := OpenPostgres(t.Context(), "postgres://u:secret@host:port/x", Options{})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("synchronous commit", func(t *testing.T) {
		s := open(t, "synchronous_commit=off")
		var on string
		must(t, s.pool.QueryRow(t.Context(), "SHOW synchronous_commit").Scan(&on))
		if on != "on" {
			t.Errorf("a commit may be lost: synchronous_commit is %s", on)
		}
	})
}

func TestACallerWhoGoesAwayGetsTheContextsError(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.User(ctx, column.NewID[id.UserKind]().ID)
		if !errors.Is(err, context.Canceled) || fault.As(err) != nil {
			t.Errorf("got %v", err)
		}
		err = s.InTx(ctx, func(context.Context, ports.Repo) error { return nil })
		if !errors.Is(err, context.Canceled) || fault.As(err) != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestATransactionThatGotInTheWayIsRunAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		tries := 0
		err := s.InTx(t.Context(), func(context.Context, ports.Repo) error {
			if tries++; tries < 3 {
				return &pgconn.PgError{Code: "40P01"}
			}
			return nil
		})
		if err != nil || tries != 3 {
			t.Errorf("%d tries, %v", tries, err)
		}
		tries = 0
		unavailable(t, s.InTx(t.Context(), func(context.Context, ports.Repo) error {
			tries++
			return &pgconn.PgError{Code: "40001"}
		}))
		if tries != maxTries {
			t.Errorf("%d tries", tries)
		}
		own := errors.New("mine")
		if err := s.InTx(t.Context(), func(context.Context, ports.Repo) error { return own }); !errors.Is(err, own) {
			t.Errorf("the error came back as %v", err)
		}
	})
}

// Two transactions that lock two rows the other way round both succeed in the end.
func TestADeadlockIsSurvived(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		one, two := newUser(t, s), newUser(t, s)
		done := make(chan error)
		for _, order := range [][2]id.User{{one, two}, {two, one}} {
			go func() {
				done <- s.InTx(context.Background(), func(ctx context.Context, tx ports.Repo) error {
					for _, uid := range order {
						if err := tx.LockUser(ctx, uid); err != nil {
							return err
						}
						if err := tx.CountRuns(ctx, uid, stats.Run{}.Sums(), noon); err != nil {
							return err
						}
					}
					return nil
				})
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
