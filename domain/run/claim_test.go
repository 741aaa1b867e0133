package run

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/strictjson"
)

// document is the canonical form of a text.
func document(t testing.TB, text string) strictjson.Document {
	t.Helper()
	d, err := strictjson.Canonical([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// claimOfSize is a claim that a store writes with so many bytes.
func claimOfSize(t testing.TB, size int) Claim {
	t.Helper()
	const frame = `{"distance_meters":1,"duration_seconds":1,"note":""}`
	c, err := RestoreClaim(document(t, strings.Replace(frame, `""`, `"`+strings.Repeat("x", size-len(frame))+`"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClaimsAreBoundedByWhatAStoreWrites(t *testing.T) {
	good := ChunkInput{Type: Intermediate, Fixes: []Fix{fixAt(0, 37, 127)}, Summary: claim(1, 1), Cumulative: claim(1, 1)}
	split := `{"note":"` + strings.Repeat("x", 500) + `"}`
	splits := func(n int) strictjson.Document {
		return document(t, "["+strings.TrimSuffix(strings.Repeat(split+",", n), ",")+"]")
	}
	exponents := Claim{Document: document(t, `{"x":[`+strings.TrimSuffix(strings.Repeat("1e300,", 14), ",")+`]}`)} // 120 bytes of text, 4,239 written out
	for name, c := range map[string]struct {
		change func(*ChunkInput)
		at     string // "" is taken
		limit  int
	}{
		"4 KiB": {func(c *ChunkInput) {
			c.Summary, c.Cumulative = claimOfSize(t, MaxClaimBytes), claimOfSize(t, MaxClaimBytes)
		}, "", 0},
		"a byte more":        {func(c *ChunkInput) { c.Summary = claimOfSize(t, MaxClaimBytes+1) }, "chunk_summary", MaxClaimBytes},
		"the other one":      {func(c *ChunkInput) { c.Cumulative = claimOfSize(t, MaxClaimBytes+1) }, "cumulative", MaxClaimBytes},
		"exponents":          {func(c *ChunkInput) { c.Cumulative = exponents }, "cumulative", MaxClaimBytes},
		"splits":             {func(c *ChunkInput) { c.CompletedSplits = splits(MaxSplitsBytes/len(split) - 1) }, "", 0},
		"too many long ones": {func(c *ChunkInput) { c.CompletedSplits = splits(MaxSplitsBytes/len(split) + 1) }, "completed_splits", MaxSplitsBytes},
		"one that is too large": {func(c *ChunkInput) {
			c.CompletedSplits = document(t, `[{},{"x":`+string(document(t, `"`+strings.Repeat("x", MaxSplitBytes)+`"`))+`}]`)
		}, "completed_splits[1]", MaxSplitBytes},
	} {
		in := good
		c.change(&in)
		_, err := NewChunk(in)
		if c.at == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		tooLarge(t, name, err, c.at, c.limit)
	}
	_, err := NewSession(NewSessionInput{StartedAt: noon, DeviceInfo: exponents.Document}, noon)
	tooLarge(t, "device_info", err, "device_info", MaxClaimBytes)
}

func tooLarge(t *testing.T, name string, err error, at string, limit int) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid || f.Code != ErrClaimTooLarge.Code {
		t.Errorf("%s: %v", name, err)
		return
	}
	value, _ := f.Details["value"].(int)
	if len(f.Fields) != 1 || f.Fields[0].Location != at || f.Details["limit"] != limit || value <= limit {
		t.Errorf("%s: %+v, %v", name, f.Fields, f.Details)
	}
}

func TestAStoredClaimIsReadWhateverElseItSays(t *testing.T) {
	for name, text := range map[string]string{
		"names in another case": `{"DISTANCE_METERS":"far","Duration_Seconds":null,"distance_meters":12.5,"duration_seconds":4}`,
		"longer than today":     `{"distance_meters":12.5,"duration_seconds":4,"x":"` + strings.Repeat("x", 20*MaxClaimBytes) + `"}`,
		"deeper than today":     `{"distance_meters":12.5,"duration_seconds":4,"x":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}`,
	} {
		c, err := RestoreClaim(strictjson.Document(text))
		if err != nil || c.DistanceMeters != 12.5 || c.DurationSeconds != 4 || string(c.Document) != text {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	if c, err := RestoreClaim(nil); err != nil || c.Document != nil {
		t.Errorf("no claim: %v, %v", c, err)
	}
}

func TestStoredFixesAreReadUnderNoLimit(t *testing.T) {
	const wild = `{"lat": 0.` + "000000000000000000000000000001" + `, "lng": 127, "speed": 99999, "timestamp": 5}`
	fixes, err := RestoreFixes([]byte("[" + strings.TrimSuffix(strings.Repeat(wild+", ", MaxChunkFixes+1), ", ") + "]"))
	if err != nil || len(fixes) != MaxChunkFixes+1 || fixes[0].Speed != 99999 {
		t.Errorf("%d fixes, %v", len(fixes), err)
	}
}

// What cannot be told from zero is zero, so that no store writes hundreds of zeros.
func TestReadingsThatDieAwayAreZero(t *testing.T) {
	f := fixAt(0, 37, 127)
	f.Point = geo.MustPoint(1e-300, -1e-13)
	f.Altitude, f.Accuracy, f.Speed, f.Heading, f.HeartRate = 1e-300, 5e-324, -1e-13, 2e-12, 61.5
	c, err := NewChunk(ChunkInput{Type: Final, Fixes: []Fix{f}, Filtered: []Fix{f}, Summary: claim(1, 1), Cumulative: claim(1, 1)})
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"lat":0,"lng":0,"timestamp":`
	for _, fixes := range [][]Fix{c.Fixes(), c.Filtered()} {
		written := string(AppendFixes(nil, fixes))
		if !strings.HasPrefix(written, want+strconv.FormatInt(f.Timestamp, 10)+`,"altitude":0,"accuracy":0,"speed":0,"heading":2e-12,"heart_rate":61.5}`) {
			t.Error(written)
		}
	}
}

func TestPausesLieWhereFixesCan(t *testing.T) {
	for name, p := range map[string]Pause{
		"the year 0":    {StartedAt: time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)), EndedAt: noon},
		"the year 1999": {StartedAt: time.UnixMilli(EarliestTimestamp - 1), EndedAt: noon},
		"the year 9999": {StartedAt: noon, EndedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600))},
	} {
		in := ChunkInput{Type: Final, Fixes: []Fix{fixAt(0, 37, 127)}, Summary: claim(1, 1), Cumulative: claim(1, 1), Pauses: []Pause{p}}
		if _, err := NewChunk(in); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
