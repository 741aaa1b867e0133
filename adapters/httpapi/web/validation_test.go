package web

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

func TestMistakesComeInOneOrder(t *testing.T) {
	var errs []error
	for i := range 30 {
		errs = append(errs, &huma.ErrorDetail{Location: fmt.Sprintf("body.x%02d", i), Message: "unexpected property"})
	}
	want := frameworkProblem(http.StatusUnprocessableEntity, "validation failed", errs).Errors
	for range 20 {
		rand.Shuffle(len(errs), func(i, j int) { errs[i], errs[j] = errs[j], errs[i] })
		if got := frameworkProblem(http.StatusUnprocessableEntity, "validation failed", errs).Errors; !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	}
}

func TestAStrangersWordsAreCut(t *testing.T) {
	name := "body." + strings.Repeat("길", 10_000)
	p := frameworkProblem(http.StatusUnprocessableEntity, "validation failed", []error{
		&huma.ErrorDetail{Location: name, Message: "unexpected property"},
		&huma.ErrorDetail{Location: name, Message: "unexpected property"},
	})
	if len(p.Errors) != 1 || len(p.Errors[0].Location) > maxWords+len("…") || !strings.HasPrefix(name, strings.TrimSuffix(p.Errors[0].Location, "…")) {
		t.Errorf("%d mistakes, the first with %d bytes", len(p.Errors), len(p.Errors[0].Location))
	}
}
