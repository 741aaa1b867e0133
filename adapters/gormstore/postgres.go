package gormstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/schema"
)

const (
	defaultMaxConns = 20
	// connectTimeout bounds the wait for a server that does not answer, when the
	// URL does not.
	connectTimeout = 2 * time.Second
)

// OpenPostgres connects to a PostgreSQL with PostGIS. The migrations must have
// been applied (Migrator). GORM, the queue and the chunk path share one pool.
func OpenPostgres(ctx context.Context, url string, o Options) (*Store, error) {
	cfg, err := poolConfig(url, o)
	if err != nil {
		return nil, err
	}
	versions, err := migrationVersions(schema.Postgres, "postgres")
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, errUnavailable.Because(fmt.Errorf("PostgreSQL does not answer: %w", err))
	}
	db := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: db}), gormConfig())
	if err != nil {
		err = errors.Join(err, db.Close())
		pool.Close()
		return nil, err
	}
	r := repo{db: g, dialect: postgresDialect{}, enqueue: o.Enqueue}
	return &Store{repo: r, sql: db, pool: pool, chunk: &postgresAppender{pool: pool}, versions: versions, log: logger(o)}, nil
}

func poolConfig(url string, o Options) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errPostgresURL
	}
	switch {
	case o.MaxConns > 0:
		cfg.MaxConns = o.MaxConns
	case !strings.Contains(url, "pool_max_conns"):
		cfg.MaxConns = defaultMaxConns
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = connectTimeout
	}
	defaults := map[string]string{
		"application_name": "runvs",
		// A lock held by somebody else must not hold requests for ever.
		"lock_timeout":                        "2s",
		"idle_in_transaction_session_timeout": "30s",
	}
	for name, value := range defaults {
		if cfg.ConnConfig.RuntimeParams[name] == "" {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	// What was answered must survive a crash, whatever the server's default is.
	// A server that waits for more, such as its replicas, keeps doing so.
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
		return err
	}
	return cfg, nil
}

// errPostgresURL stands for the parser's error, which repeats the URL: it may
// hold a password.
var errPostgresURL = errors.New("the database URL is not one of PostgreSQL: postgres://user:password@host:5432/name")

type postgresDialect struct{}

func (postgresDialect) lock(db *gorm.DB) *gorm.DB {
	return db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// geographyErrorMeters is by how much PostGIS may measure too long: it chooses
// the nearest segment of a line on a sphere.
const geographyErrorMeters = 1.0

const sqlPlace = "ST_SetSRID(ST_MakePoint(?, ?), 4326)::geography"

func located(p geo.Point) clause.Expr {
	return clause.Expr{SQL: sqlPlace, Vars: []any{p.Lng(), p.Lat()}}
}

func nearColumn(q ports.NearbyQuery) clause.Expr {
	if q.WholeRoute {
		return clause.Expr{SQL: "courses.route_geometry"}
	}
	return clause.Expr{SQL: "courses.start_point"}
}

// firstReach takes the first q.Limit courses off the spatial index. It orders by
// distance on a sphere, so they need not be the nearest ones; but the nearest
// are no farther than the farthest of them.
func (postgresDialect) firstReach(db *gorm.DB, q ports.NearbyQuery) (float64, error) {
	var some struct {
		Courses  int
		Farthest float64
	}
	column, place := nearColumn(q), located(q.Center)
	err := db.Raw(`SELECT count(*) AS courses, coalesce(max(meters), 0) AS farthest FROM (
		SELECT ST_Distance(?, ?) AS meters FROM courses WHERE is_public ORDER BY ? <-> ? LIMIT ?) AS t`,
		column, place, column, place, q.Limit).Scan(&some).Error
	if err != nil || some.Courses < q.Limit {
		return q.RadiusMeters, err
	}
	return some.Farthest + geographyErrorMeters, nil
}

func (postgresDialect) within(db *gorm.DB, q ports.NearbyQuery, reachMeters float64) *gorm.DB {
	return db.Where("ST_DWithin(?, ?, ?)", nearColumn(q), located(q.Center), reachMeters+geographyErrorMeters)
}

func (postgresDialect) hasTag(db *gorm.DB, tag string) *gorm.DB {
	return db.Where("courses.tags @> ARRAY[?]::text[]", tag)
}

func (postgresDialect) titleContains(db *gorm.DB, text string) *gorm.DB {
	return db.Where("strpos(lower(courses.title), lower(?)) > 0", text)
}
