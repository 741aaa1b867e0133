package gormstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

const (
	defaultMaxConns = 20
	// connectTimeout bounds the wait for a server that does not answer, when the
	// URL does not.
	connectTimeout = 2 * time.Second
)

// OpenPostgres connects to a PostgreSQL with PostGIS. The migrations must have
// been applied (migrate). GORM, the queue and the chunk path share one pool.
func OpenPostgres(ctx context.Context, url string, o Options) (*Store, error) {
	cfg, err := poolConfig(url, o)
	if err != nil {
		return nil, err
	}
	versions, err := migrate.PostgresVersions()
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, ports.ErrStoreUnavailable.Because(fmt.Errorf("PostgreSQL does not answer: %w", err))
	}
	db := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: db}), gormConfig())
	if err != nil {
		err = errors.Join(err, db.Close())
		pool.Close()
		return nil, err
	}
	r := repo{db: g, dialect: postgresDialect{}, enqueue: o.Enqueue, counts: newCounts()}
	return &Store{repo: r, sql: db, pool: pool, chunk: &postgresAppender{pool: pool}, versions: versions, log: logger(o)}, nil
}

func poolConfig(url string, o Options) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, migrate.ErrPostgresURL
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

type postgresDialect struct{}

func (postgresDialect) lock(db *gorm.DB) *gorm.DB {
	return db.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// sphereError bounds by which share of a distance PostGIS is wrong when it orders
// by <->: it does so on a sphere, which is 0.6 % off at most.
const sphereError = 0.01

// near walks the GiST index outwards from the centre.
func (postgresDialect) near(ctx context.Context, r *repo, q ports.NearbyQuery, n int, visit func(summaryRow) error) (meters float64, err error) {
	const place = "ST_SetSRID(ST_MakePoint(?, ?), 4326)::geography"
	at := []any{q.Center.Lng(), q.Center.Lat()}
	// The courses first, whatever the planner thinks of the join.
	sql := "SELECT " + courseSummary + ", sphere FROM (SELECT " + lightColumns + ", start_point <-> " + place + " AS sphere" +
		" FROM courses WHERE is_public ORDER BY start_point <-> " + place + " LIMIT " + strconv.Itoa(n) + ") AS courses"
	found := 0
	err = r.visitRows(ctx, func(row summaryRow) error {
		found++
		meters = max(meters, row.Sphere)
		return visit(row)
	}, sql, append(at, at...)...)
	if found < n {
		return math.Inf(1), err
	}
	return meters * (1 - sphereError), err
}

// searching keeps the planner from reading all of courses, wide as its rows are,
// because a word is common: counting by the index alone is faster.
func (postgresDialect) searching(ctx context.Context, r *repo, fn func(r *repo) error) error {
	if r.searches {
		return fn(r)
	}
	return r.inTx(ctx, func(tx *repo) error {
		tx.searches = true
		if err := tx.db.WithContext(ctx).Exec("SET LOCAL enable_seqscan = off").Error; err != nil {
			return err
		}
		return fn(tx)
	})
}

// routesIn implements dialect, by the boxes of all lines from the lowest
// prominence to the highest.
func (postgresDialect) routesIn(b geo.Bounds) (from conditions) {
	var boxes conditions
	for _, part := range meridianParts(b) {
		boxes.add("route && cube(ARRAY[?, ?, -1]::float8[], ARRAY[?, ?, ?]::float8[])", part.West, part.South, part.East, part.North, everyProminence)
	}
	from.add("(SELECT * FROM course_map WHERE is_public AND "+boxes.any().all()+") AS m", boxes.args...)
	return from
}

func (postgresDialect) mapped() string { return "course_map.course_id = courses.id" }

func (postgresDialect) hasTag(tag string, indexed bool) (condition string, args []any) {
	if indexed {
		return "courses.tags @> ARRAY[?]::text[]", []any{tag}
	}
	return "? = ANY (courses.tags)", []any{tag}
}

func (postgresDialect) titleContains(folded string, indexed bool) (condition string, args []any) {
	condition, args = "strpos(courses.title_folded, ?) > 0", []any{folded}
	if !indexed {
		return condition, args
	}
	grams := course.TitleGrams(folded)
	having := "title_grams(courses.title_folded) @> ?::text[]"
	if len(grams) == 1 { // who has the gram has the text
		return having, []any{column.Tags(grams)}
	}
	return having + " AND " + condition, append([]any{column.Tags(grams)}, args...)
}
