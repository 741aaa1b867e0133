package tracks

import (
	"fmt"
	"testing"
)

const kmlTrack = `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>my tracks</name>
<atom:author><atom:name>Jane</atom:name></atom:author>
<Placemark><name>Morning run</name><ExtendedData><Data name="type"><value>running</value></Data></ExtendedData>
<gx:MultiTrack>
<gx:Track><when>2026-05-01T06:30:00Z</when><when>2026-05-01T06:30:01Z</when><when>2026-05-01T06:30:02Z</when>
<gx:coord>127 37.5 20.5</gx:coord><gx:coord/><gx:coord>127.0001 37.5 21</gx:coord>
<ExtendedData><SchemaData><gx:SimpleArrayData name="heart_rate"><gx:value>140</gx:value><gx:value>141</gx:value><gx:value>142</gx:value></gx:SimpleArrayData>
<gx:SimpleArrayData name="cadence"><gx:value>85</gx:value></gx:SimpleArrayData></SchemaData></ExtendedData></gx:Track>
<gx:Track><when>2026-05-01T06:31:00Z</when><gx:coord>127.0002 37.5 0</gx:coord><when>2026-05-01T06:31:01Z</when><gx:coord>999 999 0</gx:coord></gx:Track>
</gx:MultiTrack></Placemark>
<Placemark><name>the same as a line</name><LineString><coordinates>127,37.5 127.1,37.6</coordinates></LineString></Placemark></Document></kml>`

const kmlLine = `<kml><Folder><name>f</name><Placemark><name>Loop</name><MultiGeometry><LineString><coordinates>
 127,37.5,12
 127.1,37.6,13 nonsense 127.2,37.6
</coordinates></LineString><LineString><coordinates>1,1 1,2</coordinates></LineString><Polygon><outerBoundaryIs><LinearRing><coordinates>3,3 4,4 3,3</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>a mark</name><Point><coordinates>5,5</coordinates></Point></Placemark></Folder></kml>`

func TestTracksOfKML(t *testing.T) {
	a := read(t, []byte(kmlTrack))
	if a.Name != "Morning run" || a.Sport != "run" || fmt.Sprint(sizes(a)) != "[2 1]" || a.SkippedPoints != 1 || a.Planned || a.Indoor {
		t.Fatalf("%+v", a)
	}
	if f := a.Fixes()[1]; f.Timestamp != 1777617002000 || f.HeartRate != 142 || f.Altitude != 21 || f.Point.Lng() != 127.0001 {
		t.Errorf("%+v", f)
	}
	if f := a.Fixes()[0]; f.Cadence != 170 {
		t.Errorf("%+v", f)
	}
}

func TestLinesOfKML(t *testing.T) {
	a := read(t, []byte(kmlLine))
	if a.Name != "Loop" || fmt.Sprint(sizes(a)) != "[3 2]" || a.SkippedPoints != 1 || a.Fixes()[0].HasTime || a.Fixes()[0].Altitude != 12 {
		t.Fatalf("%+v", a)
	}
}

// A KMZ is a zip of a KML document and its pictures.
func TestKMZ(t *testing.T) {
	a := read(t, zipOf(t, file{"files/icon.png", []byte("\x89PNG\r\n")}, file{"doc.kml", []byte(kmlTrack)}))
	if a.Name != "Morning run" || a.File != "doc.kml" {
		t.Errorf("%+v", a)
	}
}

// Only what its first bytes show to be KML has paid for so many points.
func TestKMLIsKnownByItsFirstBytes(t *testing.T) {
	if err := readKML(sourceOf(t, []byte(gpx11)), &content{}); err == nil {
		t.Error("a GPX file is read as KML")
	}
	if err := readXML(sourceOf(t, []byte(kmlLine)), &content{}); err == nil {
		t.Error("a KML file is read at the price of GPX")
	}
}
