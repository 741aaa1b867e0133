package run

import (
	"strings"
	"testing"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/strictjson"
)

// reader reads a text as a client sends it.
func reader(t *testing.T, text string) *strictjson.Reader {
	t.Helper()
	r, err := strictjson.NewReader([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// where returns the code of a fault, and at which field it lies.
func where(err error) string {
	f := fault.As(err)
	switch {
	case f == nil:
		return "no fault"
	case len(f.Fields) == 0:
		return f.Code
	}
	return f.Code + " " + f.Fields[0].Location
}

const fine = `{"lat":37.5,"lng":127,"timestamp":1777636800000}`

func TestAPointThatIsWrongIsNamed(t *testing.T) {
	with := func(more string) string { return strings.Replace(fine, "{", "{"+more+",", 1) }
	for text, want := range map[string]string{
		`[` + fine + `]`: "no fault",
		`[` + with(`"altitude":null,"accuracy":5,"speed":0,"heading":360,"heart_rate":1,"cadence":null`) + `]`: "no fault",
		`{}`:                                                    "wrong_type ",
		`[` + fine + `,5]`:                                      "wrong_type [1]",
		`[{"lng":127,"timestamp":1}]`:                           "validation_failed [0].lat",
		`[{"lat":37.5,"timestamp":1}]`:                          "validation_failed [0].lng",
		`[{"lat":37.5,"lng":127}]`:                              "validation_failed [0].timestamp",
		`[{"lat":null,"lng":127,"timestamp":1}]`:                "validation_failed [0].lat",
		`[{"lat":91,"lng":127,"timestamp":1}]`:                  "validation_failed [0].lat",
		`[{"lat":37,"lng":-181,"timestamp":1}]`:                 "validation_failed [0].lng",
		`[{"lat":"37","lng":127,"timestamp":1}]`:                "wrong_type [0].lat",
		`[{"lat":37,"lng":127,"timestamp":1.5}]`:                "validation_failed [0].timestamp",
		`[` + with(`"speeed":1`) + `]`:                          "validation_failed [0].speeed",
		`[` + with(`"speeed":null`) + `]`:                       "validation_failed [0].speeed",
		`[` + with(`"Lat":1`) + `]`:                             "validation_failed [0].Lat",
		`[` + fine + `,` + with(`"speed":-2`) + `]`:             "validation_failed [1].speed",
		`[` + fine + `,` + fine + `,` + fine + `,` + fine + `]`: "validation_failed ",
		`[{"lat":37`:                                            "malformed_json",
		`[` + with(`"speed":1e400`) + `]`:                       "malformed_json [0].speed",
	} {
		if _, err := ReadFixes(reader(t, text), 3); where(err) != want {
			t.Errorf("%s: %s, want %s", text, where(err), want)
		}
	}
}

func TestAReadingLiesWithinItsRange(t *testing.T) {
	for _, c := range []struct {
		name      string
		set       func(*Fix) *float64
		low, high float64
	}{
		{"altitude", func(f *Fix) *float64 { return &f.Altitude }, MinAltitudeMeters, MaxAltitudeMeters},
		{"accuracy", func(f *Fix) *float64 { return &f.Accuracy }, 0, MaxAccuracyMeters},
		{"speed", func(f *Fix) *float64 { return &f.Speed }, 0, MaxSpeedMS},
		{"heading", func(f *Fix) *float64 { return &f.Heading }, 0, 360},
		{"heart_rate", func(f *Fix) *float64 { return &f.HeartRate }, 0, MaxHeartRate},
		{"cadence", func(f *Fix) *float64 { return &f.Cadence }, 0, MaxCadence},
	} {
		for v, ok := range map[float64]bool{c.low: true, c.high: true, Absent: true, c.low - 0.5: false, c.high + 0.5: false} {
			f := fixAt(0, 37, 127)
			*c.set(&f) = v
			if err := f.Validate(); ok != (err == nil) || !ok && where(err) != "validation_failed "+c.name {
				t.Errorf("%s of %v: %v", c.name, v, err)
			}
		}
	}
	for at, ok := range map[int64]bool{EarliestTimestamp: true, LatestTimestamp: true, EarliestTimestamp - 1: false, LatestTimestamp + 1: false} {
		f := fixAt(0, 37, 127)
		f.Timestamp = at
		if err := f.Validate(); ok != (err == nil) || !ok && where(err) != "validation_failed timestamp" {
			t.Errorf("at %d: %v", at, err)
		}
	}
}

func TestWhatAClaimMustSay(t *testing.T) {
	for text, want := range map[string]string{
		`{"distance_meters":5,"duration_seconds":2,"more":[1]}`: "no fault",
		`{"duration_seconds":2}`:                                "validation_failed distance_meters",
		`{"distance_meters":5,"DURATION_SECONDS":2}`:            "validation_failed duration_seconds",
		`{"distance_meters":"5","duration_seconds":2}`:          "wrong_type distance_meters",
		`{"distance_meters":5,"duration_seconds":null}`:         "wrong_type duration_seconds",
		`[5]`:                     "wrong_type ",
		`{"distance_meters":5,,}`: "malformed_json",
	} {
		c, err := ReadClaim(reader(t, text))
		if got := where(err); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if err == nil && (c.DistanceMeters != 5 || c.DurationSeconds != 2 || string(c.Document) != text) {
			t.Errorf("%s is read as %+v", text, c)
		}
	}
}

func TestSplitsAreAListOfObjects(t *testing.T) {
	for text, want := range map[string]string{
		`[{"index":1},{}]`: "no fault",
		`[]`:               "no fault",
		`{}`:               "wrong_type ",
		`[{},5]`:           "wrong_type [1]",
		`[{]`:              "malformed_json",
		`[` + strings.Repeat(`{},`, MaxChunkSplits-1) + `{}]`: "no fault",
		`[` + strings.Repeat(`{},`, MaxChunkSplits) + `{}]`:   "validation_failed ",
	} {
		doc, err := ReadSplits(reader(t, text))
		if got := where(err); got != want {
			t.Errorf("%.40s: %s, want %s", text, got, want)
		}
		if err == nil && (text == `[]`) != (doc == nil) {
			t.Errorf("%.40s is read as %.40s", text, doc)
		}
	}
}

// TestWhatPhonesSayOfNothingIsNothing holds the readings that mean that nothing is
// known, and times in fractions of a millisecond.
func TestWhatPhonesSayOfNothingIsNothing(t *testing.T) {
	r, err := strictjson.NewReader([]byte(`[{"lat":1,"lng":2,"timestamp":1700000000000.6,"speed":-1,"heading":-1,"heart_rate":0,"cadence":255,"altitude":0,"accuracy":0}]`))
	if err != nil {
		t.Fatal(err)
	}
	fixes, err := ReadFixes(r, 1)
	if err != nil {
		t.Fatal(err)
	}
	f := fixes[0]
	if f.Timestamp != 1700000000001 || Has(f.Speed) || Has(f.Heading) || Has(f.HeartRate) || Has(f.Cadence) || f.Altitude != 0 || f.Accuracy != 0 {
		t.Errorf("%+v", f)
	}
}
