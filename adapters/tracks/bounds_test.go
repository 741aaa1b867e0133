package tracks

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/muktihari/fit/kit/hash/crc16"
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

// fitActivity says that a file is one.
var fitActivity = append(fitDefinition(0, 0, [3]byte{0, 1, 0}), 0, 4)

// activityOf is an activity of messages.
func activityOf(messages ...[]byte) []byte {
	return fitOf(append(append([]byte{}, fitActivity...), bytes.Join(messages, nil)...))
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
		"too deep":               {gpxOf(strings.Repeat("<a>", 30) + strings.Repeat("</a>", 30)), "track_too_complex", "depth"},
		"too deep in a mark":     {[]byte("<gpx><wpt>" + strings.Repeat("<a>", 1<<20)), "track_too_complex", "depth"},
		"too many attributes":    {gpxOf("<a" + attributes.String() + "/>"), "track_too_complex", "attributes"},
		"an attribute of a MiB":  {gpxOf(`<a b="` + mib + `"/>`), "track_too_complex", "bytes of one tag or text"},
		"attributes of a MiB":    {gpxOf(`<a ` + strings.Repeat(`a="" `, 200_000) + `/>`), "track_too_complex", "bytes of one tag or text"},
		"a text of a MiB":        {gpxOf(`<a>` + mib + `</a>`), "track_too_complex", "bytes of one tag or text"},
		"a CDATA of a MiB":       {gpxOf(`<a><![CDATA[` + mib + `]]></a>`), "track_too_complex", "bytes of one tag or text"},
		"a comment of a MiB":     {gpxOf(`<!--` + mib + `-->`), "track_too_complex", "bytes of one tag or text"},
		"an instruction":         {gpxOf(`<?a ` + mib + `?>`), "track_too_complex", "bytes of one tag or text"},
		"a declaration":          {[]byte(`<!DOCTYPE gpx [` + strings.Repeat(`<!ENTITY a "b">`, 100_000) + `]><gpx/>`), "track_too_complex", "bytes of one tag or text"},
		"a name of an element":   {gpxOf(`<` + mib + `/>`), "track_too_complex", "bytes of one tag or text"},
		"a billion laughs":       {[]byte(`<!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><gpx><name>&b;</name></gpx>`), "bad_track", nil},
		"FIT field descriptions": {activityOf(description), "track_too_complex", "field descriptions"},
		"FIT 51 times its size":  {zipped(t, fitRecords(MaxFixes)), "body_too_large", nil},
		"51 times its size":      {zipped(t, []byte("<gpx>"+strings.Repeat("<a/>", 1<<20))), "body_too_large", nil},
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
	src, err := open(t.Context(), []byte("<gpx><a/></gpx>"))
	if err != nil {
		t.Fatal(err)
	}
	doc := newDocument(src)
	doc.elements = MaxElements - 1
	root, err := doc.root()
	if err != nil {
		t.Fatal(err)
	}
	refused("elements", doc.walk(root, &gpx{}))

	for what, a := range map[string]*activity{"messages": {messages: MaxMessages}, "fields": {fields: MaxFields}} {
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

	long := "<gpx><trkpt lat='1' lon='1'/><name>" + strings.Repeat("<![CDATA[한강]]>", 1000) + "</name></gpx>"
	if name := read(t, []byte(long)).Name; len(name) > valueBytes || len(name) < valueBytes/2 || !utf8.ValidString(name) {
		t.Errorf("a name of %d bytes is kept: %q", len(name), name)
	}

	full := fixes{n: MaxFixes}
	err = full.add(1, 1, ports.TrackFix{})
	if !fault.HasCode(err, "track_too_many_fixes") {
		t.Errorf("%v", err)
	}
	refused("", err)
	for name, format := range map[string]*gpx{"trkpt": {tracks: fixes{n: MaxFixes}}, "rtept": {routes: fixes{n: MaxFixes}}} {
		if err := format.add(name); !fault.HasCode(err, "track_too_many_fixes") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoCannotPayIsNotServed(t *testing.T) {
	busy := errors.New("busy")
	if _, err := New(&budgettest.Purse{Refuse: busy}).Read(t.Context(), []byte(gpx11)); !errors.Is(err, busy) {
		t.Errorf("%v", err)
	}
}

func TestNobodyReadsForACallerWhoLeft(t *testing.T) {
	for name, file := range map[string][]byte{"GPX": gpxOf(strings.Repeat("<a/>", 100_000)), "FIT": fitRecords(100_000), "gzip": zipped(t, gpxOf(""))} {
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
				track, _ := New(budget).Read(t.Context(), file)
				n = len(track.Fixes)
			})
			t.Logf("%d KiB, %d points: holds %.1f of %.1f MiB", len(file)>>10, n, float64(held)/(1<<20), float64(budget.Taken())/(1<<20))
			if held > budget.Taken() {
				t.Errorf("it holds %d bytes, and took %d", held, budget.Taken())
			}
		})
	}
}

func TestThePriceIsBounded(t *testing.T) {
	if p := price(math.MaxInt64, 1); p > 160<<20 {
		t.Errorf("the largest file takes %d MiB", p>>20)
	}
	if p := price(1000, leastXMLBytes); p > 13<<20 {
		t.Errorf("a small file takes %d MiB", p>>20)
	}
}

var _ ports.TrackFiles = Files{}
