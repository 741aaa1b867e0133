package gormstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// twoServers are two stores on one database, each with its own memory.
func twoServers(t *testing.T) (a, b *Store) {
	t.Helper()
	address := migrated.Copy(t)
	open := func() *Store {
		s, err := OpenPostgres(t.Context(), address, testOptions())
		must(t, err)
		t.Cleanup(func() { must(t, s.Close()) })
		return s
	}
	return open(), open()
}

func TestWhatAServerRemembersIsNeverBelieved(t *testing.T) {
	a, b := twoServers(t)
	owner := newUser(t, a)
	send := func(s *Store, sid id.Session, sequence int, kind run.ChunkType) (run.Session, run.Acceptance, error) {
		c := newChunk(t, sequence, kind, 5, 0)
		return s.AppendChunk(t.Context(), sid, c, accept(c, owner, noon.Add(24*time.Hour)))
	}
	sessions := map[string]func(sid id.Session) error{ // what the other server does meanwhile
		"session_abandoned": func(sid id.Session) error {
			return b.InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
				s, err := tx.LockSession(ctx, sid)
				if err != nil {
					return err
				}
				if s, err = s.Abandon(noon); err != nil {
					return err
				}
				return tx.SaveSession(ctx, s)
			})
		},
		"chunk_beyond_final": func(sid id.Session) error { _, _, err := send(b, sid, 2, run.Final); return err },
		"session_not_found": func(sid id.Session) error {
			_, err := b.sql.Exec("DELETE FROM run_sessions WHERE id = $1", sid.String())
			return err
		},
		"chunk_conflict": func(sid id.Session) error {
			c := newChunk(t, 3, run.Intermediate, 5, 1)
			_, _, err := b.AppendChunk(t.Context(), sid, c, accept(c, owner, noon.Add(24*time.Hour)))
			return err
		},
	}
	for code, meanwhile := range sessions {
		sid := newSession(t, a, owner, id.Course{}).ID()
		for sequence := range 2 {
			_, _, err := send(a, sid, sequence, run.Intermediate)
			must(t, err)
		}
		if _, known := a.chunk.(*postgresAppender).known.get(sid); !known {
			t.Fatal("the server does not remember the session: nothing is tested here")
		}
		must(t, meanwhile(sid))
		if _, _, err := send(a, sid, 3, run.Intermediate); err == nil || !fault.HasCode(err, code) {
			t.Errorf("wanted %s, got %v", code, err)
		}
	}
	// Nor is a repeat, or a refusal, answered from memory.
	gone := newSession(t, a, owner, id.Course{}).ID()
	_, _, err := send(a, gone, 0, run.Intermediate)
	must(t, err)
	must(t, sessions["session_not_found"](gone))
	if _, _, err := send(a, gone, 0, run.Intermediate); !fault.HasCode(err, "session_not_found") {
		t.Errorf("a repeat for a session that is gone: %v", err)
	}
	// What the other server stored stands on the receipt.
	sid := newSession(t, a, owner, id.Course{}).ID()
	for sequence := range 12 {
		s, how, err := send([]*Store{a, b, b}[sequence%3], sid, sequence, run.Intermediate)
		if got, want := fmt.Sprint(s.Ledger().Received()), fmt.Sprintf("[[0 %d]]", sequence); err != nil || how != run.Stored || got != want {
			t.Fatalf("received %s, wanted %s, %v", got, want, err)
		}
		if _, how, err := send(a, sid, sequence, run.Intermediate); err != nil || how != run.Replayed {
			t.Errorf("a repeat: %v, %v", how, err)
		}
	}
}

// A statement that waits for the final chunk's transaction has looked at the
// chunks before it began to wait.
func TestAChunkThatWaitedForTheFinalOneIsRefused(t *testing.T) {
	a, b := twoServers(t)
	owner := newUser(t, a)
	sid := newSession(t, a, owner, id.Course{}).ID()
	send := func(s *Store, sequence int, kind run.ChunkType, before func()) error {
		c := newChunk(t, sequence, kind, 5, 0)
		_, _, err := s.AppendChunk(t.Context(), sid, c, func(s run.Session) (run.Session, run.Acceptance, error) {
			before()
			return s.Accept(owner, c, noon.Add(24*time.Hour))
		})
		return err
	}
	must(t, send(a, 0, run.Intermediate, func() {}))
	late := make(chan error)
	must(t, send(b, 1, run.Final, func() { // its session is locked now
		go func() { late <- send(a, 2, run.Intermediate, func() {}) }()
		waiting := 0
		for deadline := time.Now().Add(10 * time.Second); waiting == 0 && time.Now().Before(deadline); {
			must(t, a.sql.QueryRow(`SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
		}
		if waiting == 0 {
			t.Error("the other chunk does not wait: nothing is tested here")
		}
	}))
	if err := <-late; !errors.Is(err, run.ErrChunkBeyondFinal) {
		t.Errorf("got %v", err)
	}
}

// Two servers send chunks of a session that both remember, while one ends it,
// in one of two ways.
func TestServersThatRememberASessionEndItOnce(t *testing.T) {
	a, b := twoServers(t)
	owner := newUser(t, a)
	for round := range 40 {
		sid := newSession(t, a, owner, id.Course{}).ID()
		send := func(s *Store, sequence int, kind run.ChunkType) error {
			c := newChunk(t, sequence, kind, 5, 0)
			_, _, err := s.AppendChunk(t.Context(), sid, c, accept(c, owner, noon.Add(24*time.Hour)))
			return err
		}
		must(t, send(a, 0, run.Intermediate))
		must(t, send(b, 1, run.Intermediate))
		must(t, send(a, 2, run.Intermediate))
		var wg sync.WaitGroup
		for i := 3; i < 11; i++ {
			s := []*Store{a, b}[i%2]
			wg.Go(func() {
				err := send(s, i, run.Intermediate)
				twin := round%2 == 0 && i == 6 && errors.Is(err, run.ErrChunkConflict)
				if err != nil && !twin && !errors.Is(err, run.ErrSessionAbandoned) && !errors.Is(err, run.ErrChunkBeyondFinal) {
					t.Error(err)
				}
			})
		}
		seen, final := -1, error(nil)
		wg.Go(func() {
			if round%2 == 0 {
				final = send(b, 6, run.Final)
				return
			}
			final = b.InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
				s, err := tx.LockSession(ctx, sid)
				if err != nil {
					return err
				}
				seen = s.Ledger().Len()
				if s, err = s.Abandon(noon); err != nil {
					return err
				}
				return tx.SaveSession(ctx, s)
			})
		})
		wg.Wait()
		s, err := a.Session(t.Context(), sid)
		must(t, err)
		switch last, has := s.Ledger().Final(); {
		case round%2 == 1:
			if final != nil || s.Ledger().Len() != seen {
				t.Fatalf("round %d: ended with %d chunks, and %d are stored, %v", round, seen, s.Ledger().Len(), final)
			}
		case has != (final == nil), has && s.Ledger().Highest() != last:
			t.Fatalf("round %d: the final chunk is %d (%v), %v, and the highest %d", round, last, has, final, s.Ledger().Highest())
		}
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	var k knownSessions
	row := sessionRow{Status: string(run.Active)}
	many := ledger{entries: make([]run.Entry, 4000)}
	for range 500 {
		k.put(column.NewID[id.SessionKind]().ID, knownSession{row: row, ledger: many})
	}
	sum := 0
	for sid, s := range k.sessions {
		sum += len(s.ledger.entries)
		k.put(sid, s) // again: counted once
	}
	if sum != k.chunks || sum > maxKnownChunks || sum < maxKnownChunks/2 {
		t.Errorf("%d chunks are remembered, and %d counted", sum, k.chunks)
	}
	for sid, s := range k.sessions {
		s.row.Status = string(run.Abandoned)
		k.put(sid, s)
	}
	if len(k.sessions) != 0 || k.chunks != 0 {
		t.Errorf("%d ended sessions are remembered, with %d chunks", len(k.sessions), k.chunks)
	}
}
