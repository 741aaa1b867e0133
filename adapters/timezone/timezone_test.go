package timezone

import (
	"testing"
	"time"

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
		{"the south pole", -90, 0, winter, 12},
	} {
		if got := zones.LocalHour(geo.MustPoint(c.lat, c.lng), c.at); got != c.want {
			t.Errorf("%s: %d, want %d", c.place, got, c.want)
		}
	}
}
