package tracks

import (
	"encoding/xml"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// reading is something that is told of each fix, in a list of its own.
type reading struct {
	kml, geoJSON string // its names
	decimals     int
	of           func(ports.TrackFix) float64
}

var readings = []reading{
	{"heartrate", "heart", 0, func(f ports.TrackFix) float64 { return f.HeartRate }},
	{"cadence", "cads", cadenceDecimals, func(f ports.TrackFix) float64 { return oneFoot(f.Cadence) }},
	{"accuracy", "accuracy", meterDecimals, func(f ports.TrackFix) float64 { return f.Accuracy }},
}

// in reports whether any fix of a track has the reading.
func (r reading) in(t ports.Track) bool {
	for _, part := range t.Parts {
		for _, f := range part.Fixes {
			if run.Has(r.of(f)) {
				return true
			}
		}
	}
	return false
}

// writeKML writes KML 2.2: a run as a gx:MultiTrack, whose tracks are its parts, a
// course as a line.
func writeKML(p *page, t ports.Track) error {
	p.put(xml.Header, `<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>`)
	p.words("name", t.Name)
	told := toldIn(t)
	if len(told) > 0 {
		p.put(`<Schema id="readings">`)
		for _, r := range told {
			p.put(`<gx:SimpleArrayField name="`, r.kml, `" type="float"/>`)
		}
		p.put("</Schema>")
	}
	p.put("<Placemark>")
	p.words("name", t.Name)
	if word := sportWords[t.Sport]; word != "" {
		p.put(`<ExtendedData><Data name="activity"><value>`, word, "</value></Data></ExtendedData>")
	}
	if t.Planned {
		kmlWay(p, line(t))
	} else {
		p.put("<gx:MultiTrack>\n")
		for _, part := range t.Parts {
			kmlPart(p, part.Fixes, told)
		}
		p.put("</gx:MultiTrack>")
	}
	p.put("</Placemark></Document></kml>\n")
	return nil
}

// toldIn are the readings that any fix of a track has.
func toldIn(t ports.Track) []reading {
	var told []reading
	for _, r := range readings {
		if r.in(t) {
			told = append(told, r)
		}
	}
	return told
}

// kmlPart writes a track: all times, all places, and all values of each reading,
// empty where there is none.
func kmlPart(p *page, fixes []ports.TrackFix, told []reading) {
	p.put("<gx:Track>\n")
	for _, f := range fixes {
		p.when("when", f.Timestamp)
		p.put("\n")
	}
	for _, f := range fixes {
		p.put("<gx:coord>")
		kmlPlace(p, f, " ")
		p.put("</gx:coord>\n")
	}
	if len(told) > 0 {
		p.put(`<ExtendedData><SchemaData schemaUrl="#readings">`)
		for _, r := range told {
			p.put(`<gx:SimpleArrayData name="`, r.kml, `">`, "\n")
			for _, f := range fixes {
				p.put("<gx:value>")
				if v := r.of(f); run.Has(v) {
					p.number(v, r.decimals)
				}
				p.put("</gx:value>\n")
			}
			p.put("</gx:SimpleArrayData>")
		}
		p.put("</SchemaData></ExtendedData>")
	}
	p.put("</gx:Track>\n")
}

func kmlWay(p *page, fixes []ports.TrackFix) {
	p.put("<LineString><tessellate>1</tessellate><coordinates>\n")
	for _, f := range fixes {
		kmlPlace(p, f, ",")
		p.put("\n")
	}
	p.put("</coordinates></LineString>")
}

// kmlPlace writes longitude, latitude and, where it is known, altitude.
func kmlPlace(p *page, f ports.TrackFix, separator string) {
	p.number(f.Point.Lng(), degreeDecimals)
	p.put(separator)
	p.number(f.Point.Lat(), degreeDecimals)
	if run.Has(f.Altitude) {
		p.put(separator)
		p.number(f.Altitude, meterDecimals)
	}
}
