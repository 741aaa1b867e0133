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
				bench(b, s, owner, points, func(sid id.Session, c run.Chunk) error {
					_, _, err := s.AppendChunk(context.Background(), sid, c, accept(c, owner, noon.Add(100*time.Hour)))
					return err
				})
			})
		}
	}
	for _, points := range []int{60, 300} {
		b.Run(fmt.Sprintf("PostGIS/%d/INSERT alone", points), func(b *testing.B) {
			s := newPostgresStore(b)
			owner := newUser(b, s)
			bench(b, s, owner, points, func(sid id.Session, c run.Chunk) error {
				row, err := chunkRowOf(sid, c)
				if err != nil {
					return err
				}
				_, err = s.pool.Exec(context.Background(), sqlInsert, insertArgs(sid, &row)...)
				return err
			})
		})
	}
}

// bench shares b.N chunks among the connections, each of which sends runs of 60.
func bench(b *testing.B, s *Store, owner id.User, points int, send func(id.Session, run.Chunk) error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range benchConnections {
		wg.Go(func() {
			var session run.Session
			for n := 0; next.Add(1) <= int64(b.N); n++ {
				if n%60 == 0 {
					session = newSession(b, s, owner, id.Course{})
				}
				if err := send(session.ID(), newChunk(b, n%60, run.Intermediate, points, 0)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
