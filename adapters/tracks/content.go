package tracks

import (
	"math"
	"slices"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

const (
	// apartMillis is how far apart two tracks of a file lie that are two runs.
	apartMillis = 6 * 3600 * 1000
	// chainedMillis is how soon a file goes on that was closed and opened again.
	chainedMillis = 600 * 1000
)

// content is what is read of a file.
type content struct {
	samples
	recordings []*recording
	parts      int
}

// recording is one activity of a file: spans of its samples, and what the file
// says of them.
type recording struct {
	activity ports.Activity // without Parts
	spans    []span
	cut      bool // the next sample begins a new part
	fallback bool // it counts in a file that has nothing else
	bad      int  // points whose place is none

	timed    bool
	from, to int64 // its first and last time, when it is timed
}

// span is the samples of a part.
type span struct{ from, to int }

// take adds a point to a recording.
func (c *content) take(r *recording, f ports.TrackFix) error {
	i, err := c.add(f)
	if err != nil {
		return err
	}
	return c.extend(r, i)
}

// extend adds a sample, by its index, to the part that goes on, or a new one.
func (c *content) extend(r *recording, i int) error {
	if last := len(r.spans) - 1; last >= 0 && !r.cut && r.spans[last].to == i {
		r.spans[last].to++
		return nil
	}
	if c.parts++; c.parts > MaxParts {
		return tooComplex("parts", c.parts, MaxParts)
	}
	r.spans, r.cut = append(r.spans, span{i, i + 1}), false
	return nil
}

// include takes in a recording that is whole: it goes on with one that it is a part
// of, or is an activity of its own.
func (c *content) include(r *recording) error {
	if len(r.spans) == 0 && r.bad == 0 {
		return nil
	}
	c.date(r)
	for _, other := range c.recordings {
		if other.near(r) {
			other.join(r)
			return nil
		}
	}
	return c.own(r)
}

// own takes a recording for an activity of its own.
func (c *content) own(r *recording) error {
	if len(c.recordings) >= MaxActivities {
		return errTooManyActivities.With("value", len(c.recordings)+1)
	}
	c.recordings = append(c.recordings, r)
	return nil
}

// date notes the first and last time of a recording.
func (c *content) date(r *recording) {
	r.timed, r.from, r.to = false, math.MaxInt64, math.MinInt64
	for _, s := range r.spans {
		for i := s.from; i < s.to; i++ {
			if f := c.at(i); f.HasTime {
				r.timed, r.from, r.to = true, min(r.from, f.Timestamp), max(r.to, f.Timestamp)
			}
		}
	}
}

// near reports whether another recording is a part of the same activity: the same
// sport, as far as they say, and nowhere near another day.
func (r *recording) near(o *recording) bool {
	if !r.sameSport(o) || r.fallback != o.fallback {
		return false
	}
	return !r.timed || !o.timed || apart(r.to, o.from) <= apartMillis && apart(o.to, r.from) <= apartMillis
}

func (r *recording) sameSport(o *recording) bool {
	a, b := r.activity.Sport, o.activity.Sport
	return a == b || a == "" || b == ""
}

// apart is how long after one time another is; times that files make up are as
// far apart as they like.
func apart(first, second int64) int64 {
	switch d := second - first; {
	case second < first:
		return 0
	case d < 0:
		return math.MaxInt64
	default:
		return d
	}
}

// goesOn reports whether another recording begins where this one ends.
func (r *recording) goesOn(o *recording) bool {
	return r.timed && o.timed && r.sameSport(o) && o.from >= r.to && apart(r.to, o.from) <= chainedMillis
}

// join adds another recording behind.
func (r *recording) join(o *recording) {
	a, b := &r.activity, &o.activity
	if a.Name == "" {
		a.Name = b.Name
	}
	if a.Sport == "" {
		a.Sport = b.Sport
	}
	a.Damaged = a.Damaged || b.Damaged
	a.Device = sum(a.Device, b.Device)
	r.spans = append(r.spans, o.spans...)
	r.bad += o.bad
	if o.timed {
		if !r.timed {
			r.timed, r.from, r.to = true, o.from, o.to
		}
		r.from, r.to = min(r.from, o.from), max(r.to, o.to)
	}
}

// sum adds the totals of two stretches. When one of them does not know its time,
// nothing is known of both.
func sum(a, b ports.DeviceTotals) ports.DeviceTotals {
	if a.TimerSeconds == 0 || b.TimerSeconds == 0 {
		return ports.DeviceTotals{}
	}
	total := ports.DeviceTotals{
		TimerSeconds: a.TimerSeconds + b.TimerSeconds, DistanceMeters: a.DistanceMeters + b.DistanceMeters,
		AscentMeters: a.AscentMeters + b.AscentMeters, MaxHeartRate: max(a.MaxHeartRate, b.MaxHeartRate),
	}
	if a.ElapsedSeconds > 0 && b.ElapsedSeconds > 0 {
		total.ElapsedSeconds = a.ElapsedSeconds + b.ElapsedSeconds
	}
	if a.AvgHeartRate > 0 && b.AvgHeartRate > 0 {
		total.AvgHeartRate = (a.AvgHeartRate*a.TimerSeconds + b.AvgHeartRate*b.TimerSeconds) / total.TimerSeconds
	}
	return total
}

// activities returns what was read. The points of all stand in one piece.
func (c *content) activities() []ports.Activity {
	all := make([]ports.TrackFix, 0, c.n)
	out := make([]ports.Activity, 0, len(c.recordings))
	better := slices.ContainsFunc(c.recordings, func(r *recording) bool { return !r.fallback })
	for _, r := range c.recordings {
		if better && r.fallback {
			continue
		}
		a := r.activity
		if a.Err == nil {
			all = c.finish(r, &a, all)
		}
		if a.Err != nil || len(a.Parts) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// finish fills an activity with the parts of its recording, whose fixes it
// appends to all. Samples without a place are left out, unless none has one.
func (c *content) finish(r *recording, a *ports.Activity, all []ports.TrackFix) []ports.TrackFix {
	placed, bothFeet := c.survey(r)
	switch {
	case placed > 0 && r.bad > placed, placed == 0 && r.bad > 0 && !r.timed:
		*a = ports.Activity{File: a.File, Name: a.Name, Err: mostlyBad(r.bad, placed)}
		return all
	case placed > 0:
		a.SkippedPoints = r.bad
	default:
		a.Indoor = true
	}
	a.Parts = make([]ports.TrackPart, 0, len(r.spans))
	for _, s := range r.spans {
		from := len(all)
		for i := s.from; i < s.to; i++ {
			f := *c.at(i)
			if a.Indoor {
				f.Point, f.HasPlace = geo.Point{}, false
			}
			if a.Indoor && !f.HasTime || !a.Indoor && !f.HasPlace {
				continue
			}
			if !bothFeet && f.Cadence <= maxOneFoot {
				f.Cadence *= 2
			}
			all = append(all, f)
		}
		if len(all) > from {
			a.Parts = append(a.Parts, ports.TrackPart{Fixes: all[from:len(all):len(all)]})
		}
	}
	return all
}

// survey counts the samples of a recording that have a place, 0 when all lie at
// 0, 0, as treadmills write it; and tells whether most of its cadences are too
// high for one foot.
func (c *content) survey(r *recording) (placed int, bothFeet bool) {
	somewhere, cadences, high := false, 0, 0
	for _, s := range r.spans {
		for i := s.from; i < s.to; i++ {
			f := c.at(i)
			if f.HasPlace {
				placed++
				somewhere = somewhere || f.Point != geo.Point{}
			}
			if run.Has(f.Cadence) && f.Cadence > 0 {
				cadences++
			}
			if f.Cadence > maxOneFoot {
				high++
			}
		}
	}
	if !somewhere {
		placed = 0
	}
	return placed, 2*high > cadences
}

// mostlyBad refuses an activity of which most points have no place.
func mostlyBad(bad, placed int) error {
	return badTrack("%d of its %d points have no place", bad, bad+placed).With("value", bad).With("limit", (bad+placed)/2)
}

// summary adds the two ends of a stretch that a device told by its totals alone.
func (c *content) summary(r *recording, start int64, metersBefore float64, d ports.DeviceTotals) error {
	if d.TimerSeconds == 0 {
		return nil
	}
	first, last := blank(), blank()
	first.Timestamp, first.HasTime, last.HasTime = start, true, true
	last.Timestamp = start + int64(1000*max(d.TimerSeconds, d.ElapsedSeconds))
	if d.DistanceMeters > 0 {
		set(&first, distance, metersBefore)
		set(&last, distance, metersBefore+d.DistanceMeters)
	}
	set(&first, heartRate, d.AvgHeartRate)
	set(&last, heartRate, d.AvgHeartRate)
	if err := c.take(r, first); err != nil {
		return err
	}
	return c.take(r, last)
}
