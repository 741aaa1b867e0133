package fault_test

import (
	"errors"
	"testing"

	"github.com/runvs/runvs/domain/fault"
)

func TestJoinedFaults(t *testing.T) {
	a, b := fault.InvalidField("a", "is wrong"), fault.InvalidField("b", "is wrong, too")
	typed := &fault.Error{Kind: fault.Malformed, Code: fault.CodeWrongType, Message: "a number is needed", Fields: []fault.Field{{Location: "c"}}}
	own, broken := fault.New(fault.Conflict, "taken", "somebody has it"), errors.New("the disk is gone")
	for name, c := range map[string]struct {
		errs   []error
		want   error
		fields int
	}{
		"nothing":                       {nil, nil, 0},
		"nothing of several":            {[]error{nil, nil}, nil, 0},
		"one":                           {[]error{nil, a}, a, 1},
		"two":                           {[]error{a, nil, b}, a, 2},
		"a wrong type among them":       {[]error{a, typed}, typed, 2},
		"a code of its own":             {[]error{own, a}, own, 0},
		"a code of its own, afterwards": {[]error{a, own}, a, 1},
		"no fault":                      {[]error{broken, a}, broken, 0},
	} {
		got := fault.Join(c.errs...)
		if !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if f := fault.As(got); f != nil && len(f.Fields) != c.fields {
			t.Errorf("%s: %d fields, want %d", name, len(f.Fields), c.fields)
		}
	}
	if len(a.Fields) != 1 {
		t.Error("joining changed what was joined")
	}
}
