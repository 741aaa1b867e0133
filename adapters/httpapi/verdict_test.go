package httpapi

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/judge"
)

// TestVerdictFile: what is written by hand is what reflection would write.
func TestVerdictFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fix := rapid.Custom(func(t *rapid.T) judge.FixVerdict {
			return judge.FixVerdict{
				Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lng: rapid.Float64Range(-180, 180).Draw(t, "lng"),
				Timestamp:       rapid.Int64().Draw(t, "timestamp"),
				DeviationMeters: rapid.Float64Range(0, 1e6).Draw(t, "deviation"), ProgressMeters: rapid.Float64Range(0, 1e6).Draw(t, "progress"),
				Section: rapid.SampledFrom([]string{"straight", "curve"}).Draw(t, "section"), Status: "ok",
			}
		})
		verdict, fixes := judge.Verdict{RuleVersion: "1"}, rapid.SliceOfN(fix, 0, 5).Draw(t, "fixes")
		got, err := verdictFile(verdict, fixes)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(VerdictAnswer{
			Verdict: VerdictOf(verdict), Fixes: each(fixes, func(f judge.FixVerdict) FixVerdict { return FixVerdict(f) }),
		})
		if err != nil {
			t.Fatal(err)
		}
		var x, y any
		if json.Unmarshal(got.Body, &x) != nil || json.Unmarshal(want, &y) != nil {
			t.Fatalf("not JSON: %s", got.Body)
		}
		if canonical(t, x) != canonical(t, y) {
			t.Fatalf("got  %s\nwant %s", got.Body, want)
		}
	})
}

func canonical(t *rapid.T, v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
