package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"

	"github.com/runvs/runvs/ports"
)

// Enqueuer adds jobs within a transaction of the store. It holds no connection
// and may be used by many goroutines.
type Enqueuer struct {
	client   *river.Client[*sql.Tx]
	database Database
}

// notifyPause is the shortest time between two notifications of new jobs from
// one process. A job that is added within it is found at the next look.
const notifyPause = time.Millisecond

// NewEnqueuer makes an enqueuer.
func NewEnqueuer(database Database, logger *slog.Logger) (*Enqueuer, error) {
	if err := database.check(); err != nil {
		return nil, err
	}
	cfg := &river.Config{FetchCooldown: notifyPause, Logger: riverLogger(logger)}
	var client *river.Client[*sql.Tx]
	var err error
	if database.pool != nil {
		client, err = river.NewClient(riverdatabasesql.New(nil), cfg)
	} else {
		client, err = river.NewClient(newSQLiteDriver(database), cfg)
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: make an enqueuer: %w", err)
	}
	return &Enqueuer{client: client, database: database}, nil
}

// Enqueue adds a job that exists exactly when tx commits. An error of the
// database comes back unclassified, for the store owns the transaction and
// knows which of its errors are worth another try.
func (e *Enqueuer) Enqueue(ctx context.Context, tx *sql.Tx, job ports.Job) error {
	if err := job.Check(); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := e.client.InsertTx(ctx, tx, args{kind: job.Kind, ID: job.ID}, insertOpts(job.Kind)); err != nil {
		return fmt.Errorf("jobs: add a job of kind %q: %w", job.Kind, err)
	}
	e.database.tell()
	return nil
}
