package tracks

import (
	"encoding/xml"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// gpx reads GPX 1.0 and 1.1: each segment of a track is a part, and tracks that
// are near in time are one activity. A file without tracks gives its routes.
type gpx struct {
	*content
	fileName string
	loose    recording  // of points that stand in no track
	track    *recording // that is open, or loose

	depth          int // of the point that is open, 0 for none
	lat, lng       float64
	fix            ports.TrackFix
	hdop, ownSpeed float64 // of a point itself; an extension's go before
}

func newGPX(c *content) *gpx {
	g := &gpx{content: c}
	g.track = &g.loose
	return g
}

func (g *gpx) open(at path, attributes []xml.Attr) {
	switch name := at.name(); {
	case g.depth > 0:
	case name == "trk":
		g.track = &recording{}
	case name == "rte":
		g.track = &recording{fallback: true, activity: ports.Activity{Planned: true}}
	case name == "trkpt", name == "rtept":
		g.depth = len(at)
		g.lat, g.lng, g.hdop, g.ownSpeed = run.Absent, run.Absent, run.Absent, run.Absent
		g.fix = blank()
		for _, a := range attributes {
			switch a.Name.Local {
			case "lat":
				g.lat = number(a.Value)
			case "lon":
				g.lng = number(a.Value)
			}
		}
	}
}

func (g *gpx) close(at path) error {
	switch {
	case len(at) == g.depth:
		g.depth = 0
		return g.add()
	case g.depth > 0 && len(at) == g.depth+1:
		g.value(at)
	case g.depth > 0 && at[g.depth].name.Local == "extensions":
		set(&g.fix, quantityOf(at.name()), number(at.text()))
	case g.depth == 0:
		return g.leave(at)
	}
	return nil
}

// leave reads what stands outside of points: names, types, and where parts end.
// Marks, people and links have names of their own.
func (g *gpx) leave(at path) error {
	switch at.parent() + "/" + at.name() {
	case "trk/name", "rte/name":
		g.track.activity.Name = at.text()
	case "trk/type", "rte/type":
		g.track.activity.Sport = sportOf(at.text())
	case "metadata/name", "gpx/name":
		g.fileName = at.text()
	default:
		switch at.name() {
		case "trkseg":
			g.track.cut = true
		case "trk", "rte":
			closed := g.track
			g.track = &g.loose
			return g.include(closed)
		}
	}
	return nil
}

// value reads a value of the open point.
func (g *gpx) value(at path) {
	switch name := at.name(); name {
	case "time":
		g.fix.Timestamp, g.fix.HasTime = instant(at.text())
	case "speed":
		g.ownSpeed = number(at.text())
	case "hdop":
		g.hdop = number(at.text())
	default:
		set(&g.fix, quantityOf(name), number(at.text()))
	}
}

func (g *gpx) add() error {
	if !place(&g.fix, g.lat, g.lng) {
		g.track.bad++
		return nil
	}
	set(&g.fix, hdop, g.hdop)
	if !run.Has(g.fix.Speed) {
		set(&g.fix, speed, g.ownSpeed)
	}
	return g.take(g.track, g.fix)
}

func (g *gpx) end() error {
	if err := g.include(&g.loose); err != nil {
		return err
	}
	for _, r := range g.recordings {
		if r.activity.Name == "" {
			r.activity.Name = g.fileName
		}
	}
	return nil
}
