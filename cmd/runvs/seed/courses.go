// Package seed makes synthetic courses and runs that look like those of people,
// for demonstrations and measurements. Equal seeds give equal ones.
package seed

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// Generator makes courses and runs, one after the other.
type Generator struct {
	random *rand.Rand
	ids    id.Generator
	now    time.Time
	cities []city
	weight float64 // of all cities
}

// city is a place where people run, more in some than in others.
type city struct {
	lat, lng, radiusMeters, weight float64
	places, kinds                  []string // what titles are made of
}

var (
	korean  = []string{"아침 런", "야간 러닝", "순환 코스", "왕복", "언덕 훈련", "주말 장거리", "가볍게", "한 바퀴", "인터벌"}
	english = []string{"Morning Run", "Night Run", "Loop", "Out and Back", "Hill Repeats", "Long Run", "Easy", "Lap", "Tempo"}
	seoul   = city{37.53, 127.0, 13_200, 10, []string{"한강", "남산", "올림픽공원", "안양천", "중랑천", "여의도", "반포", "서울숲", "북악", "양재천", "석촌호수", "월드컵공원"}, korean}
	cities  = []city{
		seoul,
		{35.16, 129.06, 9_000, 4, []string{"해운대", "광안리", "온천천", "수영강", "태종대"}, korean},
		{37.45, 126.65, 8_000, 2, []string{"송도", "인천대공원", "월미도"}, korean},
		{35.68, 139.76, 12_000, 4, []string{"Palace", "Yoyogi", "Tama River", "Odaiba"}, english},
		{51.51, -0.13, 12_000, 3, []string{"Hyde Park", "Thames", "Regent's Canal", "Hampstead"}, english},
		{40.76, -73.98, 9_000, 3, []string{"Central Park", "Hudson", "Brooklyn", "East River"}, english},
		{48.86, 2.35, 7_000, 2, []string{"Seine", "Boulogne", "Vincennes"}, english},
		{-33.87, 151.21, 9_000, 1, []string{"Bondi", "Harbour", "Centennial"}, english},
		{-18.14, 178.44, 4_000, 0.2, []string{"Suva", "Laucala Bay"}, english},
		{64.14, -21.94, 4_000, 0.3, []string{"Reykjavík", "Seltjarnarnes"}, english},
	}
	tags = []string{"flat", "hill", "river", "park", "night", "trail", "track", "한강", "초보", "long"}
)

// Source is what a generator draws from.
type Source struct {
	Seed  uint64 // equal ones give equal courses and runs
	Dense bool   // all courses are in one city
	IDs   id.Generator
	Now   time.Time // nothing is younger
}

// New returns a generator.
func New(s Source) *Generator {
	g := &Generator{random: rand.New(rand.NewPCG(s.Seed, 0)), ids: s.IDs, now: s.Now, cities: cities}
	if s.Dense {
		g.cities = []city{seoul}
	}
	for _, c := range g.cities {
		g.weight += c.weight
	}
	return g
}

// vertexMeters is how far apart the vertices of a course are.
const vertexMeters = 60

// Course makes a public course of 1 to 30 km, most of them about 5 km.
func (g *Generator) Course(creator id.User) (course.Course, error) {
	r := g.random
	c := g.city()
	meters := math.Min(30_000, 1000+4000*math.Exp(r.NormFloat64()*0.7))
	distance, bearing := c.radiusMeters*math.Sqrt(r.Float64()), 2*math.Pi*r.Float64()
	start := geo.NewPlane(geo.MustPoint(c.lat, c.lng)).Unproject(distance*math.Sin(bearing), distance*math.Cos(bearing))
	points := g.route(start, meters)
	line, err := geo.NewLine(points)
	if err != nil {
		return course.Course{}, err
	}
	altitudes := g.hills(len(points))
	climb := run.ClimbAlong(points, altitudes)
	seconds := int(meters * (0.3 + 0.1*r.Float64()))
	kind := r.IntN(len(c.kinds))
	title := c.places[r.IntN(len(c.places))] + " " + c.kinds[kind]
	if n := r.IntN(40); n > 0 {
		title += " " + strconv.Itoa(n)
	}
	labels := map[string]bool{}
	for range r.IntN(4) {
		labels[tags[int(float64(len(tags))*r.Float64()*r.Float64())]] = true
	}
	in := course.Input{
		ID: id.New[id.CourseKind](g.ids), CreatorID: creator, Title: title, Route: line, IsPublic: true, Tags: []string{},
		EstimatedDurationSeconds: &seconds, ElevationGainMeters: climb.GainMeters, ElevationProfile: climb.Profile,
	}
	for _, tag := range tags {
		if labels[tag] {
			in.Tags = append(in.Tags, tag)
		}
	}
	return course.New(in, g.now.Add(-time.Duration(r.Int64N(int64(365*24*time.Hour)))))
}

func (g *Generator) city() city {
	at := g.random.Float64() * g.weight
	for _, c := range g.cities {
		if at -= c.weight; at < 0 {
			return c
		}
	}
	return g.cities[0]
}

// route makes a loop, or a way out and back, of about so many metres.
func (g *Generator) route(start geo.Point, meters float64) []geo.Point {
	if g.random.IntN(3) == 0 {
		way := g.way(start, meters/2)
		for i := len(way) - 2; i >= 0; i-- {
			way = append(way, way[i])
		}
		return way
	}
	return g.loop(start, meters)
}

// way wanders off: each step turns a little.
func (g *Generator) way(start geo.Point, meters float64) []geo.Point {
	plane := geo.NewPlane(start)
	points := []geo.Point{start}
	x, y, heading, turn := 0.0, 0.0, 2*math.Pi*g.random.Float64(), 0.0
	for at := vertexMeters; float64(at) <= meters; at += vertexMeters {
		turn = 0.8*turn + 0.08*g.random.NormFloat64()
		heading += turn
		x, y = x+vertexMeters*math.Sin(heading), y+vertexMeters*math.Cos(heading)
		points = append(points, plane.Unproject(x, y))
	}
	return points
}

// loop is a circle with dents.
func (g *Generator) loop(start geo.Point, meters float64) []geo.Point {
	r := g.random
	n := max(8, int(meters/vertexMeters))
	var amplitude, phase [4]float64
	for k := range amplitude {
		amplitude[k], phase[k] = 0.25*r.Float64()/float64(k+1), 2*math.Pi*r.Float64()
	}
	xs, ys := make([]float64, n), make([]float64, n)
	length := 0.0
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		radius := 1.0
		for k := range amplitude {
			radius += amplitude[k] * math.Sin(float64(k+2)*angle+phase[k])
		}
		xs[i], ys[i] = radius*math.Cos(angle+phase[0]), radius*math.Sin(angle+phase[0])
		if i > 0 {
			length += math.Hypot(xs[i]-xs[i-1], ys[i]-ys[i-1])
		}
	}
	length += math.Hypot(xs[0]-xs[n-1], ys[0]-ys[n-1])
	plane, scale := geo.NewPlane(start), meters/length
	points := make([]geo.Point, n, n+1)
	points[0] = start
	for i := 1; i < n; i++ {
		points[i] = plane.Unproject((xs[i]-xs[0])*scale, (ys[i]-ys[0])*scale)
	}
	return append(points, start)
}

// hills are altitudes at n places: two waves over a plain.
func (g *Generator) hills(n int) []float64 {
	r := g.random
	high, low, a, b := 30*r.Float64(), 8*r.Float64(), 2*math.Pi*r.Float64(), 2*math.Pi*r.Float64()
	out := make([]float64, n)
	for i := range out {
		at := 2 * math.Pi * float64(i) / float64(n)
		out[i] = 40 + high*math.Sin(at+a) + low*math.Sin(5*at+b)
	}
	return out
}
