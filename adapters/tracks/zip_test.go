package tracks

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/budget"
	"github.com/runvs/runvs/domain/fault"
)

func TestTheFilesOfAZipAreActivities(t *testing.T) {
	nested := zipOf(t, file{"a.gpx", []byte(gpx11)})
	all := readAll(t, zipOf(t,
		file{"activities/", nil},
		file{"activities/1.gpx", []byte(gpx11)},
		file{"activities/2.fit.gz", zipped(t, runFrom(t, 0, 60))},
		file{"__MACOSX/activities/._1.gpx", []byte("rubbish")},
		file{".DS_Store", []byte("rubbish")},
		file{"broken.gpx", []byte(gpx11[:len(gpx11)-40])},
		file{"notes.txt", []byte("hello")},
		file{"nested.zip", nested},
		file{"nested.zip.gz", zipped(t, nested)},
		file{"two.tcx", []byte(tcxOf(activityTCX("Running", lapOf(0, 9, "<Track>"+trackpoints(0, 9)+"</Track>")), activityTCX("Biking", lapOf(20, 9, "<Track>"+trackpoints(20, 9)+"</Track>"))))},
		file{"empty.gpx", []byte("<gpx/>")},
		file{"line.geojson", []byte(geoJSONLine)},
	))
	var got []string
	for _, a := range all {
		what := fmt.Sprint(len(a.Fixes()))
		if f := fault.As(a.Err); f != nil {
			what = f.Code
		}
		got = append(got, a.File+" "+what)
	}
	want := []string{"activities/1.gpx 2", "activities/2.fit.gz 60", "broken.gpx bad_track", "notes.txt unsupported_track", "nested.zip unsupported_track",
		"nested.zip.gz unsupported_track", "two.tcx 9", "two.tcx 9", "empty.gpx bad_track", "line.geojson 3"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestZipsThatCannotBeRead(t *testing.T) {
	one := zipOf(t, file{"a.gpx", []byte(gpx11)})
	encrypted := bytes.Clone(one)
	encrypted[bytes.Index(encrypted, zipNameMagic)+8] |= 1
	corrupt := bytes.Clone(one)
	corrupt[60] ^= 0xff
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"empty": {zipOf(t), "bad_track"}, "cut off": {one[:len(one)-30], "bad_track"}, "encrypted": {encrypted, "bad_track"}, "corrupt": {corrupt, "bad_track"},
		"of nothing known": {zipOf(t, file{"a.txt", []byte("hello")}), "unsupported_track"}, "of two broken files": {zipOf(t, file{"a.gpx", []byte("<gpx>")}, file{"b.gpx", []byte("<gpx/>")}), "bad_track"},
		"of a zip": {zipOf(t, file{"a.zip", one}), "unsupported_track"}, "in a gzip": {zipped(t, one), "unsupported_track"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := newFiles().Read(t.Context(), c.data); !fault.HasCode(err, c.code) {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
}

// What all files of a zip may be inflated to is one bound, also for gzip'd files in
// it, whose size the zip does not tell.
func TestAZipOfGzipsIsBounded(t *testing.T) {
	blank := zippedBy(t, 9, bytes.Repeat([]byte("<gpx/>"), 1<<17))
	src := zipOf(t, file{"a.gpx.gz", blank})
	files, err := unpack(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	left := int64(1 << 19)
	var c content
	if err := files[0].read(t.Context(), &c, &left); err != nil {
		t.Fatal(err)
	}
	if f := fault.As(c.recordings[0].activity.Err); f == nil || f.Code != "body_too_large" || f.Details["limit"] == nil {
		t.Errorf("%v", c.recordings[0].activity.Err)
	}
}

// A file that fails leaves no points of its own behind.
func TestAFailedFileOfAZipTakesNoRoom(t *testing.T) {
	files, err := unpack(t.Context(), zipOf(t, file{"a.gpx", []byte(gpx11)}, file{"b.gpx", []byte(gpx11[:len(gpx11)-20])}))
	if err != nil {
		t.Fatal(err)
	}
	var c content
	left := int64(MaxUnpackedBytes)
	for _, p := range files {
		if err := p.read(t.Context(), &c, &left); err != nil {
			t.Fatal(err)
		}
	}
	if c.n != 2 || c.parts != 2 {
		t.Errorf("%d points and %d parts are left", c.n, c.parts)
	}
}

// TestPicturesOfAZipAreNoActivities holds that what is no track takes no place of one.
func TestPicturesOfAZipAreNoActivities(t *testing.T) {
	files := append(manyFiles(MaxActivities), repeat(file{"a.jpg", []byte("\xff\xd8\xff")}, 30)...)
	read, err := New(budget.New(1<<30)).Read(t.Context(), zipOf(t, files...))
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	for _, a := range read {
		if a.Err == nil {
			runs++
		}
	}
	if runs != MaxActivities {
		t.Errorf("%d of %d runs are read", runs, MaxActivities)
	}
}
