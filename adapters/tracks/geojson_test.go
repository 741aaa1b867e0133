package tracks

import (
	"fmt"
	"testing"

	"github.com/runvs/runvs/domain/run"
)

const geoJSONLine = `{"type":"Feature","properties":{"name":"Morning run","type":"running","coordTimes":["2026-05-01T06:30:00Z",null,"2026-05-01T06:30:02.5Z"],"heartRates":[140,null,142]},
"geometry":{"type":"LineString","coordinates":[[127,37.5,20.5],[127.0001,37.5],[127.0002,37.5,21,99]]}}`

const geoJSONCollection = `{"type":"FeatureCollection","bbox":[0,0,1,1],"features":[
{"type":"Feature","geometry":null,"properties":{"a":[{"b":1}]}},
{"type":"Feature","geometry":{"type":"Point","coordinates":[1,1]},"properties":{"name":"a mark","time":"2026-05-01T00:00:00Z"}},
{"geometry":{"coordinates":[[[127,37.5],[127.0001,37.5]],[[127.0002,37.5],[999,0],[127.0004,37.5]]],"type":"MultiLineString"},
 "properties":{"name":"Run","coordinateProperties":{"times":[[1777617000000,1777617001000],[1777617060,1777617061,1777617062]],"cad":[[85,86],[87,88,89]]}},"type":"Feature"},
{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1],[1,2],[2,2],[1,1]]]},"properties":null},
{"type":"Feature","geometry":{"type":"LineString","coordinates":[[127,37.5],[127,37.6]]},"properties":{"title":"next day","times":["2026-05-02T06:30:00Z","2026-05-02T06:31:00Z"]}}]}`

func TestALineOfGeoJSON(t *testing.T) {
	a := read(t, []byte("\ufeff"+geoJSONLine))
	fixes := a.Fixes()
	if a.Name != "Morning run" || a.Sport != "run" || len(fixes) != 3 {
		t.Fatalf("%+v", a)
	}
	if f := fixes[2]; f.Timestamp != 1777617002500 || f.HeartRate != 142 || f.Altitude != 21 || f.Point.Lng() != 127.0002 {
		t.Errorf("%+v", f)
	}
	if f := fixes[1]; f.HasTime || run.Has(f.HeartRate) || run.Has(f.Altitude) {
		t.Errorf("%+v", f)
	}
}

func TestACollectionOfGeoJSON(t *testing.T) {
	all := readAll(t, []byte(geoJSONCollection))
	if len(all) != 2 || all[0].Name != "Run" || all[1].Name != "next day" || fmt.Sprint(sizes(all[0]), sizes(all[1])) != "[2 2] [2]" || all[0].SkippedPoints != 1 {
		t.Fatalf("%+v", all)
	}
	if f := all[0].Fixes()[3]; f.Timestamp != 1777617062000 || f.Cadence != 178 {
		t.Errorf("behind the point that is skipped: %+v", f)
	}
}

func TestGeometriesOfGeoJSON(t *testing.T) {
	for file, want := range map[string]string{
		`{"type":"LineString","coordinates":[[1,1],[1,2]]}`:                "[2]",
		`{"coordinates":[[[1,1],[1,2]],[[1,3]]],"type":"MultiLineString"}`: "[2 1]",
		`{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[9,9]},{"type":"LineString","coordinates":[[1,1],[1,2]]},{"type":"LineString","coordinates":[[1,1]]}]}}`: "[2 1]",
		`{"type":"LineString","coordinates":[[1,1],[null,2],[1,3],[180.001,3]]}`: "[3]",
	} {
		if got := fmt.Sprint(sizes(read(t, []byte(file)))); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}
