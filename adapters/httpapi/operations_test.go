package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/httpapi/web"
)

// A new operation cannot forget what is done with its requests.
func TestEveryOperationSaysWhatIsDoneWithItsRequests(t *testing.T) {
	operations := bare().Operations()
	for _, op := range operations {
		switch {
		case op.Access == 0, op.Body == 0, op.Counts == 0, op.Cache.Control == "":
			t.Errorf("%s %s: access %d, body %d, bucket %d, cache %q: one is not said", op.Method, op.Path, op.Access, op.Body, op.Counts, op.Cache.Control)
		case op.Cache != web.NotKept && op.Method != http.MethodGet:
			t.Errorf("%s %s changes something, and is kept", op.Method, op.Path)
		case op.Body != web.NoBody && op.Method == http.MethodGet:
			t.Errorf("%s %s reads a body, which nobody sends with GET", op.Method, op.Path)
		}
	}
	var kept []string
	for _, op := range operations {
		if op.Cache != web.NotKept {
			kept = append(kept, op.ID)
		}
	}
	slices.Sort(kept)
	if got, want := strings.Join(kept, " "), "courses-in-bounds get-avatar get-corridor get-course get-course-stats get-course-tile get-course-track get-my-ranking get-rankings get-thumbnail nearby-courses openapi-json openapi-yaml"; got != want {
		t.Errorf("what is kept or asked for again:\n%s\nwant\n%s", got, want)
	}
	if len(operations) < 45 {
		t.Errorf("only %d operations were walked", len(operations))
	}
}
