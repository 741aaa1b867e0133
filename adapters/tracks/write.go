package tracks

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"time"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// WriteGPX writes a track as GPX 1.1 with Garmin's TrackPointExtension for
// heart rate and cadence, which counts one foot. Degrees keep seven decimals (1 cm), times milliseconds.
func (Files) WriteGPX(t ports.Track) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	b.WriteString(`<gpx version="1.1" creator="RUNVS" xmlns="http://www.topografix.com/GPX/1/1" xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">` + "\n<trk><name>")
	if err := xml.EscapeText(&b, []byte(t.Name)); err != nil {
		return nil, err
	}
	b.WriteString("</name><trkseg>\n")
	for _, f := range t.Fixes {
		writePoint(&b, f)
	}
	b.WriteString("</trkseg></trk>\n</gpx>\n")
	return b.Bytes(), nil
}

func writePoint(b *bytes.Buffer, f ports.TrackFix) {
	num := func(v float64, decimals int) { b.Write(strconv.AppendFloat(b.AvailableBuffer(), v, 'f', decimals, 64)) }
	b.WriteString(`<trkpt lat="`)
	num(f.Point.Lat(), 7)
	b.WriteString(`" lon="`)
	num(f.Point.Lng(), 7)
	b.WriteString(`">`)
	if run.Has(f.Altitude) {
		b.WriteString("<ele>")
		num(f.Altitude, -1)
		b.WriteString("</ele>")
	}
	if f.HasTime {
		b.WriteString("<time>" + time.UnixMilli(f.Timestamp).UTC().Format("2006-01-02T15:04:05.000Z") + "</time>")
	}
	if run.Has(f.HeartRate) || run.Has(f.Cadence) {
		b.WriteString("<extensions><gpxtpx:TrackPointExtension>")
		if run.Has(f.HeartRate) {
			b.WriteString("<gpxtpx:hr>")
			num(f.HeartRate, 0)
			b.WriteString("</gpxtpx:hr>")
		}
		if run.Has(f.Cadence) {
			b.WriteString("<gpxtpx:cad>")
			num(f.Cadence/2, 0)
			b.WriteString("</gpxtpx:cad>")
		}
		b.WriteString("</gpxtpx:TrackPointExtension></extensions>")
	}
	b.WriteString("</trkpt>\n")
}
