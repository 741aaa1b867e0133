package main

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// place is on the globe, in degrees.
type place struct{ lat, lng float64 }

// Metres in a degree at the place where the inputs lie, near enough.
const (
	originLat, originLng = 37.5, 127.0
	metersPerLat         = 111_000.0
	metersPerLng         = 88_300.0
)

// at is a place by metres east and north of the origin.
func at(east, north float64) place { return place{originLat, originLng}.moved(east, north) }

func (p place) moved(east, north float64) place {
	return place{p.lat + north/metersPerLat, p.lng + east/metersPerLng}
}

// wave is a sine with a period of 1.
func wave(turns float64) float64 { return math.Sin(2 * math.Pi * turns) }

// snake goes to and fro: legs of a length, each a spacing beside the last.
func snake(vertices int, length, spacing float64) []place {
	out := make([]place, vertices)
	for i := range out {
		end := 0.0
		if i%2 == 1 {
			end = length
		}
		out[i] = at(float64(i)*spacing, end)
	}
	return out
}

// squareWave goes to and fro with a corner at both ends of every leg.
func squareWave(vertices int, length, spacing float64) []place {
	out := make([]place, vertices)
	for i := range out {
		end := 0.0
		if i%4 == 1 || i%4 == 2 {
			end = length
		}
		out[i] = at(float64(i/2)*spacing, end)
	}
	return out
}

// track is a place on an athletics track of 400 m, metres after the finish line.
func track(meters float64) place {
	const straight, radius = 84.39, 36.5 // the measures of a standard track
	bend := math.Pi * radius
	m := math.Mod(meters, 2*straight+2*bend)
	switch {
	case m < straight:
		return at(m, -radius)
	case m < straight+bend:
		turn := (m - straight) / radius
		return at(straight+radius*math.Sin(turn), -radius*math.Cos(turn))
	case m < 2*straight+bend:
		return at(2*straight+bend-m, radius)
	}
	turn := (m - 2*straight - bend) / radius
	return at(-radius*math.Sin(turn), radius*math.Cos(turn))
}

// gpx writes a track without times. Whatever a file says often is short in gzip.
func gpx(places []place) []byte {
	b := []byte(`<gpx version="1.1"><trk><trkseg>`)
	for _, p := range places {
		b = append(b, `<trkpt lat="`...)
		b = strconv.AppendFloat(b, p.lat, 'f', 7, 64)
		b = append(b, `" lon="`...)
		b = strconv.AppendFloat(b, p.lng, 'f', 7, 64)
		b = append(b, `"/>`...)
	}
	return append(b, `</trkseg></trk></gpx>`...)
}

// fix is a place and a time in Unix milliseconds.
type fix struct {
	place
	at int64
}

// eastward goes east from so many metres, at so many metres a second.
func eastward(from, speed float64) func(second float64) place {
	return func(second float64) place { return at(from+second*speed, 0) }
}

// walk records n fixes on a way.
func walk(way func(second float64) place, from time.Time, every time.Duration, n int) []fix {
	out := make([]fix, n)
	for i := range out {
		after := time.Duration(i) * every
		out[i] = fix{way(after.Seconds()), from.Add(after).UnixMilli()}
	}
	return out
}

// claim is what a client says of a stretch.
const claim = `{"distance_meters":30,"duration_seconds":10}`

// chunk writes a chunk's body.
func chunk(sequence int, kind string, fixes []fix) []byte {
	return chunkClaiming(sequence, kind, fixes, claim)
}

func chunkClaiming(sequence int, kind string, fixes []fix, claim string) []byte {
	b := fmt.Appendf(nil, `{"sequence":%d,"chunk_type":%q,"chunk_summary":%s,"cumulative":%s,"raw_gps_points":[`, sequence, kind, claim, claim)
	for i, f := range fixes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"lat":`...)
		b = strconv.AppendFloat(b, f.lat, 'f', 7, 64)
		b = append(b, `,"lng":`...)
		b = strconv.AppendFloat(b, f.lng, 'f', 7, 64)
		b = append(b, `,"timestamp":`...)
		b = strconv.AppendInt(b, f.at, 10)
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

// chunks cuts fixes into the largest chunks, the last of them final.
func chunks(fixes []fix) [][]byte {
	const largest = 3600
	var out [][]byte
	for from := 0; from < len(fixes); from += largest {
		to, kind := from+largest, "intermediate"
		if to >= len(fixes) {
			to, kind = len(fixes), "final"
		}
		out = append(out, chunk(len(out), kind, fixes[from:to]))
	}
	return out
}
