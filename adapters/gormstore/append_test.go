package gormstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

func TestChunksOfOneSessionAtOnceAreAllStoredOnce(t *testing.T) {
	const sequences, twins = 40, 3
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		session := newSession(t, s, owner, id.Course{})
		var mu sync.Mutex
		stored := map[int]int{}
		var wg sync.WaitGroup
		for i := range sequences * twins {
			c := newChunk(t, i%sequences, run.Intermediate, 20, 0)
			wg.Go(func() {
				_, how, err := s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
				if err != nil {
					t.Error(err)
				}
				if how == run.Stored {
					mu.Lock()
					stored[c.Sequence()]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for i := range sequences {
			if stored[i] != 1 {
				t.Errorf("chunk %d was stored %d times", i, stored[i])
			}
		}
		if chunks, err := s.Chunks(t.Context(), session.ID()); err != nil || len(chunks) != sequences {
			t.Errorf("%d chunks are stored, %v", len(chunks), err)
		}
	})
}

func TestOfTwoBodiesOfOneSequenceOneWins(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		session := newSession(t, s, owner, id.Course{})
		for round := range 20 {
			var wg sync.WaitGroup
			won, lost := make(chan run.Digest, 8), make(chan error, 8)
			for variant := range 8 {
				c := newChunk(t, round, run.Intermediate, 10, variant)
				wg.Go(func() {
					_, how, err := s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
					switch {
					case err == nil && how == run.Stored:
						won <- c.Digest()
					case errors.Is(err, run.ErrChunkConflict):
						lost <- err
					default:
						t.Errorf("neither won nor lost: %v, %v", how, err)
					}
				})
			}
			wg.Wait()
			if len(won) != 1 || len(lost) != 7 {
				t.Fatalf("%d won and %d lost", len(won), len(lost))
			}
			chunks, err := s.Chunks(t.Context(), session.ID())
			must(t, err)
			if got := chunks[round].Digest(); got != <-won {
				t.Error("another chunk is stored than the one that was said to be")
			}
		}
	})
}

// No chunk may slip into a session between the look at its chunks and its end.
func TestNoChunkIsStoredAfterItsSessionEnded(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		for round := range 15 {
			session := newSession(t, s, owner, id.Course{})
			var wg sync.WaitGroup
			for i := range 6 {
				c := newChunk(t, i, run.Intermediate, 10, 0)
				wg.Go(func() {
					_, _, err := s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
					if err != nil && !errors.Is(err, run.ErrSessionAbandoned) {
						t.Error(err)
					}
				})
			}
			seen := -1
			wg.Go(func() {
				err := s.InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
					locked, err := tx.LockSession(ctx, session.ID())
					if err != nil {
						return err
					}
					seen = locked.Ledger().Len()
					ended, err := locked.Abandon(noon)
					if err != nil {
						return err
					}
					return tx.SaveSession(ctx, ended)
				})
				if err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			chunks, err := s.Chunks(t.Context(), session.ID())
			must(t, err)
			if len(chunks) != seen {
				t.Fatalf("round %d: the session ended with %d chunks, and %d are stored", round, seen, len(chunks))
			}
		}
	})
}

func TestTheFinalChunkAndLaterOnesExcludeEachOther(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		for round := range 15 {
			session := newSession(t, s, owner, id.Course{})
			final, beyond := newChunk(t, 1, run.Final, 10, 0), newChunk(t, 2, run.Intermediate, 10, 0)
			var wg sync.WaitGroup
			var errs [2]error
			for i, c := range []run.Chunk{final, beyond} {
				wg.Go(func() {
					_, _, errs[i] = s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
				})
			}
			wg.Wait()
			switch {
			case errs[0] == nil && errors.Is(errs[1], run.ErrChunkBeyondFinal):
			case errs[1] == nil && errors.Is(errs[0], run.ErrFinalBeforeLast):
			default:
				t.Fatalf("round %d: %v", round, errs)
			}
		}
	})
}

func TestAChunkForNoSessionIsRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		c := newChunk(t, 0, run.Final, 10, 0)
		unknown, err := run.NewSession(run.NewSessionInput{ID: newSession(t, s, owner, id.Course{}).ID(), UserID: owner, StartedAt: noon}, noon)
		must(t, err)
		if _, err := s.sql.ExecContext(t.Context(), "DELETE FROM run_sessions"); err != nil {
			t.Fatal(err)
		}
		_, _, err = s.AppendChunk(t.Context(), unknown.ID(), c, func(run.Session) (run.Session, run.Acceptance, error) {
			t.Error("there is nothing to decide on")
			return run.Session{}, 0, nil
		})
		if !errors.Is(err, run.ErrSessionNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// What one caller does must not fall on those whose chunks share a commit.
func TestOneCallersTroubleIsNotTheOthers(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		session := newSession(t, s, owner, id.Course{})
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		var wg sync.WaitGroup
		for i := range 30 {
			c := newChunk(t, i, run.Intermediate, 10, 0)
			wg.Go(func() {
				switch i % 3 {
				case 0:
					_, _, err := s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
					if err != nil {
						t.Error(err)
					}
				case 1:
					_, _, err := s.AppendChunk(gone, session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
					if !errors.Is(err, context.Canceled) {
						t.Errorf("a caller who went away got %v", err)
					}
				case 2:
					defer func() {
						if p := recover(); fmt.Sprint(p) != "a defect" {
							t.Errorf("the panic was lost: %v", p)
						}
					}()
					_, _, _ = s.AppendChunk(t.Context(), session.ID(), c, func(run.Session) (run.Session, run.Acceptance, error) { panic("a defect") })
				}
			})
		}
		wg.Wait()
		chunks, err := s.Chunks(t.Context(), session.ID())
		must(t, err)
		if len(chunks) != 10 {
			t.Errorf("%d chunks are stored, wanted 10", len(chunks))
		}
	})
}

func TestAStoredChunkComesBackAsItWas(t *testing.T) {
	full := func(c run.ChunkInput) run.ChunkInput {
		c.Filtered = c.Fixes[:1]
		c.CompletedSplits = []byte(`[{"distance_meters":1000,"index":1}]`)
		c.Pauses = []run.Pause{{StartedAt: noon, EndedAt: noon.Add(90 * time.Second)}}
		c.Summary.Document = []byte(`{"distance_meters":1e-07,"duration_seconds":60,"note":"\u0001ü\""}`)
		c.Summary.DistanceMeters = 1e-7
		return c
	}
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		session := newSession(t, s, owner, id.Course{})
		bare := newChunk(t, 0, run.Intermediate, 3, 0)
		rich, err := run.NewChunk(full(run.ChunkInput{
			Sequence: 1, Type: run.Final, Fixes: bare.Fixes(), Summary: bare.Summary(), Cumulative: bare.Cumulative(),
		}))
		must(t, err)
		for _, c := range []run.Chunk{bare, rich} {
			_, _, err := s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
			must(t, err)
		}
		chunks, err := s.Chunks(t.Context(), session.ID())
		must(t, err)
		for i, want := range []run.Chunk{bare, rich} {
			got, err := run.NewChunk(run.ChunkInput{
				Sequence: chunks[i].Sequence(), Type: chunks[i].Type(), Fixes: chunks[i].Fixes(), Filtered: chunks[i].Filtered(),
				Summary: chunks[i].Summary(), Cumulative: chunks[i].Cumulative(), CompletedSplits: chunks[i].CompletedSplits(), Pauses: chunks[i].Pauses(),
			})
			must(t, err)
			if got.Digest() != want.Digest() || chunks[i].Digest() != want.Digest() {
				t.Errorf("chunk %d came back as %+v", i, chunks[i])
			}
		}
	})
}
