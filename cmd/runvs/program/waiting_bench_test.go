package program_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/cmd/runvs/config"
)

// BenchmarkWaiting says how long runners wait who complete a run with Prefer: wait,
// one and 50 at once, when the jobs are done by the process that they wait at, and
// by another.
func BenchmarkWaiting(b *testing.B) {
	for name, set := range map[string]func(*config.Settings){
		"memory": func(s *config.Settings) { s.DatabaseURL = "memory:" }, "SQLite": func(*config.Settings) {},
		"PostGIS": func(s *config.Settings) { s.DatabaseURL = pgtest.Empty(b) }, "PostGIS, another worker": func(s *config.Settings) { s.DatabaseURL = pgtest.Empty(b) },
	} {
		for _, clients := range []int{1, 50} {
			b.Run(fmt.Sprintf("%s/%d", name, clients), func(b *testing.B) {
				s := settings(b)
				set(&s)
				if name == "PostGIS, another worker" {
					boot(b, s)
					s.Workers = 0
				}
				api := boot(b, s)
				var took []time.Duration
				for b.Loop() {
					for range max(3, 30/clients) {
						took = append(took, api.waitAtOnce(clients)...)
					}
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[(len(took)-1)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}

// waitAtOnce has so many runners complete a run of a minute at once, and says how
// long each waited for it to be settled.
func (s *server) waitAtOnce(clients int) (took []time.Duration) {
	calls := make([]call, clients)
	for i := range calls {
		token := s.login(fmt.Sprint("runner ", i))
		sid := s.session(token, nil)
		if a := s.send(token, sid, chunkIn(float64(i), 0, "final", 0, 60)); a.status != 201 {
			s.t.Fatalf("%d %s", a.status, a.raw)
		}
		calls[i] = call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: token, body: completed, header: map[string]string{"Prefer": "wait=10"}}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, c := range calls {
		wg.Go(func() {
			a := s.do(c)
			mu.Lock()
			defer mu.Unlock()
			if took = append(took, a.took); a.status != 201 || a.json["processing"] != "done" {
				s.t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	wg.Wait()
	return took
}
