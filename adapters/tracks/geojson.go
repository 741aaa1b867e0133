package tracks

import (
	"encoding/json"
	"strings"

	"github.com/runvs/runvs/domain/run"
)

const (
	// leastGeoJSONBytes is a position, or what stands for one: "[1],".
	leastGeoJSONBytes = 4
	// longestMillis is the year 5138: a greater number is no time, a smaller one
	// than its thousandth counts seconds.
	longestMillis = 1e14
)

// geoJSON reads the lines of a GeoJSON file. The times and values of their
// positions stand in lists of their own, before or behind them, as togeojson
// writes it.
type geoJSON struct {
	*content
	*jsonTokens
	listed int // times and values so far
}

// readGeoJSON reads a feature, a collection or a bare geometry.
func readGeoJSON(src *source, c *content) error {
	decoded, err := decode(src.Reader)
	if err != nil {
		return err
	}
	g := &geoJSON{content: c, jsonTokens: newJSONTokens(decoded)}
	t, err := g.next()
	f := &feature{first: c.n}
	if err == nil {
		err = g.object(t, f)
	}
	if err == nil {
		err = g.flush(f)
	}
	switch {
	case err != nil:
		return broken(err, "the file is not well-formed JSON")
	case !geoJSONTypes[f.kind]:
		return errUnsupported
	}
	return nil
}

// geoJSONTypes are the types of the objects, and whether they can have lines.
var geoJSONTypes = map[string]bool{
	"Feature": true, "FeatureCollection": true, "GeometryCollection": true, "LineString": true, "MultiLineString": true,
	"Point": true, "MultiPoint": true, "Polygon": true, "MultiPolygon": true,
}

// feature is what an object says of the lines in it. Each line is a part.
type feature struct {
	recording
	kind   string
	first  int     // sample
	times  []int64 // of the positions, 0 where there is none
	values map[quantity][]float64
}

// object reads a feature, a collection or a geometry.
func (g *geoJSON) object(t json.Token, f *feature) error {
	from, spans, bad, own := g.n, len(f.spans), f.bad, false
	f.cut = true
	err := g.members(t, func(name string, t json.Token) error {
		switch name {
		case "type":
			f.kind, _ = t.(string)
			return g.skip(t)
		case "coordinates":
			own = true
			_, err := g.coordinates(t, f)
			return err
		case "properties":
			return g.properties(t, f)
		case "geometry":
			return g.geometry(t, f)
		case "geometries":
			return g.elements(t, func(t json.Token) error { return g.geometry(t, f) })
		case "features":
			return g.elements(t, g.feature)
		}
		return g.skip(t)
	})
	if own && f.kind != "LineString" && f.kind != "MultiLineString" {
		g.drop(from)
		f.spans, f.bad = f.spans[:spans], bad
	}
	return err
}

// feature reads one of a collection.
func (g *geoJSON) feature(t json.Token) error {
	f := &feature{first: g.n}
	if err := g.object(t, f); err != nil {
		return err
	}
	return g.flush(f)
}

// geometry reads a geometry of a feature, whose kind stays what it is.
func (g *geoJSON) geometry(t json.Token, f *feature) error {
	kind := f.kind
	err := g.object(t, f)
	f.kind = kind
	return err
}

// coordinates reads a position, or an array of positions or of such arrays, and
// reports whether it was a position.
func (g *geoJSON) coordinates(t json.Token, f *feature) (position bool, err error) {
	place3 := [3]float64{run.Absent, run.Absent, run.Absent}
	n, line := 0, false
	err = g.elements(t, func(t json.Token) error {
		switch v := t.(type) {
		case float64:
			if n < len(place3) {
				place3[n] = v
			}
			n++
		case json.Delim:
			inner, err := g.coordinates(t, f)
			line = line || inner
			return err
		default: // null
			n++
		}
		return nil
	})
	if line {
		f.cut = true
	}
	if err != nil || n == 0 {
		return false, err
	}
	fix := blank()
	if !place(&fix, place3[1], place3[0]) {
		f.bad++
	}
	set(&fix, altitude, place3[2])
	return true, g.take(&f.recording, fix)
}

// properties reads what a feature says of itself, and of its positions.
func (g *geoJSON) properties(t json.Token, f *feature) error {
	return g.members(t, func(name string, t json.Token) error {
		word, _ := t.(string)
		switch name = strings.ToLower(name); name {
		case "name":
			f.activity.Name = word
		case "title":
			if f.activity.Name == "" {
				f.activity.Name = word
			}
		case "type", "sport", "activity", "activity_type", "activitytype":
			f.activity.Sport = sportOf(word)
		case "coordinateproperties":
			return g.properties(t, f)
		case "coordtimes", "times":
			return g.list(t, func(t json.Token) { f.times = append(f.times, jsonInstant(t)) })
		default:
			if q := quantityOf(name); q != 0 {
				return g.list(t, func(t json.Token) { f.value(q, t) })
			}
		}
		return g.skip(t)
	})
}

// list reads a list of times or values; those of several lines are lists in a list.
func (g *geoJSON) list(t json.Token, read func(json.Token)) error {
	return g.elements(t, func(t json.Token) error {
		if _, nested := t.(json.Delim); nested {
			return g.list(t, read)
		}
		if g.listed++; g.listed > MaxListed {
			return tooComplex("times and values", g.listed, MaxListed)
		}
		read(t)
		return nil
	})
}

func (f *feature) value(q quantity, t json.Token) {
	v, ok := t.(float64)
	if !ok {
		v = run.Absent
	}
	if f.values == nil {
		f.values = map[quantity][]float64{}
	}
	f.values[q] = append(f.values[q], v)
}

// jsonInstant reads a time, or a number of milliseconds or seconds since 1970; 0
// for what is none.
func jsonInstant(t json.Token) int64 {
	switch v := t.(type) {
	case string:
		at, _ := instant(v)
		return at
	case float64:
		switch {
		case v >= longestMillis/1000 && v < longestMillis:
			return int64(v)
		case v > 0 && v < longestMillis/1000:
			return int64(1000 * v)
		}
	}
	return 0
}

// flush gives the positions of a feature their times and values.
func (g *geoJSON) flush(f *feature) error {
	for i, at := range f.times[:min(len(f.times), g.n-f.first)] {
		if at != 0 {
			fix := g.at(f.first + i)
			fix.Timestamp, fix.HasTime = at, true
		}
	}
	for q, values := range f.values {
		for i, v := range values[:min(len(values), g.n-f.first)] {
			set(g.at(f.first+i), q, v)
		}
	}
	return g.include(&f.recording)
}
