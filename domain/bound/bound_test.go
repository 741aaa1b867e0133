package bound

import (
	"testing"
	"time"
)

func TestABoundReadsAsASentence(t *testing.T) {
	for want, b := range map[string]Bound{
		"a chunk: at most 3600 fixes (validation_failed)": {Name: "a chunk", Limit: 3600, Unit: "fixes", Code: "validation_failed"},
		"a wait: at most 30s":                             {Name: "a wait", Limit: 30 * time.Second},
		"a leg: at most 5 km":                             {Name: "a leg", Limit: 5, Unit: "km"},
		"sessions: at most 5 (too_many)":                  {Name: "sessions", Limit: 5, Code: "too_many"},
	} {
		if got := b.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
