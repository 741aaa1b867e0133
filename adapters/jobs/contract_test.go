package jobs_test

import (
	"testing"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/ports/portstest"
)

func TestContract(t *testing.T) {
	for name, open := range map[string]func(testing.TB) backend{"sqlite": newSQLite, "postgres": newPostgres} {
		t.Run(name, func(t *testing.T) {
			portstest.RunWorkers(t, func(t *testing.T) portstest.WorkersFixture {
				b := open(t)
				return portstest.WorkersFixture{
					Enqueue: func(t *testing.T, all ...ports.Job) { b.enqueue(t, all...) },
					Workers: func(t *testing.T, handler ports.JobHandler) ports.Workers { return b.workers(t, handler) },
					Desk:    get(jobs.NewDesk(b.database))(t),
				}
			})
		})
	}
}
