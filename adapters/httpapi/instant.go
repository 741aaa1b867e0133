package httpapi

import (
	"time"

	"github.com/runvs/runvs/domain/fault"
)

// instant reads the time of a field: RFC 3339 with a zone, to the letter.
// time.Parse would take +24:00, hours of one digit and a decimal comma as well.
// T and Z are in upper case, as RFC 3339 §5.6 lets one demand, and a leap second
// is refused: no phone's clock shows one.
func instant(field, s string) (t time.Time, err error) {
	if t.UnmarshalText([]byte(s)) != nil {
		return t, fault.InvalidField(field, "not a time of RFC 3339 with a zone, such as 2026-05-01T06:30:00.000Z")
	}
	return t, nil
}
