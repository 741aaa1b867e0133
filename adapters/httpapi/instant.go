package httpapi

import (
	"regexp"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/run"
)

// rfc3339 is the grammar of RFC 3339 §5.6. time.Parse knows which month has how
// many days, but takes +24:00, hours of one digit and a decimal comma as well.
// T and Z are in upper case, as §5.6 lets one demand.
const rfc3339 = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`

var rfc3339Text = regexp.MustCompile(rfc3339)

// Instant is a time as clients send it.
type Instant string

// Schema implements huma.SchemaProvider.
func (Instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-05-01T06:30:00.000Z"},
		Pattern: rfc3339, PatternDescription: "a time of RFC 3339 with a zone",
	}
}

// ofPhone reads a time that a phone's clock may show while the app runs.
func (i Instant) ofPhone(field string, now time.Time) (time.Time, error) {
	t, err := instant(field, string(i))
	if err == nil && (t.UnixMilli() < run.EarliestTimestamp || t.After(now.Add(run.MaxFutureSkew))) {
		err = fault.InvalidField(field, "lies before the year 2000 or in the future")
	}
	return t, err
}

// instant reads the time of a field: RFC 3339 with a zone, to the letter. A leap
// second is refused: no phone's clock shows one, and no time.Time is one.
func instant(field, s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !rfc3339Text.MatchString(s) {
		return t, fault.InvalidField(field, "not a time of RFC 3339 with a zone, such as 2026-05-01T06:30:00.000Z")
	}
	return t, nil
}
