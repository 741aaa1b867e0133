package timezone

import (
	"testing"
	"time"

	"github.com/ringsaturn/tzf"
	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
)

func TestTheHourIsThatOfTheWall(t *testing.T) {
	winter := time.Date(2026, 1, 15, 12, 20, 0, 0, time.UTC)
	summer := time.Date(2026, 7, 15, 12, 20, 0, 0, time.UTC)
	zones := New()
	for _, c := range []struct {
		place    string
		lat, lng float64
		at       time.Time
		want     int
	}{
		{"Seoul", 37.5665, 126.978, winter, 21},
		{"Busan, at the coast", 35.1587, 129.1604, winter, 21},
		{"New York in winter", 40.7831, -73.9712, winter, 7},
		{"New York in summer", 40.7831, -73.9712, summer, 8},
		{"Kathmandu, +5:45", 27.7172, 85.324, winter, 18},
		{"London in summer", 51.5072, -0.1276, summer, 13},
		{"the middle of the Pacific", 10, -150, winter, 2},
		{"on the antimeridian, west", 0, 180, winter, 0},
		{"on the antimeridian, east", 0, -180, winter, 0},
		{"the north pole", 90, 30, winter, 14},
		{"the south pole, where the clocks are New Zealand's", -90, 0, winter, 1},
		{"Lisbon, an hour behind Spain", 38.7223, -9.1393, winter, 12},
		{"Badajoz, 5 km from Portugal", 38.8794, -6.9707, winter, 13},
		{"Elvas, 8 km from Spain", 38.8810, -7.1630, winter, 12},
		{"Lesotho, a hole in South Africa", -29.6, 28.2, winter, 14},
		{"Apia, beyond the date line", -13.8333, -171.7667, winter, 1},
	} {
		if got := zones.LocalTime(geo.MustPoint(c.lat, c.lng), c.at).Hour(); got != c.want {
			t.Errorf("%s: %d, want %d", c.place, got, c.want)
		}
	}
}

func TestItAgreesWithTheMapUnpacked(t *testing.T) {
	whole, err := tzf.NewDefaultFinder()
	if err != nil {
		t.Fatal(err)
	}
	zones := New()
	at := time.Date(2026, 7, 15, 12, 20, 0, 0, time.UTC)
	const places = 1500
	different := 0
	random := rapid.Custom(func(t *rapid.T) geo.Point {
		return geo.MustPoint(rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng"))
	})
	for seed := range places {
		p := random.Example(seed)
		name := whole.GetTimezoneName(p.Lng(), p.Lat())
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatalf("%v: %v", p, err)
		}
		if zones.LocalTime(p, at).Hour() != at.In(location).Hour() {
			different++
		}
	}
	// The other one takes tiles near some borders for wholly within a zone.
	if different > places/500 {
		t.Errorf("%d of %d places differ", different, places)
	}
}

func TestEveryZoneOfTheMapIsKnown(t *testing.T) {
	world, err := New().world()
	if err != nil {
		t.Fatal(err)
	}
	if len(world.polygons) < 1000 {
		t.Fatalf("only %d polygons", len(world.polygons))
	}
	for _, p := range world.polygons {
		if _, err := time.LoadLocation(p.zone); err != nil || p.zone == "" {
			t.Errorf("%q: %v", p.zone, err)
		}
	}
}

func TestWithoutAMapItIsTheNauticalHour(t *testing.T) {
	zones := &Zones{world: func() (*worldMap, error) { return newWorldMap(nil) }}
	noon := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for lng, want := range map[float64]int{0: 12, 7.4: 12, 7.6: 13, 126.978: 20, 180: 0, -180: 0, -73.97: 7} {
		if got := zones.LocalTime(geo.MustPoint(37, lng), noon).Hour(); got != want {
			t.Errorf("at %v° the hour is %d, want %d", lng, got, want)
		}
	}
}

func TestABrokenMapIsRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":               nil,
		"a field cut short":     {0x12, 0x7f, 0x0a},
		"no polyline":           {0x08, 0x01, 0x12, 0x06, 0x0a, 0x04, 0x0a, 0x02, 0x3f, 0x10},
		"a polyline cut short":  {0x08, 0x01, 0x12, 0x05, 0x0a, 0x03, 0x0a, 0x01, 0x5f},
		"another encoding":      {0x08, 0x02, 0x12, 0x06, 0x0a, 0x04, 0x0a, 0x02, 0x3f, 0x3f},
		"a number without end":  {0x08, 0x01, 0x12, 0x0c, 0x0a, 0x0a, 0x0a, 0x08, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e, 0x40},
		"a tag without a field": {0x08},
	} {
		if _, err := newWorldMap(data); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkLocalTime(b *testing.B) {
	zones := New()
	at := time.Date(2026, 7, 15, 12, 20, 0, 0, time.UTC)
	place := geo.MustPoint(37.5665, 126.978)
	zones.LocalTime(place, at)
	for b.Loop() {
		zones.LocalTime(place, at)
	}
}
