package tracks

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// writeGeoJSON writes a Feature, with a LineString or, of a run of
// several parts, a MultiLineString. Times and readings stand in coordinateProperties
// in the shape of the coordinates, as togeojson writes them.
func writeGeoJSON(p *page, t ports.Track) error {
	names, err := json.Marshal(struct {
		Name     string      `json:"name"`
		Activity ports.Sport `json:"activity"`
	}{t.Name, t.Sport})
	if err != nil {
		return err
	}
	parts := make([][]ports.TrackFix, len(t.Parts))
	for i, part := range t.Parts {
		if parts[i] = part.Fixes; len(part.Fixes) == 1 { // a line has two positions at least (RFC 7946 §3.1.4)
			parts[i] = slices.Repeat(part.Fixes, 2)
		}
	}
	kind := "MultiLineString"
	if len(parts) == 1 {
		kind = "LineString"
	}
	p.put(`{"type":"Feature","geometry":{"type":"`, kind, `","coordinates":`)
	p.lists(parts, func(f ports.TrackFix) {
		p.put("[")
		p.number(f.Point.Lng(), degreeDecimals)
		p.put(",")
		p.number(f.Point.Lat(), degreeDecimals)
		if run.Has(f.Altitude) {
			p.put(",")
			p.number(f.Altitude, meterDecimals)
		}
		p.put("]")
	})
	p.put(`},"properties":`, strings.TrimSuffix(string(names), "}"))
	if !t.Planned {
		p.put(`,"coordinateProperties":{"times":`)
		p.lists(parts, func(f ports.TrackFix) {
			p.put(`"`)
			p.instant(f.Timestamp)
			p.put(`"`)
		})
		for _, r := range toldIn(t) {
			p.put(`,"`, r.geoJSON, `":`)
			p.lists(parts, func(f ports.TrackFix) {
				if v := r.of(f); run.Has(v) {
					p.number(v, r.decimals)
				} else {
					p.put("null")
				}
			})
		}
		p.put("}")
	}
	p.put("}}\n")
	return nil
}

// lists writes something of each fix: in a list for each part, in a list; of one
// part, in a list.
func (p *page) lists(parts [][]ports.TrackFix, item func(ports.TrackFix)) {
	if len(parts) != 1 {
		p.put("[")
		defer p.put("]")
	}
	for i, part := range parts {
		if i > 0 {
			p.put(",")
		}
		p.put("[")
		for k, f := range part {
			if k > 0 {
				p.put(",")
			}
			item(f)
		}
		p.put("]")
	}
}
