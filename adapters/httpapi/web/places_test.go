package web

import (
	"slices"
	"testing"

	"github.com/runvs/runvs/domain/fault"
)

func TestPlacesAreOrderedByTheirNumbers(t *testing.T) {
	want := []string{"body.a", "body.tags", "body.tags[2]", "body.tags[10]", "body.tags[10].x", "body.tags[100]", "query.q"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, comparePlaces)
	if !slices.Equal(got, want) {
		t.Errorf("the order is %q", got)
	}
}

func TestMistakesAreToldInTheOrderOfTheirPlaces(t *testing.T) {
	p := problemOf(fault.Join(fault.InvalidField("x[10]", "is wrong"), fault.InvalidField("x[2]", "is wrong"), fault.InvalidField("a", "is wrong")), "body")
	var got []string
	for _, e := range p.Errors {
		got = append(got, e.Location)
	}
	if want := []string{"body.a", "body.x[2]", "body.x[10]"}; !slices.Equal(got, want) {
		t.Errorf("the order is %q", got)
	}
}
