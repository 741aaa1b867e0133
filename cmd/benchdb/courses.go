package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/runvs/runvs/cmd/runvs/seed"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// searched is a store with many courses in one city.
type searched struct {
	*database
	courses int
	places  []geo.Point
}

// city is where they are, and what a phone shows of it.
var city = geo.MustPoint(37.53, 127.0)

const cityMeters, streetMeters = 12_000, 300

// addCourses brings the store up to so many courses; one of twenty has runs.
func (db *database) addCourses(ctx context.Context, courses int) (searched, error) {
	s := searched{database: db, courses: courses}
	now := time.Now().UTC()
	if db.courses == nil {
		db.courses = seed.New(seed.Source{Seed: 1, Dense: true, IDs: ids{}, Now: now})
		creator, _, err := db.store.FindOrCreateUser(ctx, user.SocialAccount{Provider: "dev", ProviderID: "creator"},
			user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: now, UpdatedAt: now})
		if err != nil {
			return s, err
		}
		db.creator = creator.ID
	}
	const batch = 1000
	bar := progressbar.NewOptions(courses-db.stored, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(db.name+": courses"),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionThrottle(time.Second), progressbar.OptionClearOnFinish())
	for db.stored < courses {
		made := make([]course.Course, min(batch, courses-db.stored))
		for i := range made {
			var err error
			if made[i], err = db.courses.Course(db.creator); err != nil {
				return s, err
			}
		}
		if err := db.store.InsertCourses(ctx, made); err != nil {
			return s, err
		}
		db.stored += len(made)
		_ = bar.Add(len(made))
	}
	statements := []string{`INSERT INTO course_stats (course_id, total_runs) SELECT id, 1 + map_x % 1000 FROM courses
		WHERE map_y % 20 = 0 ON CONFLICT (course_id) DO NOTHING`}
	if db.store.Pool() != nil { // what its autovacuum does sooner or later
		statements = append(statements, "VACUUM ANALYZE")
	}
	for _, statement := range statements {
		if _, err := db.store.SQL().ExecContext(ctx, statement); err != nil {
			return s, err
		}
	}
	r := rand.New(rand.NewPCG(1, 1)) // repeatable
	plane := geo.NewPlane(city)
	for range 64 {
		s.places = append(s.places, plane.Unproject(r.NormFloat64()*5000, r.NormFloat64()*5000))
	}
	return s, nil
}

func (s searched) works() []work {
	place := func(i int) geo.Point { return s.places[i%len(s.places)] }
	nearby := func(radius float64, wholeRoute bool) func(context.Context, int) error {
		return func(ctx context.Context, i int) error {
			_, err := s.store.NearbyCourses(ctx, ports.NearbyQuery{Center: place(i), RadiusMeters: radius, Limit: 20, WholeRoute: wholeRoute})
			return err
		}
	}
	bounds := func(center func(int) geo.Point, meters float64, wholeRoute bool) func(context.Context, int) error {
		return func(ctx context.Context, i int) error {
			_, _, err := s.store.CoursesInBounds(ctx, ports.BoundsQuery{Bounds: geo.Around(center(i), meters), Limit: 100, WholeRoute: wholeRoute})
			return err
		}
	}
	list := func(q ports.CourseQuery) func(context.Context, int) error {
		return func(ctx context.Context, _ int) error {
			_, _, err := s.store.ListCourses(ctx, q, ports.Page{Limit: 21}, nil)
			return err
		}
	}
	tile := func(z int) func(context.Context, int) error {
		return func(ctx context.Context, i int) error {
			at := maptile.At(place(i))
			t, err := maptile.New(z, at.X>>(maptile.Bits-z), at.Y>>(maptile.Bits-z))
			if err == nil {
				_, err = s.store.MapTile(ctx, t)
			}
			return err
		}
	}
	everywhere := func(int) geo.Point { return city }
	return []work{
		{"nearby 5 km, 20 rows", nearby(5000, false), s.foundingNearby("start_point", 5000)},
		{"nearby 50 km, 20 rows", nearby(50_000, false), nil},
		{"nearby 5 km by route, 20 rows", nearby(5000, true), s.foundingNearby("route_geometry", 5000)},
		{"bounds, whole city", bounds(everywhere, cityMeters, false), s.foundingBounds(cityMeters)},
		{"bounds, a street", bounds(place, streetMeters, false), s.foundingBounds(streetMeters)},
		{"bounds by route, whole city", bounds(everywhere, cityMeters, true), nil},
		{"bounds by route, a street", bounds(place, streetMeters, true), nil},
		{"list, newest", list(ports.CourseQuery{Sort: ports.NewestFirst}), s.foundingList("true", "c.created_at DESC, c.id DESC")},
		{"list, popular", list(ports.CourseQuery{Sort: ports.PopularFirst}), s.foundingList("true", "total_runs DESC, c.id DESC")},
		{"list, rare title", list(ports.CourseQuery{Sort: ports.PopularFirst, TitleContains: "북악 인터벌 3"}), s.foundingList("lower(c.title) LIKE '%북악 인터벌 3%'", "total_runs DESC, c.id DESC")},
		{"list, common title", list(ports.CourseQuery{Sort: ports.PopularFirst, TitleContains: "한강"}), s.foundingList("lower(c.title) LIKE '%한강%'", "total_runs DESC, c.id DESC")},
		{"list, common tag", list(ports.CourseQuery{Sort: ports.NewestFirst, Tag: "flat"}), nil},
		{"map tile, world", tile(0), nil},
		{"map tile, zoom 10", tile(10), nil},
		{"map tile, zoom 13", tile(13), nil},
		{"map tile, zoom 16", tile(16), nil},
	}
}

const foundingColumns = "SELECT c.id, c.title, c.description, c.distance_meters, c.tags, coalesce(s.total_runs, 0) AS total_runs"

// foundingNearby sorts all that lie within the radius.
func (s searched) foundingNearby(column string, meters float64) func(context.Context, int) error {
	if s.store.Pool() != nil {
		return func(ctx context.Context, i int) error {
			p := s.places[i%len(s.places)]
			here := fmt.Sprintf("ST_SetSRID(ST_MakePoint(%f, %f), 4326)::geography", p.Lng(), p.Lat())
			return s.read(ctx, fmt.Sprintf(foundingColumns+`, ST_Distance(c.%s, %s) AS distance_m FROM courses c LEFT JOIN course_stats s ON s.course_id = c.id
				WHERE c.is_public AND ST_DWithin(c.%s, %s, %f) ORDER BY distance_m LIMIT 20`, column, here, column, here, meters))
		}
	}
	if column != "start_point" {
		return nil // no such thing without PostGIS
	}
	return func(ctx context.Context, i int) error {
		p := s.places[i%len(s.places)]
		b := geo.Around(p, meters)
		return s.read(ctx, fmt.Sprintf(foundingColumns+`, 12742000 * asin(sqrt(pow(sin(radians(c.start_lat - %f) / 2), 2)
			+ cos(radians(%f)) * cos(radians(c.start_lat)) * pow(sin(radians(c.start_lng - %f) / 2), 2))) AS distance_m
			FROM courses c LEFT JOIN course_stats s ON s.course_id = c.id
			WHERE c.is_public AND c.spatial_key IN (SELECT id FROM course_starts WHERE east >= %f AND west <= %f AND north >= %f AND south <= %f)
			ORDER BY distance_m LIMIT 20`, p.Lat(), p.Lat(), p.Lng(), b.West, b.East, b.South, b.North))
	}
}

// foundingBounds sorts all that start in the view.
func (s searched) foundingBounds(meters float64) func(context.Context, int) error {
	return func(ctx context.Context, i int) error {
		p := city
		if meters == streetMeters {
			p = s.places[i%len(s.places)]
		}
		b := geo.Around(p, meters)
		in := fmt.Sprintf("c.spatial_key IN (SELECT id FROM course_starts WHERE east >= %f AND west <= %f AND north >= %f AND south <= %f)", b.West, b.East, b.South, b.North)
		if s.store.Pool() != nil {
			in = fmt.Sprintf("c.start_point && ST_MakeEnvelope(%f, %f, %f, %f, 4326)::geography", b.West, b.South, b.East, b.North)
		}
		return s.read(ctx, foundingColumns+" FROM courses c LEFT JOIN course_stats s ON s.course_id = c.id WHERE c.is_public AND "+in+
			" ORDER BY total_runs DESC, c.id LIMIT 100")
	}
}

// foundingList counts all, and sorts all.
func (s searched) foundingList(where, order string) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		if err := s.read(ctx, "SELECT count(*) FROM courses c WHERE c.is_public AND "+where); err != nil {
			return err
		}
		return s.read(ctx, foundingColumns+" FROM courses c LEFT JOIN course_stats s ON s.course_id = c.id WHERE c.is_public AND "+where+
			" ORDER BY "+order+" LIMIT 20")
	}
}

// read runs a statement of the founding design to its last row.
func (db *database) read(ctx context.Context, statement string) error {
	rows, err := db.store.SQL().QueryContext(ctx, statement)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // the error of its end is looked at
	for rows.Next() {
	}
	return rows.Err()
}
