package tracks

import (
	"encoding/xml"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// writeGPX writes GPX 1.1 with Garmin's TrackPointExtension for heart rate and
// cadence, whose readings are whole numbers. A part is a segment. Accuracy is HDOP.
func writeGPX(p *page, t ports.Track) error {
	p.put(xml.Header, `<gpx version="1.1" creator="RUNVS" xmlns="http://www.topografix.com/GPX/1/1" xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">`, "\n<trk>")
	p.words("name", t.Name)
	if word := sportWords[t.Sport]; word != "" {
		p.words("type", word)
	}
	for _, part := range t.Parts {
		p.put("<trkseg>\n")
		for _, f := range part.Fixes {
			gpxPoint(p, f)
		}
		p.put("</trkseg>")
	}
	p.put("</trk>\n</gpx>\n")
	return nil
}

func gpxPoint(p *page, f ports.TrackFix) {
	p.put(`<trkpt lat="`)
	p.number(f.Point.Lat(), degreeDecimals)
	p.put(`" lon="`)
	p.number(f.Point.Lng(), degreeDecimals)
	p.put(`">`)
	p.value("ele", f.Altitude, meterDecimals)
	if f.HasTime {
		p.when("time", f.Timestamp)
	}
	p.value("hdop", f.Accuracy/metersOfHDOP, meterDecimals)
	heart, steps := heartByte(f.HeartRate), cadenceByte(f.Cadence)
	if run.Has(heart) || run.Has(steps) {
		p.put("<extensions><gpxtpx:TrackPointExtension>")
		p.value("gpxtpx:hr", heart, 0)
		p.value("gpxtpx:cad", steps, 0)
		p.put("</gpxtpx:TrackPointExtension></extensions>")
	}
	p.put("</trkpt>\n")
}
