package jobs

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// membership tells living workers from dead ones: each holds an advisory lock
// of its session for as long as it lives, which the database frees the moment
// the process, or its connection, is gone. What a dead worker was doing is then
// given back at once, and not after River's time-out for stuck jobs.
type membership struct {
	pool *pgxpool.Pool
	name string
}

func newMembership(pool *pgxpool.Pool) *membership {
	return &membership{pool: pool, name: "runvs-" + uuid.NewString()}
}

const lockOf = "hashtextextended($1, 0)"

// enter takes this worker's lock on a connection of its own.
func (m *membership) enter(ctx context.Context) (leave func(), err error) {
	conn, err := pgx.ConnectConfig(ctx, m.pool.Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock("+lockOf+")", m.name); err != nil {
		return nil, fmt.Errorf("taking the lock of membership: %w", err)
	}
	return func() { _ = conn.Close(context.WithoutCancel(ctx)) }, nil
}

// revive makes jobs of workers whose lock is free available again.
func (m *membership) revive(ctx context.Context) error {
	rows, err := m.pool.Query(ctx, `SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] FROM river_job
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] LIKE 'runvs-%'`)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == m.name {
			continue
		}
		if err := m.reviveOf(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// reviveOf takes a worker's lock for the length of a transaction: if that
// works, it is dead, and it cannot come alive in between.
func (m *membership) reviveOf(ctx context.Context, name string) error {
	return pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		var dead bool
		if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock("+lockOf+")", name).Scan(&dead); err != nil || !dead {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
			WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1`, name)
		return err
	})
}
