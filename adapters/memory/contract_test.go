package memory_test

import (
	"context"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/memory"
	"github.com/runvs/runvs/adapters/mvt"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/ports/portstest"
)

func TestContract(t *testing.T) {
	portstest.RunStore(t, func(t *testing.T) portstest.Fixture {
		s := memory.New(memory.Options{Tiles: mvt.New()})
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return portstest.Fixture{Store: s, Jobs: s.Waiting}
	})
}

func TestWorkersContract(t *testing.T) {
	portstest.RunWorkers(t, func(t *testing.T) portstest.WorkersFixture {
		s := memory.New(memory.Options{Tiles: mvt.New()})
		return portstest.WorkersFixture{
			Enqueue: func(t *testing.T, jobs ...ports.Job) {
				err := s.InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
					for _, job := range jobs {
						if err := tx.Enqueue(ctx, job); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			},
			Workers: func(t *testing.T, handler ports.JobHandler) ports.Workers {
				w, err := s.NewWorkers(memory.Config{
					Handler: handler, Concurrency: 4, Pause: 5 * time.Millisecond, Every: func(ports.JobKind) time.Duration { return 0 },
				})
				if err != nil {
					t.Fatal(err)
				}
				return w
			},
			Desk: s.Desk(),
		}
	})
}
