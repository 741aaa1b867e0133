package main

import (
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/httpapi"
)

// Each bound that is shown says a limit, and a code that the API's document knows.
func TestTheBoundsAreShown(t *testing.T) {
	known := map[string]bool{"": true}
	for _, c := range httpapi.Codes {
		known[c.Code] = true
	}
	for _, b := range bounds() {
		if !known[b.Code] || b.Name == "" || b.Limit == 0 || b.Limit == nil {
			t.Errorf("a bound that says nothing: %+v", b)
		}
	}
	out, err := runvs(t, "config")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"# a course: at most 500 km (course_too_long)", "# a run: at most 72 hours (run_too_long)", "# a claim: at most 4 KiB, with numbers written out (claim_too_large)",
		"# an element of XML: at most 32 deep (track_too_complex)", "# a picture: at most 25 megapixels (avatar_too_large)", "# a body under way: at most 25m0s (request_timeout)",
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("runvs config does not say %q", line)
		}
	}
}
