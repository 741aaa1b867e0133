package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"gorm.io/gorm"

	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/ports"
)

// OpenSQLite opens a database file, making it and its folder when missing. The
// migrations must have been applied (migrate). Commits are synced to the disk:
// what was answered survives a power cut.
func OpenSQLite(ctx context.Context, path string, o Options) (*Store, error) {
	versions, err := migrate.SQLiteVersions()
	if err != nil {
		return nil, err
	}
	writer, err := sqlite.OpenWriter(ctx, path)
	if err != nil {
		return nil, err
	}
	readers, err := sqlite.OpenReaders(path, sqliteReaders)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	g, err := gorm.Open(sqliteGorm{sqliteConns{writer: writer, readers: readers}}, gormConfig())
	if err != nil {
		return nil, errors.Join(err, readers.Close(), writer.Close())
	}
	r := repo{db: g, dialect: sqliteDialect{}, enqueue: o.Enqueue, counts: newCounts(), tiles: o.Tiles}
	return &Store{repo: r, sql: writer, readers: readers, chunk: newSQLiteAppender(&r), versions: versions, log: logger(o)}, nil
}

// sqliteReaders is how many may look at once.
const sqliteReaders = 8

// sqliteConns sends what writes to the one connection that does, and lets
// others read meanwhile. A transaction may write, so it is the writer's.
type sqliteConns struct{ writer, readers *sql.DB }

// PrepareContext implements gorm.ConnPool.
func (c sqliteConns) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return c.writer.PrepareContext(ctx, query)
}

// ExecContext implements gorm.ConnPool.
func (c sqliteConns) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return c.writer.ExecContext(ctx, query, args...)
}

// QueryContext implements gorm.ConnPool.
func (c sqliteConns) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return c.readers.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (c sqliteConns) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return c.readers.QueryRowContext(ctx, query, args...)
}

// BeginTx implements gorm.TxBeginner.
func (c sqliteConns) BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error) {
	return c.writer.BeginTx(ctx, opts)
}

type sqliteDialect struct{}

// lock does nothing: a transaction is the only writer from its beginning on.
func (sqliteDialect) lock(db *gorm.DB) *gorm.DB { return db }

// nearReachMeters is how far is looked first; each round looks twice as far, so
// that in a dense city few courses are looked at, and in the country few rounds
// are needed.
const nearReachMeters = 50

// near widens a box in the R*Tree until there are enough courses in it.
func (sqliteDialect) near(ctx context.Context, r *repo, q ports.NearbyQuery, n int, visit func(summaryRow) error) (meters float64, err error) {
	for reach := min(nearReachMeters, q.RadiusMeters); ; reach = min(2*reach, q.RadiusMeters) {
		tree, args := inTree(geo.Around(q.Center, reach), false)
		if reach < q.RadiusMeters {
			var found int
			if err := r.db.WithContext(ctx).Raw("SELECT count(*) FROM ("+tree+" LIMIT ?)", append(args, n)...).Scan(&found).Error; err != nil {
				return 0, err
			}
			if found < n {
				continue
			}
		} else {
			meters = math.Inf(1)
		}
		sql := "SELECT " + courseSummary + " FROM (SELECT DISTINCT id FROM (" + tree + ")) AS tree CROSS JOIN courses ON courses.spatial_key = tree.id"
		return max(meters, reach), r.visitRows(ctx, visit, sql, args...)
	}
}

// inTree selects the keys of the courses whose start or, with wholeRoute, whose
// line's box an R*Tree has in a box.
func inTree(b geo.Bounds, wholeRoute bool) (sql string, args []any) {
	tree := "course_starts"
	if wholeRoute {
		tree = "course_routes"
	}
	var parts []string
	for _, part := range meridianParts(b) {
		parts = append(parts, "SELECT id FROM "+tree+" WHERE east >= ? AND west <= ? AND north >= ? AND south <= ?")
		args = append(args, part.West, part.East, part.South, part.North)
	}
	return strings.Join(parts, " UNION ALL "), args
}

// searching has nothing to prevent: what SQLite does is what the statements say.
func (sqliteDialect) searching(_ context.Context, r *repo, fn func(r *repo) error) error {
	return fn(r)
}

// routesIn implements dialect.
func (sqliteDialect) routesIn(b geo.Bounds) (from conditions) {
	tree, args := inTree(b, true)
	from.add("(SELECT DISTINCT id FROM ("+tree+")) AS tree CROSS JOIN course_map AS m ON m.spatial_key = tree.id", args...)
	return from
}

func (sqliteDialect) mapped() string { return "course_map.spatial_key = courses.spatial_key" }

func (sqliteDialect) hasTag(tag string, indexed bool) (condition string, args []any) {
	if indexed {
		return hasWords, []any{word('t', tag)}
	}
	return "EXISTS (SELECT 1 FROM json_each(courses.tags) WHERE value = ?)", []any{tag}
}

func (sqliteDialect) titleContains(folded string, indexed bool) (condition string, args []any) {
	condition, args = "instr(courses.title_folded, ?) > 0", []any{folded}
	if indexed {
		var words []string
		for _, gram := range course.TitleGrams(folded) {
			words = append(words, word('g', gram))
		}
		if len(words) == 1 { // who has the gram has the text
			return hasWords, []any{words[0]}
		}
		condition, args = hasWords+" AND "+condition, append([]any{strings.Join(words, " ")}, args...)
	}
	return condition, args
}

// hasWords is a condition that the full-text index has words of a course.
const hasWords = "courses.spatial_key IN (SELECT rowid FROM course_words WHERE course_words MATCH ?)"

// word is how the full-text index writes a gram (g) or a tag (t).
func word(kind byte, s string) string { return fmt.Sprintf("%c%X", kind, s) }

// encodeTile implements dialect.
func (sqliteDialect) encodeTile(ctx context.Context, r *repo, t maptile.Tile, c tileContent) ([]byte, error) {
	routes, err := r.withLines(ctx, c.routes)
	if err != nil {
		return nil, err
	}
	return r.tiles.EncodeTile(t, ports.MapContent{Clusters: c.clusters, Starts: c.starts, Routes: routes})
}
