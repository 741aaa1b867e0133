package gormstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/ports"
)

// OpenPostgres connects to a PostgreSQL with PostGIS. The migrations must have
// been applied (Migrator). GORM, the queue and the chunk path share one pool.
func OpenPostgres(ctx context.Context, url string, o Options) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The parser's error repeats the URL, which may hold a password.
		return nil, errors.New("the database URL is not one of PostgreSQL: postgres://user:password@host:5432/name")
	}
	cfg.MaxConns = 20
	if o.MaxConns > 0 {
		cfg.MaxConns = o.MaxConns
	}
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "runvs"
	}
	// A lock held by somebody else must not hold requests for ever.
	cfg.ConnConfig.RuntimeParams["lock_timeout"] = "2s"
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "30s"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: db}), gormConfig())
	if err != nil {
		pool.Close()
		return nil, err
	}
	r := repo{db: g, dialect: postgresDialect{}, enqueue: o.Enqueue}
	return &Store{repo: r, sql: db, pool: pool, chunk: &postgresAppender{pool: pool}}, nil
}

type postgresDialect struct{}

func (postgresDialect) name() string { return "postgres" }

func (postgresDialect) lock(db *gorm.DB) *gorm.DB {
	return db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// nearby finds candidates by the GIST indexes, a metre more generously than
// asked: the exact distance decides.
func (postgresDialect) nearby(db *gorm.DB, q ports.NearbyQuery) *gorm.DB {
	const slack = 1.0 // ST_DWithin errs by up to 0.5 m on a line
	column := "courses.start_point"
	if q.WholeRoute {
		column = "courses.route_geometry"
	}
	point := "ST_SetSRID(ST_MakePoint(?, ?), 4326)::geography"
	db = db.Where("ST_DWithin("+column+", "+point+", ?)", q.Center.Lng(), q.Center.Lat(), q.RadiusMeters+slack)
	if q.WholeRoute {
		return db
	}
	// A slightly larger page than asked, for ties and rounding.
	return db.Clauses(clause.OrderBy{Expression: clause.Expr{
		SQL: "ST_Distance(" + column + ", " + point + "), courses.id", Vars: []any{q.Center.Lng(), q.Center.Lat()},
	}}).Limit(q.Limit + 10)
}

func (postgresDialect) inBox(db *gorm.DB, q ports.BoundsQuery) *gorm.DB {
	if q.WholeRoute {
		return routeBox(db, q.Bounds)
	}
	return startBox(db, q.Bounds)
}

func (postgresDialect) hasTag(db *gorm.DB, tag string) *gorm.DB {
	return db.Where("? = ANY (courses.tags)", tag)
}

func (postgresDialect) titleContains(db *gorm.DB, text string) *gorm.DB {
	return db.Where("strpos(lower(courses.title), lower(?)) > 0", text)
}

// Codes of https://www.postgresql.org/docs/15/errcodes-appendix.html.
func (postgresDialect) transient(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

func (postgresDialect) outage(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code[:2] {
		case "08", "53", "57", "58", "XX": // connection, resources, intervention, system, internal
			return true
		}
		return e.Code == "25006" || e.Code == "55P03" // read-only, lock not available
	}
	var n net.Error
	var c *pgconn.ConnectError
	return errors.As(err, &n) || errors.As(err, &c) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "closed pool") || strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "conn closed")
}
