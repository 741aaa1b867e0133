package fault

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"
)

var errGone = New(NotFound, "thing_not_found", "there is no thing %d", 7)

func TestAFaultIsKnownByKindAndCode(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"itself":                {errGone, true},
		"with details":          {errGone.With("limit", 3), true},
		"with a cause":          {errGone.Because(io.EOF), true},
		"wrapped":               {fmt.Errorf("while looking: %w", errGone), true},
		"another message":       {New(NotFound, "thing_not_found", "gone"), true},
		"another code":          {New(NotFound, "run_not_found", "there is no thing 7"), false},
		"another kind":          {New(Conflict, "thing_not_found", "there is no thing 7"), false},
		"its cause alone":       {io.EOF, false},
		"a fault because of it": {New(Internal, "broken", "").Because(errGone), true},
	} {
		if got := errors.Is(c.err, errGone); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestADetailIsOfACopy(t *testing.T) {
	first := errGone.With("limit", 3)
	second := first.With("value", 4).With("limit", 5)
	if errGone.Details != nil || !reflect.DeepEqual(first.Details, map[string]any{"limit": 3}) || !reflect.DeepEqual(second.Details, map[string]any{"limit": 5, "value": 4}) {
		t.Errorf("%v, %v, %v", errGone.Details, first.Details, second.Details)
	}
	if second.Code != errGone.Code || second.Message != "there is no thing 7" {
		t.Errorf("the copy is %+v", second)
	}
}

func TestTheCauseIsForTheLog(t *testing.T) {
	caused := errGone.Because(io.EOF)
	if errGone.Cause != nil || !errors.Is(caused, io.EOF) || caused.Message != errGone.Message {
		t.Errorf("%+v", caused)
	}
	if got := caused.Error(); got != "thing_not_found: there is no thing 7: EOF" {
		t.Errorf("with its cause it reads %q", got)
	}
	if got := errGone.Error(); got != "thing_not_found: there is no thing 7" {
		t.Errorf("it reads %q", got)
	}
}

func TestWhereAFieldIs(t *testing.T) {
	at := func(f *Error, prefixes ...string) string {
		for _, p := range prefixes {
			f = f.At(p)
		}
		if f.Message != f.Fields[0].Location+": "+f.Fields[0].Message {
			return "the message says " + f.Message
		}
		return f.Fields[0].Location
	}
	for want, got := range map[string]string{
		"body.lat":                   at(InvalidField("lat", "is %d", 91), "body"),
		"body.raw_gps_points[3].lat": at(InvalidField("lat", "is required"), "[3]", "raw_gps_points", "body"),
		"body":                       at(InvalidField("", "is required"), "body"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f := InvalidField("lat", "is %d", 91)
	if f.At("body"); f.Fields[0].Location != "lat" || f.Code != CodeValidation || f.Kind != Invalid || f.Fields[0].Message != "is 91" {
		t.Errorf("the fault itself became %+v", f)
	}
	own := &Error{Message: "it is wrong", Fields: []Field{{"lat", "is 91"}}}
	if got := own.At("body"); got.Message != "it is wrong" {
		t.Errorf("a message of its own became %q", got.Message)
	}
}

func TestAnErrorThatIsNoFaultIsInternal(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		kind  Kind
		fault *Error
	}{
		"no fault":        {io.EOF, Internal, nil},
		"none":            {nil, Internal, nil},
		"a fault":         {errGone, NotFound, errGone},
		"a wrapped fault": {fmt.Errorf("a: %w", fmt.Errorf("b: %w", errGone)), NotFound, errGone},
	} {
		if KindOf(c.err) != c.kind || As(c.err) != c.fault || HasCode(c.err, "thing_not_found") != (c.fault != nil) || HasCode(c.err, "other") {
			t.Errorf("%s: %v, %v", name, KindOf(c.err), As(c.err))
		}
	}
}
