package ranking

import (
	"time"

	"github.com/runvs/runvs/domain/fault"
)

// Span is how long a board looks back.
type Span string

// The spans that have boards.
const (
	Ever  Span = "all"
	Year  Span = "year"
	Month Span = "month"
	Week  Span = "week" // from Monday
)

// Period is a stretch of time with a board of its own. A run belongs to the
// periods of the day it began on, at its place.
type Period struct {
	Span     Span
	StartsOn string // YYYY-MM-DD of the first day; "" for ever
}

// AllTime is the period that every run belongs to.
var AllTime = Period{Span: Ever}

// PeriodOf returns the period of a span that a day (YYYY-MM-DD) lies in.
// Faults: Invalid for what is no day, and for what is no span.
func PeriodOf(span Span, day string) (Period, error) {
	if span == Ever {
		return AllTime, nil
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return Period{}, fault.InvalidField("date", "not a day: 2026-05-01 is one")
	}
	switch span {
	case Year:
		t = time.Date(t.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	case Month:
		t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case Week:
		t = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	default:
		return Period{}, fault.InvalidField("period", "must be all, year, month or week")
	}
	return Period{span, t.Format(time.DateOnly)}, nil
}

// PeriodsOf returns all periods that a day lies in. A run without a day counts
// for the board of all time, and for no other.
func PeriodsOf(day string) []Period {
	periods := []Period{AllTime}
	for _, span := range []Span{Year, Month, Week} {
		if p, err := PeriodOf(span, day); err == nil {
			periods = append(periods, p)
		}
	}
	return periods
}

// Includes reports whether a day lies in the period.
func (p Period) Includes(day string) bool {
	of, err := PeriodOf(p.Span, day)
	return err == nil && of == p
}
