package tracks

import (
	"encoding/xml"
	"strings"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// gpx reads GPX 1.0 and 1.1: all segments of all tracks are joined; a file
// without tracks gives its routes' points.
type gpx struct {
	name           string
	tracks, routes fixes

	depth    int // of the point that is open, 0 for none
	lat, lng float64
	fix      ports.TrackFix
	ownSpeed float64 // GPX 1.0; an extension's goes before
}

func (g *gpx) open(at path, attributes []xml.Attr) {
	if name := at.name(); g.depth > 0 || name != "trkpt" && name != "rtept" {
		return
	}
	g.depth = len(at)
	g.lat, g.lng, g.ownSpeed = run.Absent, run.Absent, run.Absent
	g.fix = ports.TrackFix{Altitude: run.Absent, HeartRate: run.Absent, Cadence: run.Absent, Speed: run.Absent}
	for _, a := range attributes {
		switch a.Name.Local {
		case "lat":
			g.lat = number(strings.TrimSpace(a.Value))
		case "lon":
			g.lng = number(strings.TrimSpace(a.Value))
		}
	}
}

func (g *gpx) close(at path) error {
	switch {
	case len(at) == g.depth:
		g.depth = 0
		return g.add(at.name())
	case g.depth > 0 && len(at) == g.depth+1:
		g.value(at)
	case g.depth > 0 && at[g.depth].name.Local == "extensions":
		g.extension(at)
	case g.depth == 0 && at.name() == "name" && g.name == "" && !at.within("wpt"): // a mark has a name of its own
		g.name = strings.ToValidUTF8(at.text(), "")
	}
	return nil
}

func (g *gpx) value(at path) {
	switch at.name() {
	case "ele":
		g.fix.Altitude = number(at.text())
	case "time":
		g.fix.Timestamp, g.fix.HasTime = instant(at.text())
	case "speed":
		g.ownSpeed = number(at.text())
	}
}

// extension reads a value that stands in the extensions of a point or deeper,
// as in a TrackPointExtension.
func (g *gpx) extension(at path) {
	switch at.name() {
	case "hr":
		g.fix.HeartRate = number(at.text())
	case "cad":
		g.fix.Cadence = number(at.text())
	case "speed":
		g.fix.Speed = number(at.text())
	}
}

func (g *gpx) add(name string) error {
	g.fix.Speed = first(g.fix.Speed, g.ownSpeed)
	if name == "trkpt" {
		g.routes = fixes{}
		return g.tracks.add(g.lat, g.lng, g.fix)
	}
	if g.tracks.n > 0 {
		return nil
	}
	return g.routes.add(g.lat, g.lng, g.fix)
}

func (g *gpx) track() ports.Track {
	points := &g.tracks
	if points.n == 0 {
		points = &g.routes
	}
	return ports.Track{Name: g.name, Fixes: points.all()}
}
