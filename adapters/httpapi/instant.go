package httpapi

import (
	"regexp"
	"time"

	"github.com/runvs/runvs/domain/fault"
)

// rfc3339 is the grammar of RFC 3339 §5.6. time.Parse knows which month has how
// many days, but takes +24:00, hours of one digit and a decimal comma as well.
// T and Z are in upper case, as §5.6 lets one demand.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// instant reads the time of a field: RFC 3339 with a zone, to the letter. A leap
// second is refused: no phone's clock shows one, and no time.Time is one.
func instant(field, s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !rfc3339.MatchString(s) {
		return t, fault.InvalidField(field, "not a time of RFC 3339 with a zone, such as 2026-05-01T06:30:00.000Z")
	}
	return t, nil
}
