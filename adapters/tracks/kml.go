package tracks

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode"

	"github.com/runvs/runvs/ports"
)

// leastKMLBytes is a vertex of a line: "1,1 ".
const leastKMLBytes = 4

// kml reads the tracks (gx:Track) of a KML file, or where there are none its
// lines (LineString), which have no times. Each of a placemark's tracks is a part.
type kml struct {
	*content
	fileName  string
	placemark string
	sport     ports.Sport
	recording *recording // of the open track or line
	tracks    *recording // of the open placemark
	lines     *recording

	first        int // sample of the open track
	times, place int // how many it has
	values       int
	data         string // name of the open Data or array of values
}

// readKML reads a KML document. Only one that was known for KML by its first bytes
// has paid for its many points.
func readKML(src *source, c *content) error {
	doc, root, err := newDocument(src)
	if err != nil {
		return err
	}
	if root.Name.Local != "kml" {
		return errUnsupported
	}
	k := &kml{content: c}
	doc.long, doc.readLong = "coordinates", k.line
	return doc.read(root, k)
}

func (k *kml) open(at path, attributes []xml.Attr) {
	switch at.name() {
	case "Placemark":
		k.placemark, k.sport = "", ""
		k.tracks, k.lines = &recording{}, &recording{fallback: true}
	case "Track":
		k.recording, k.first, k.times, k.place = k.tracks, k.n, 0, 0
	case "LineString":
		k.recording = k.lines
	case "Data", "SimpleData", "SimpleArrayData":
		k.data, k.values = strings.ToLower(attribute(attributes, "name")), 0
	}
}

func (k *kml) close(at path) error {
	switch at.parent() + "/" + at.name() {
	case "Placemark/name":
		k.placemark = at.text()
	case "Document/name", "Folder/name", "kml/name":
		if k.fileName == "" {
			k.fileName = at.text()
		}
	case "Data/value", "ExtendedData/SimpleData", "SchemaData/SimpleData":
		if k.data == "type" || k.data == "activity" || k.data == "activitytype" || k.data == "sport" {
			k.sport = sportOf(at.text())
		}
	case "Track/when":
		k.times++
		if f, err := k.row(k.times); f == nil {
			return err
		} else {
			f.Timestamp, f.HasTime = instant(at.text())
		}
	case "Track/coord":
		k.place++
		return k.coordinate(at.text())
	case "SimpleArrayData/value":
		if k.values++; k.recording != nil && k.first+k.values <= k.n {
			set(k.at(k.first+k.values-1), quantityOf(k.data), number(at.text()))
		}
	default:
		return k.leave(at)
	}
	return nil
}

func (k *kml) leave(at path) error {
	switch at.name() {
	case "Track", "LineString":
		if k.recording != nil {
			k.recording.cut = true
		}
		k.recording = nil
	case "Placemark":
		for _, r := range []*recording{k.tracks, k.lines} {
			if r == nil {
				continue
			}
			if r.activity.Name, r.activity.Sport = k.placemark, k.sport; r.activity.Name == "" {
				r.activity.Name = k.fileName
			}
			if err := k.include(r); err != nil {
				return err
			}
		}
		k.tracks, k.lines = nil, nil
	}
	return nil
}

// row returns a point of the open track by its number, from 1 on. Times, places
// and values stand in lists of their own. Nil outside of a placemark.
func (k *kml) row(number int) (*ports.TrackFix, error) {
	if k.recording == nil {
		return nil, nil
	}
	if k.first+number > k.n {
		if err := k.take(k.recording, blank()); err != nil {
			return nil, err
		}
	}
	return k.at(k.first + number - 1), nil
}

// coordinate reads the place of a track's point: longitude, latitude, altitude.
// An empty one is a moment without a place.
func (k *kml) coordinate(text string) error {
	f, err := k.row(k.place)
	if f == nil {
		return err
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(parts) > 0 && (len(parts) < 2 || !place(f, number(parts[1]), number(parts[0]))) {
		k.recording.bad++
	}
	if len(parts) > 2 {
		set(f, altitude, number(parts[2]))
	}
	return nil
}

// line reads the vertices of a line: longitude, latitude and altitude with commas,
// a space between two vertices.
func (k *kml) line(text []byte) error {
	if k.recording == nil { // a polygon's or a mark's
		return nil
	}
	for vertex := range bytes.FieldsSeq(text) {
		f := blank()
		lng, rest, _ := strings.Cut(string(vertex), ",")
		lat, height, _ := strings.Cut(rest, ",")
		if !place(&f, number(lat), number(lng)) {
			k.recording.bad++
			continue
		}
		set(&f, altitude, number(height))
		if err := k.take(k.recording, f); err != nil {
			return err
		}
	}
	return nil
}

func (k *kml) end() error { return nil }
