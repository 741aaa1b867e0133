package httpapi

import (
	"errors"
	"testing"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

func TestExportsAreFewAtOnce(t *testing.T) {
	var e exports
	runner := func(i int) id.User { return id.FromBytes[id.UserKind]([16]byte{byte(i + 1)}) }
	var ends []func()
	for i := range MaxExports {
		end, err := e.begin(runner(i))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	if _, err := e.begin(runner(0)); !errors.Is(err, errExporting) {
		t.Errorf("a second one of a user: %v", err)
	}
	if _, err := e.begin(runner(MaxExports)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("one too many: %v", err)
	}
	ends[0]()
	for range 2 { // whoever's ended may export again
		end, err := e.begin(runner(0))
		if err != nil {
			t.Fatal(err)
		}
		end()
	}
}
