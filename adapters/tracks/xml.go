package tracks

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// root returns the local name of an XML document's first element, or "".
func root(data []byte) string {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local
		}
	}
}

// each calls visit for every element with one of the names, anywhere in the
// document; visit reads the element to its end or leaves it.
func each(data []byte, visit func(d *xml.Decoder, e xml.StartElement) error) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := visit(d, e); err != nil {
				return broken(err)
			}
		}
	}
}

// broken turns an error of the XML reader into a fault.
func broken(err error) error {
	if fault.As(err) != nil {
		return err
	}
	return badTrack("the file is not well-formed XML").Because(err)
}

// number reads a decimal number, absent when there is none.
func number(s string) float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return run.Absent
	}
	return v
}

// instant reads an xsd:dateTime; one without a zone is taken for UTC.
func instant(s string) (unixMilli int64, ok bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

// gpxPoint is a wpt element of GPX 1.0 or 1.1; extensions are matched by local
// name, whatever their prefix.
type gpxPoint struct {
	Lat        string       `xml:"lat,attr"`
	Lon        string       `xml:"lon,attr"`
	Ele        string       `xml:"ele"`
	Time       string       `xml:"time"`
	Speed      string       `xml:"speed"` // GPX 1.0
	Extensions gpxExtension `xml:"extensions"`
}

// gpxExtension holds values either directly or within a TrackPointExtension.
type gpxExtension struct {
	HR     string        `xml:"hr"`
	Cad    string        `xml:"cad"`
	Speed  string        `xml:"speed"`
	Nested *gpxExtension `xml:"TrackPointExtension"`
}

func (e gpxExtension) values() (hr, cad, speed string) {
	if e.Nested != nil {
		return e.Nested.values()
	}
	return e.HR, e.Cad, e.Speed
}

// readGPX joins all segments of all tracks; a file without tracks gives its
// routes' points.
func readGPX(data []byte) (ports.Track, error) {
	var tracks, routes builder
	err := each(data, func(d *xml.Decoder, e xml.StartElement) error {
		b := &tracks
		switch e.Name.Local {
		case "rtept":
			b = &routes
		case "trkpt":
		case "name":
			var name string
			if err := d.DecodeElement(&name, &e); err != nil {
				return err
			}
			if tracks.track.Name == "" {
				tracks.track.Name = strings.TrimSpace(name)
			}
			return nil
		case "wpt": // a mark beside the way, with a name of its own
			return d.Skip()
		default:
			return nil
		}
		var p gpxPoint
		if err := d.DecodeElement(&p, &e); err != nil {
			return err
		}
		hr, cad, speed := p.Extensions.values()
		if speed == "" {
			speed = p.Speed
		}
		f := ports.TrackFix{Altitude: number(p.Ele), HeartRate: number(hr), Cadence: number(cad), Speed: number(speed)}
		f.Timestamp, f.HasTime = instant(p.Time)
		return b.add(number(p.Lat), number(p.Lon), f)
	})
	if err != nil {
		return ports.Track{}, err
	}
	if len(tracks.track.Fixes) == 0 {
		tracks.track.Fixes = routes.track.Fixes
	}
	return nonEmpty(tracks.track)
}

type tcxPoint struct {
	Time     string `xml:"Time"`
	Position *struct {
		Lat string `xml:"LatitudeDegrees"`
		Lon string `xml:"LongitudeDegrees"`
	} `xml:"Position"`
	Altitude   string `xml:"AltitudeMeters"`
	HeartRate  string `xml:"HeartRateBpm>Value"`
	Cadence    string `xml:"Cadence"`
	RunCadence string `xml:"Extensions>TPX>RunCadence"`
	Speed      string `xml:"Extensions>TPX>Speed"`
}

// readTCX joins the points of all laps, or of a course. Points without a place,
// as recorded indoors or before the first fix, are left out.
func readTCX(data []byte) (ports.Track, error) {
	var b builder
	err := each(data, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "Trackpoint" {
			return nil
		}
		var p tcxPoint
		if err := d.DecodeElement(&p, &e); err != nil {
			return err
		}
		if p.Position == nil {
			return nil
		}
		cadence := number(p.RunCadence)
		if !run.Has(cadence) {
			cadence = number(p.Cadence)
		}
		f := ports.TrackFix{
			Altitude: number(p.Altitude), HeartRate: number(p.HeartRate),
			Cadence: 2 * cadence, // TCX counts strides of one leg
			Speed:   number(p.Speed),
		}
		f.Timestamp, f.HasTime = instant(p.Time)
		return b.add(number(p.Position.Lat), number(p.Position.Lon), f)
	})
	if err != nil {
		return ports.Track{}, err
	}
	return nonEmpty(b.track)
}

func nonEmpty(t ports.Track) (ports.Track, error) {
	if len(t.Fixes) == 0 {
		return t, badTrack("the file has no points")
	}
	return t, nil
}
