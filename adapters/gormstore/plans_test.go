package gormstore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/ports"
)

// manyPublic is how many courses these tests have: enough for a list to be
// walked, and for a planner to leave a table alone.
const manyPublic = manyCourses + 1500

// crowd stores many public courses in one city, and a board of many runners.
func crowd(t *testing.T, s *Store) (creator id.User, board id.Course) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 5)) // repeatable
	creators := make([]id.User, 50)
	for i := range creators {
		creators[i] = newUser(t, s)
	}
	courses := make([]course.Course, manyPublic)
	for i := range courses {
		start := around(r, 37.5, 127, 12_000)
		line, err := geo.NewLine([]geo.Point{start, around(r, start.Lat(), start.Lng(), 900), start})
		must(t, err)
		tags := []string{"common"}
		if i%1000 == 0 {
			tags = append(tags, "rare")
		}
		courses[i] = course.Course{
			ID: column.NewID[id.CourseKind]().ID, CreatorID: creators[i%len(creators)], Title: fmt.Sprintf("한강 아침 런 %d", i), Route: line, IsPublic: i%70 != 0,
			DistanceMeters: 1000 + r.IntN(20_000), Tags: tags, CreatedAt: noon.Add(-time.Duration(i) * time.Minute), UpdatedAt: noon,
		}
	}
	must(t, s.InsertCourses(t.Context(), courses))
	board = courses[1].ID
	cases := fmt.Sprintf(`INSERT INTO course_stats (course_id, total_runs) SELECT id, distance_meters %% 100 FROM courses;
		INSERT INTO users (id) SELECT id FROM courses;
		INSERT INTO rankings (id, course_id, user_id, best_duration_seconds, best_pace_seconds_per_km, achieved_at)
			SELECT id, '%s', id, 1000 + distance_meters %% 900, 300, created_at FROM courses;`, board)
	if s.pool != nil { // SQLite is not told either when the program serves
		cases += "INSERT INTO users (id) SELECT gen_random_uuid() FROM generate_series(1, 20000);ANALYZE;"
	}
	for _, statement := range strings.Split(strings.TrimSuffix(cases, ";"), ";") {
		_, err := s.sql.ExecContext(t.Context(), statement)
		must(t, err)
	}
	return creators[0], board
}

// searches are what apps ask all the time, and how many statements each may take.
func searches(creator id.User, board id.Course) map[string]func(ctx context.Context, s *Store) error {
	place := geo.MustPoint(37.5, 127)
	least, most := 4000, 9000
	list := func(q ports.CourseQuery, page ports.Page, after *ports.CourseKey) func(ctx context.Context, s *Store) error {
		return func(ctx context.Context, s *Store) error {
			found, _, err := s.ListCourses(ctx, q, page, after)
			if err == nil && len(found) == 0 {
				err = fmt.Errorf("%+v finds nothing", q)
			}
			return err
		}
	}
	tile := func(z int) func(ctx context.Context, s *Store) error {
		return func(ctx context.Context, s *Store) error {
			at := maptile.At(place)
			t, err := maptile.New(z, at.X>>(maptile.Bits-z), at.Y>>(maptile.Bits-z))
			if err != nil {
				return err
			}
			_, err = s.MapTile(ctx, t)
			return err
		}
	}
	nearby := func(wholeRoute bool) func(ctx context.Context, s *Store) error {
		return func(ctx context.Context, s *Store) error {
			_, err := s.NearbyCourses(ctx, ports.NearbyQuery{Center: place, RadiusMeters: 5000, Limit: 20, WholeRoute: wholeRoute})
			return err
		}
	}
	bounds := func(meters float64, wholeRoute bool) func(ctx context.Context, s *Store) error {
		return func(ctx context.Context, s *Store) error {
			_, _, err := s.CoursesInBounds(ctx, ports.BoundsQuery{Bounds: geo.Around(place, meters), Limit: 100, WholeRoute: wholeRoute})
			return err
		}
	}
	page, deep := ports.Page{Limit: 20}, ports.Page{Limit: 20, Offset: 300}
	on := ports.BoardQuery{CourseID: board, Period: ranking.AllTime, Page: page}
	return map[string]func(ctx context.Context, s *Store) error{
		"nearby, by start": nearby(false), "nearby, by route": nearby(true),
		"bounds of a city": bounds(12_000, false), "bounds of a street": bounds(200, false), "bounds of a city, by route": bounds(12_000, true),
		"list, newest":                 list(ports.CourseQuery{Sort: ports.NewestFirst}, page, nil),
		"list, newest, for a creator":  list(ports.CourseQuery{Sort: ports.NewestFirst, Viewer: creator}, page, nil),
		"list, newest, a page behind":  list(ports.CourseQuery{Sort: ports.NewestFirst}, deep, nil),
		"list, newest, by cursor":      list(ports.CourseQuery{Sort: ports.NewestFirst}, page, &ports.CourseKey{CreatedAt: noon.Add(-40 * time.Hour)}),
		"list, popular":                list(ports.CourseQuery{Sort: ports.PopularFirst}, page, nil),
		"list, popular, by cursor":     list(ports.CourseQuery{Sort: ports.PopularFirst}, page, &ports.CourseKey{TotalRuns: 50, ID: board}),
		"list, by distance":            list(ports.CourseQuery{Sort: ports.ByDistance}, page, nil),
		"list, by distance, by cursor": list(ports.CourseQuery{Sort: ports.ByDistance}, page, &ports.CourseKey{DistanceMeters: 7000, ID: board}),
		"list, a range of distances":   list(ports.CourseQuery{Sort: ports.ByDistance, MinDistanceMeters: &least, MaxDistanceMeters: &most}, page, nil),
		"list, a rare tag":             list(ports.CourseQuery{Sort: ports.NewestFirst, Tag: "rare"}, page, nil),
		"list, a common tag":           list(ports.CourseQuery{Sort: ports.PopularFirst, Tag: "common"}, page, nil),
		"list, a rare title":           list(ports.CourseQuery{Sort: ports.PopularFirst, TitleContains: "런 123"}, page, nil),
		"list, a common title":         list(ports.CourseQuery{Sort: ports.NewestFirst, TitleContains: "한강"}, page, nil),
		"list, a creator's":            list(ports.CourseQuery{Sort: ports.NewestFirst, Creator: creator}, page, nil),
		"a tile of the world":          tile(0), "a tile of a city": tile(10), "a tile of a quarter": tile(13), "a tile of a street": tile(16),
		"board": func(ctx context.Context, s *Store) error { _, _, err := s.Board(ctx, on); return err },
		"board, far behind": func(ctx context.Context, s *Store) error {
			far := on
			far.Page.Offset = 4000
			_, _, err := s.Board(ctx, far)
			return err
		},
		"board, around me": func(ctx context.Context, s *Store) error {
			var me id.User
			row := s.sql.QueryRowContext(ctx, "SELECT user_id FROM rankings LIMIT 1")
			var name string
			if err := row.Scan(&name); err != nil {
				return err
			}
			me, err := id.Parse[id.UserKind](name)
			if err != nil {
				return err
			}
			_, _, err = s.BoardAround(ctx, board, ranking.AllTime, me, 5)
			return err
		},
	}
}

// whole says that a plan reads a whole table, not just some of an index.
var whole = map[string]*regexp.Regexp{
	"PostGIS": regexp.MustCompile(`Seq Scan on (courses|course_map|course_stats|course_cells|rankings|users|board_counts)\b`),
	"SQLite":  regexp.MustCompile(`SCAN (courses|course_map|course_stats|course_cells|rankings|users|board_counts)( USING COVERING INDEX sqlite_autoindex\w+)?$`),
}

// However common or rare what is asked for is, no search reads a whole table,
// and none asks once per row. The plans are in the log of a test with -v.
func TestSearchesWalkIndexesAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		creator, board := crowd(t, s)
		database := t.Name()[strings.LastIndex(t.Name(), "/")+1:]
		l := listen(t, s)
		for name, search := range searches(creator, board) {
			sent := l.during(func() {
				if err := search(t.Context(), s); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			})
			if len(sent) > 25 {
				t.Errorf("%s: %d statements", name, len(sent))
			}
			setting := "SELECT 1"
			for _, statement := range sent {
				if strings.HasPrefix(statement.sql, "SET ") {
					setting = statement.sql
					continue
				}
				plan := explained(t, s, setting, statement)
				t.Logf("%s:\n%s\n%s", name, statement.sql, plan)
				for _, line := range strings.Split(plan, "\n") {
					if whole[database].MatchString(line) {
						t.Errorf("%s reads a whole table: %s\n%s\n%s", name, line, statement.sql, plan)
					}
				}
			}
		}
	})
}

// explained returns a statement's plan under a setting, a line each node.
func explained(t *testing.T, s *Store, setting string, st sent) string {
	t.Helper()
	tx, err := s.sql.BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { must(t, tx.Rollback()) }()
	_, err = tx.ExecContext(t.Context(), setting)
	must(t, err)
	explain := "EXPLAIN QUERY PLAN "
	if s.pool != nil {
		explain = "EXPLAIN "
	}
	rows, err := tx.QueryContext(t.Context(), explain+st.sql, st.args...)
	must(t, err)
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var line string
		if s.pool != nil {
			must(t, rows.Scan(&line))
		} else {
			var node, parent, unused int
			must(t, rows.Scan(&node, &parent, &unused, &line))
		}
		plan = append(plan, line)
	}
	must(t, rows.Err())
	return strings.Join(plan, "\n")
}
