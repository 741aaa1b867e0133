package tracks

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/muktihari/fit/kit/hash/crc16"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
	"github.com/muktihari/fit/proto"

	"github.com/runvs/runvs/adapters/budget/budgettest"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

func newFiles() Files { return New(&budgettest.Purse{}) }

func zipped(t testing.TB, data []byte) []byte { return zippedBy(t, gzip.BestCompression, data) }

func zippedBy(t testing.TB, level int, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fitOf is a FIT file with these messages in it.
func fitOf(messages []byte) []byte {
	b := append([]byte{14, 32}, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(messages)))
	b = append(append(b, ".FIT"...), 0, 0)
	b = append(b, messages...)
	sum := crc16.New()
	_, _ = sum.Write(messages)
	return binary.LittleEndian.AppendUint16(b, sum.Sum16())
}

// fitDefinition defines a message of fields (number, size, base type).
func fitDefinition(local byte, message uint16, fields ...[3]byte) []byte {
	b := []byte{0x40 | local, 0, 0}
	b = append(binary.LittleEndian.AppendUint16(b, message), byte(len(fields)))
	for _, f := range fields {
		b = append(b, f[:]...)
	}
	return b
}

// fitFileID says that a file is one.
var fitFileID = append(fitDefinition(0, 0, [3]byte{0, 1, 0}), 0, 4)

// activityOf is an activity of messages.
func activityOf(messages ...[]byte) []byte {
	return fitOf(append(append([]byte{}, fitFileID...), bytes.Join(messages, nil)...))
}

// fitRecords is an activity of n records of 3 bytes, behind which come others.
func fitRecords(n int, more ...[]byte) []byte {
	records := append(fitDefinition(1, 20, [3]byte{0, 1, 0x85}, [3]byte{1, 1, 0x85}), bytes.Repeat([]byte{1, 7, 7}, n)...)
	return activityOf(append([][]byte{records}, more...)...)
}

// fields are n fields of a size that no profile knows.
func fields(n int, size byte) (f [][3]byte) {
	for i := range n {
		f = append(f, [3]byte{byte(i), size, 0x02})
	}
	return f
}

func gpxOf(inside string) []byte {
	return []byte(`<gpx><trk><trkseg><trkpt lat="1" lon="1"/>` + inside + `</trkseg></trk></gpx>`)
}

// daysApart is a GPX file of n tracks, a day between them.
func daysApart(n int) []byte {
	var b strings.Builder
	for i := range n {
		at := time.Unix(1_700_000_000, 0).UTC().AddDate(0, 0, i).Format(time.RFC3339)
		fmt.Fprintf(&b, `<trk><trkseg><trkpt lat="1" lon="1"><time>%s</time></trkpt></trkseg></trk>`, at)
	}
	return []byte("<gpx>" + b.String() + "</gpx>")
}

// file is one that is put into a zip.
type file struct {
	name string
	data []byte
}

func manyFiles(n int) []file { return repeat(file{"run.gpx", []byte(gpx11)}, n) }

func repeat(f file, n int) (all []file) {
	for range n {
		all = append(all, f)
	}
	return all
}

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		in, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = in.Write(f.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipClaiming is a zip whose file says that it has more than it has.
func zipClaiming(t testing.TB, claimed uint64, packed int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	in, err := w.CreateRaw(&zip.FileHeader{Name: "a.gpx", Method: zip.Deflate, CompressedSize64: uint64(packed), UncompressedSize64: claimed})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = in.Write(make([]byte, packed))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// attacks are files that would cost far more than they are worth.
func attacks(t testing.TB) map[string]struct {
	file []byte
	code string
	what any
} {
	mib := strings.Repeat("x", 1<<20)
	description := append(fitDefinition(3, 206, fields(255, 255)...), bytes.Repeat(append([]byte{3}, make([]byte, 255*255)...), MaxDescriptions+1)...)
	type attack = struct {
		file []byte
		code string
		what any
	}
	var attributes strings.Builder
	for i := range MaxAttributes + 1 {
		fmt.Fprintf(&attributes, ` a%d=""`, i)
	}
	return map[string]attack{
		"too deep":                 {gpxOf(strings.Repeat("<a>", 30) + strings.Repeat("</a>", 30)), "track_too_complex", "depth"},
		"too deep in a mark":       {[]byte("<gpx><wpt>" + strings.Repeat("<a>", 1<<20)), "track_too_complex", "depth"},
		"too many attributes":      {gpxOf("<a" + attributes.String() + "/>"), "track_too_complex", "attributes"},
		"an attribute of a MiB":    {gpxOf(`<a b="` + mib + `"/>`), "track_too_complex", "bytes of one tag or text"},
		"attributes of a MiB":      {gpxOf(`<a ` + strings.Repeat(`a="" `, 200_000) + `/>`), "track_too_complex", "bytes of one tag or text"},
		"a text of a MiB":          {gpxOf(`<a>` + mib + `</a>`), "track_too_complex", "bytes of one tag or text"},
		"a CDATA of a MiB":         {gpxOf(`<a><![CDATA[` + mib + `]]></a>`), "track_too_complex", "bytes of one tag or text"},
		"a comment of a MiB":       {gpxOf(`<!--` + mib + `-->`), "track_too_complex", "bytes of one tag or text"},
		"an instruction":           {gpxOf(`<?a ` + mib + `?>`), "track_too_complex", "bytes of one tag or text"},
		"a declaration":            {[]byte(`<!DOCTYPE gpx [` + strings.Repeat(`<!ENTITY a "b">`, 100_000) + `]><gpx/>`), "track_too_complex", "bytes of one tag or text"},
		"a name of an element":     {gpxOf(`<` + mib + `/>`), "track_too_complex", "bytes of one tag or text"},
		"a billion laughs":         {[]byte(`<!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><gpx><name>&b;</name></gpx>`), "bad_track", nil},
		"FIT field descriptions":   {activityOf(description), "track_too_complex", "field descriptions"},
		"FIT 51 times its size":    {zipped(t, fitRecords(MaxFixes)), "body_too_large", nil},
		"JSON too deep":            {[]byte(`{"a":` + strings.Repeat("[", 1<<20)), "track_too_complex", "depth"},
		"a string of a MiB":        {[]byte(`{"a":"` + mib + `"}`), "track_too_complex", "bytes of one value"},
		"a number of a MiB":        {[]byte(`{"a":` + strings.Repeat("1", 1<<20) + `}`), "track_too_complex", "bytes of one value"},
		"a line of KML too long":   {[]byte("<kml><Placemark><LineString><coordinates>" + strings.Repeat("1,1 ", MaxLineBytes/4+1)), "track_too_complex", "bytes of one tag or text"},
		"a text of KML too long":   {[]byte("<kml><Placemark><name>" + mib), "track_too_complex", "bytes of one tag or text"},
		"parts without end":        {gpxOf(strings.Repeat(`</trkseg><trkseg><trkpt lat="1" lon="1"/>`, MaxParts)), "track_too_complex", "parts"},
		"days without end":         {daysApart(MaxActivities + 1), "track_too_many_activities", nil},
		"FIT files without end":    {bytes.Repeat(fitRecords(1), MaxActivities+1), "track_too_many_activities", nil},
		"FIT settings without end": {bytes.Repeat(fitOf(append(fitDefinition(0, 0, [3]byte{0, 1, 0}), 0, 2)), MaxActivities+1), "track_too_many_activities", nil},
		"names of a zip":           {zipOf(t, manyFiles(MaxZipEntries+1)...), "track_too_complex", "names of a zip"},
		"files of a zip":           {zipOf(t, manyFiles(MaxActivities+1)...), "track_too_many_activities", nil},
		"a zip 51 times":           {zipOf(t, file{"a.gpx", []byte("<gpx>" + strings.Repeat("<a/>", 1<<20))}), "body_too_large", nil},
		"a zip of 200 MiB":         {zipClaiming(t, MaxUnpackedBytes+1, 5<<20), "body_too_large", nil},
		"51 times its size":        {zipped(t, []byte("<gpx>"+strings.Repeat("<a/>", 1<<20))), "body_too_large", nil},
	}
}

func TestWhatWouldCostTooMuchIsRefused(t *testing.T) {
	for name, a := range attacks(t) {
		t.Run(name, func(t *testing.T) {
			budget := &budgettest.Purse{}
			_, err := New(budget).Read(t.Context(), a.file)
			f := fault.As(err)
			if f == nil || f.Code != a.code || f.Details["what"] != a.what {
				t.Fatalf("%v, want %s of %v", err, a.code, a.what)
			}
			if a.code != "bad_track" && (f.Details["value"] == nil || f.Details["limit"] == nil) {
				t.Errorf("it says neither what it is nor what it may be: %v", f.Details)
			}
			if budget.Held() != 0 {
				t.Errorf("%d bytes of the budget are not given back", budget.Held())
			}
		})
	}
}

// What a file would have to be large for is counted on from just below the limit.
func TestWhatIsManyIsCounted(t *testing.T) {
	refused := func(what string, err error) {
		t.Helper()
		f := fault.As(err)
		if f == nil || f.Details["what"] != any(what) && what != "" || f.Details["value"] == nil || f.Details["limit"] == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	doc, root, err := newDocument(sourceOf(t, []byte("<gpx><a/></gpx>")))
	if err != nil {
		t.Fatal(err)
	}
	doc.elements = MaxElements - 1
	refused("elements", doc.walk(root, newGPX(&content{})))

	for what, a := range map[string]*fitActivity{"messages": {messages: MaxMessages}, "fields": {fields: MaxFields}} {
		for name, told := range map[string]func(){
			"a message": func() { a.defined[2] = 1; a.OnMesg(proto.Message{Header: 2, Num: 0xff00}) },
			"a definition": func() {
				a.OnMesgDef(proto.MessageDefinition{DeveloperFieldDefinitions: make([]proto.DeveloperFieldDefinition, 1)})
			},
		} {
			var cause error
			a.stop = func(err error) { cause = err }
			if told(); cause == nil {
				t.Errorf("%s too many is not one of the %s", name, what)
			}
			refused(what, cause)
		}
	}
	var cause error
	events := &fitActivity{timer: make([]timerEvent, 2*MaxParts), stop: func(err error) { cause = err }}
	events.takeEvent(mesgdef.NewEvent(nil).SetEvent(typedef.EventTimer).SetEventType(typedef.EventTypeStop).SetTimestamp(time.Unix(1<<30, 0)))
	refused("timer events", cause)
	cause = nil
	sessions := &fitActivity{sessions: make([]fitSession, MaxActivities), stop: func(err error) { cause = err }}
	sessions.takeSession(mesgdef.NewSession(nil))
	refused("", cause)

	long := "<gpx><trk><trkpt lat='1' lon='1'/><name>" + strings.Repeat("<![CDATA[한강]]>", 1000) + "</name></trk></gpx>"
	if name := read(t, []byte(long)).Name; len(name) > valueBytes || len(name) < valueBytes/2 || !utf8.ValidString(name) {
		t.Errorf("a name of %d bytes is kept: %q", len(name), name)
	}

	full := samples{n: MaxFixes}
	_, err = full.add(ports.TrackFix{})
	if !fault.HasCode(err, "track_too_many_fixes") {
		t.Errorf("%v", err)
	}
	refused("", err)
	refused("parts", (&content{parts: MaxParts}).extend(&recording{}, 0))
	crowd := &content{recordings: make([]*recording, MaxActivities)}
	if err := crowd.own(&recording{}); !fault.HasCode(err, "track_too_many_activities") {
		t.Errorf("%v", err)
	}
	list := &geoJSON{content: &content{}, jsonTokens: newJSONTokens(strings.NewReader("[1]")), listed: MaxListed}
	first, err := list.next()
	if err != nil {
		t.Fatal(err)
	}
	refused("times and values", list.list(first, func(json.Token) {}))
}

// sourceOf is the source of a plain file.
func sourceOf(t testing.TB, data []byte) *source {
	t.Helper()
	left := int64(math.MaxInt64)
	src, err := open(t.Context(), bytes.NewReader(data), int64(len(data)), &left)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestWhoCannotPayIsNotServed(t *testing.T) {
	busy := errors.New("busy")
	if _, err := New(&budgettest.Purse{Refuse: busy}).Read(t.Context(), []byte(gpx11)); !errors.Is(err, busy) {
		t.Errorf("%v", err)
	}
}

func TestNobodyReadsForACallerWhoLeft(t *testing.T) {
	for name, file := range map[string][]byte{"GPX": gpxOf(strings.Repeat("<a/>", 100_000)), "FIT": fitRecords(100_000), "gzip": zipped(t, gpxOf("")), "zip": zipOf(t, manyFiles(3)...)} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := newFiles().Read(ctx, file); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		// The caller leaves while the file is being read.
		ctx, cancel = context.WithCancel(t.Context())
		leaving := &leaver{cancel: cancel}
		if _, err := New(leaving).Read(ctx, file); !errors.Is(err, context.Canceled) && name != "gzip" {
			t.Errorf("%s, later: %v", name, err)
		}
	}
}

// leaver cancels when work begins.
type leaver struct{ cancel func() }

func (l *leaver) Take(context.Context, int64) (func(), error) {
	l.cancel()
	return func() {}, nil
}

// worst are the files that take most memory, each as large as its price sees it.
func worst(t testing.TB) map[string][]byte {
	points := bytes.Repeat([]byte(`<trkpt lat="1"lon="1"/>`), 200_000)
	gpx := append(append([]byte("<gpx>"), points...), "</gpx>"...)
	trackpoint := `<Trackpoint><Position><LatitudeDegrees>1</LatitudeDegrees><LongitudeDegrees>1</LongitudeDegrees></Position></Trackpoint>`
	tcx := []byte("<TrainingCenterDatabase>" + strings.Repeat(trackpoint, 2<<20/len(trackpoint)) + "</TrainingCenterDatabase>")
	var attributes strings.Builder
	for attributes.Len() < MaxTokenBytes-100 {
		attributes.WriteString(`a="" `)
	}
	descriptions := append(fitDefinition(3, 206, fields(255, 255)...), bytes.Repeat(append([]byte{3}, make([]byte, 255*255)...), MaxDescriptions)...)
	return map[string][]byte{
		"GPX of nothing but points":        gpx,
		"TCX of 2 MiB":                     tcx,
		"FIT of a million points":          fitRecords(MaxFixes),
		"FIT that describes all it can":    fitRecords(1000, descriptions),
		"an element of all the attributes": gpxOf("<a " + attributes.String() + "/>"),
		"a text in every depth":            gpxOf(strings.Repeat("<a>"+strings.Repeat("x", MaxTokenBytes-100), 28)),
		"small, behind a gzip":             zipped(t, gpx[:FreeInflation]),
		"FIT of nothing but heartbeats":    activityOf(fitDefinition(2, 20, [3]byte{253, 4, 0x86}), []byte{2, 0, 0, 0, 64}, fitDefinition(1, 20, [3]byte{3, 1, 2}), bytes.Repeat([]byte{0xa1, 99}, MaxFixes)),
		"KML of one line":                  []byte("<kml><Placemark><LineString><coordinates>" + strings.Repeat("1,1 ", MaxLineBytes/4-10) + "</coordinates></LineString></Placemark></kml>"),
		"KML of nothing but times":         []byte("<kml><Placemark><Track>" + strings.Repeat("<when/>", 300_000) + strings.Repeat("<coord>1 1</coord>", 300_000) + "</Track></Placemark></kml>"),
		"GeoJSON of nothing but points":    []byte(`{"type":"LineString","coordinates":[` + strings.Repeat("[0,1],", 300_000) + `[0,2]]}`),
		"GeoJSON of all it can list":       []byte(`{"type":"Feature","properties":{"times":[` + strings.Repeat("9,", MaxListed-1) + `9]},"geometry":{"type":"LineString","coordinates":[[0,1]]}}`),
		"a zip of small files":             zipOf(t, manyFiles(MaxActivities)...),
		"a zip with names of its length":   zipOf(t, repeat(file{strings.Repeat("n", 20_000), []byte(gpx11)}, MaxActivities)...),
		"FIT, gzip'd in a hurry":           zippedBy(t, gzip.NoCompression, fitRecords(200_000)),
	}
}

// Nobody holds more than they took of the budget.
func TestReadingHoldsNoMoreThanItsPrice(t *testing.T) {
	for name, file := range worst(t) {
		t.Run(name, func(t *testing.T) {
			budget := &budgettest.Purse{}
			var n int
			held := budgettest.Peak(func() {
				read, _ := New(budget).Read(t.Context(), file)
				for _, a := range read {
					for _, p := range a.Parts {
						n += len(p.Fixes)
					}
				}
			})
			t.Logf("%d KiB, %d points: holds %.1f of %.1f MiB", len(file)>>10, n, float64(held)/(1<<20), float64(budget.Taken())/(1<<20))
			if held > budget.Taken() {
				t.Errorf("it holds %d bytes, and took %d", held, budget.Taken())
			}
		})
	}
}

func TestThePriceIsBounded(t *testing.T) {
	if p := price(math.MaxInt64); p > 170<<20 {
		t.Errorf("the largest file takes %d MiB", p>>20)
	}
	if p := price(1000 / leastXMLBytes); p > 13<<20 {
		t.Errorf("a small file takes %d MiB", p>>20)
	}
}

var _ ports.TrackFiles = Files{}
