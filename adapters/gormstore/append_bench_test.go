package gormstore

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

const benchConnections = 16

// BenchmarkAppendChunk stores chunks of 60 and 300 points from 16 phones at
// once, each a run of 60 chunks after the other. The INSERT alone, one a
// transaction over the same connections, is the baseline.
func BenchmarkAppendChunk(b *testing.B) {
	for _, store := range []struct {
		name string
		open func(testing.TB) *Store
	}{{"SQLite", newSQLiteStore}, {"PostGIS", newPostgresStore}} {
		for _, points := range []int{60, 300} {
			b.Run(fmt.Sprintf("%s/%d", store.name, points), func(b *testing.B) {
				s := store.open(b)
				owner := newUser(b, s)
				bench(b, func() func(n int) error {
					var session run.Session
					return func(n int) error {
						if n%60 == 0 {
							session = newSession(b, s, owner, id.Course{})
						}
						c := newChunk(b, n%60, run.Intermediate, points, 0)
						_, _, err := s.AppendChunk(context.Background(), session.ID(), c, accept(c, owner, noon.Add(100*time.Hour)))
						return err
					}
				})
			})
		}
	}
	for _, points := range []int{60, 300} {
		b.Run(fmt.Sprintf("PostGIS/%d/INSERT alone", points), func(b *testing.B) {
			s := newPostgresStore(b)
			owner := newUser(b, s)
			bench(b, func() func(n int) error {
				var session run.Session
				return func(n int) error {
					if n%60 == 0 {
						session = newSession(b, s, owner, id.Course{})
					}
					c, err := chunkRowOf(session.ID(), newChunk(b, n%60, run.Intermediate, points, 0))
					if err != nil {
						return err
					}
					_, err = s.pool.Exec(context.Background(), sqlInsert, insertArgs(session.ID(), &c)...)
					return err
				}
			})
		})
	}
}

// bench shares b.N calls among the connections.
func bench(b *testing.B, client func() func(n int) error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range benchConnections {
		call := client()
		wg.Go(func() {
			for n := 0; next.Add(1) <= int64(b.N); n++ {
				if err := call(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
