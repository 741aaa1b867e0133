package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// deathGrace is how long a lock must be free before its client counts as dead.
// A living client that lost its connection takes its lock again within
// presencePeriod of the database's return.
const deathGrace = 2 * time.Second

// postgresPresence holds a session-level advisory lock on a connection of its
// own: PostgreSQL frees it when the session ends, and the session ends when the
// process dies.
type postgresPresence struct {
	pool  *pgxpool.Pool
	grace time.Duration

	conn   *pgx.Conn            // holds the lock; nil when not held
	absent map[string]time.Time // since when a client's lock was seen free
}

// lockKey makes the key of a client's advisory lock of its id.
func lockKey(client string) int64 {
	sum := sha256.Sum256([]byte("runvs/jobs/" + client))
	return int64(binary.BigEndian.Uint64(sum[:])) // any 64 bits do
}

// connectBeside opens a connection like those of the pool, without taking one
// of them: it is held for as long as the process works.
func connectBeside(ctx context.Context, pool *pgxpool.Pool) (*pgx.Conn, error) {
	all := pool.Config()
	cfg := all.ConnConfig
	if all.BeforeConnect != nil {
		if err := all.BeforeConnect(ctx, cfg); err != nil {
			return nil, err
		}
	}
	return pgx.ConnectConfig(ctx, cfg)
}

// closeConn ends a session, even when ctx has ended, but not for ever.
func closeConn(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return conn.Close(ctx)
}

func (p *postgresPresence) appear(ctx context.Context, client string) (revived int, err error) {
	if err = p.hold(ctx, client); err != nil {
		err = fmt.Errorf("jobs: hold the lock of client %s: %w", client, err)
	} else if revived, err = p.reviveOthers(ctx, client); err != nil {
		err = fmt.Errorf("jobs: look for dead clients: %w", err)
	}
	if err != nil {
		// What ails us may ail the others: they get the whole grace again.
		p.absent = nil
	}
	return revived, err
}

// hold makes sure that this session still lives, or makes a new one.
func (p *postgresPresence) hold(ctx context.Context, client string) error {
	if p.conn != nil {
		err := p.conn.Ping(ctx)
		if err == nil {
			return nil
		}
		_ = closeConn(ctx, p.conn) // it is broken already; err says why
		p.conn = nil
		if ctx.Err() != nil {
			return err
		}
	}
	conn, err := connectBeside(ctx, p.pool)
	if err != nil {
		return err
	}
	// The server notices within 25 s when this host vanishes from the network,
	// instead of in hours. On a local socket the settings have no effect. An old
	// session of ours that the server has not yet buried may hold the lock still;
	// waiting for it is right, since nobody else would take it for free.
	_, err = conn.Exec(ctx, "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET statement_timeout = 0")
	if err == nil {
		_, err = conn.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey(client))
	}
	if err != nil {
		return errors.Join(err, closeConn(ctx, conn))
	}
	p.conn = conn
	return nil
}

func (p *postgresPresence) reviveOthers(ctx context.Context, self string) (int, error) {
	rows, err := p.pool.Query(ctx, pgWorkingClients, clientPrefix, self)
	if err != nil {
		return 0, err
	}
	clients, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	seen := make(map[string]time.Time, len(clients))
	revived := 0
	for _, client := range clients {
		since, suspected := p.absent[client]
		n, free, err := p.reviveIfDead(ctx, client, suspected && time.Since(since) >= p.grace)
		if err != nil {
			return revived, err
		}
		revived += n
		if !free {
			continue
		}
		if !suspected {
			since = time.Now()
		}
		seen[client] = since
	}
	p.absent = seen
	return revived, nil
}

// reviveIfDead takes a client's lock if it is free and, with act, makes the
// client's jobs available. The lock is held until the transaction ends, so of
// many that look at once only one acts.
func (p *postgresPresence) reviveIfDead(ctx context.Context, client string, act bool) (revived int, free bool, err error) {
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", lockKey(client)).Scan(&free); err != nil || !free || !act {
			return err
		}
		revived, err = p.revive(ctx, tx, client)
		return err
	})
	return revived, free, err
}

func (p *postgresPresence) revive(ctx context.Context, tx pgx.Tx, client string) (int, error) {
	rows, err := tx.Query(ctx, pgOrphans, client, suspectQueue)
	if err != nil {
		return 0, err
	}
	orphans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o orphan, err error) {
		return o, row.Scan(&o.id, &o.attempt, &o.maxAttempts, &o.deaths, &o.suspect, &o.alone)
	})
	if err != nil {
		return 0, err
	}
	for _, o := range orphans {
		f := o.fate()
		note, entry, err := f.written()
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, pgRevive, o.id, f.state(), f.queue(), f.attempt, entry, note); err != nil {
			return 0, err
		}
	}
	// A dead leader would keep the others from leading until its term ends.
	_, err = tx.Exec(ctx, pgForgetLeader, client)
	return len(orphans), err
}

func (p *postgresPresence) leave(ctx context.Context) error {
	if p.conn == nil {
		return nil
	}
	conn := p.conn
	p.conn = nil
	return closeConn(ctx, conn)
}
