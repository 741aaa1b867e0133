package run

import (
	"context"
	"math"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
)

// ErrAlreadyRecorded answers for a file of a run that another device has recorded
// already; "run_id" says which it is.
var ErrAlreadyRecorded = fault.New(fault.Conflict, "already_recorded", "another recording of this run is there already; with duplicate=keep both are kept, and the first counts")

// When two recordings of one person are of one run: they overlap by this share of
// the later one's time, and nearly all of what overlaps lies near the other, at
// about the same time. Phones and watches disagree by some seconds and metres.
const (
	sameRunShare   = 0.5
	sameRunMeters  = 50
	sameRunMillis  = 60_000
	sameRunPlaces  = 200 // that are compared
	sameRunNearby  = 0.9 // of them
	sameRunNearest = 64  // fixes of the other that are looked at for one place
)

// SameRun reports whether usable fixes are another recording of the run that others
// are of. Both are in order of time.
func SameRun(ctx context.Context, fixes, others []Fix) (bool, error) {
	if len(fixes) == 0 || len(others) == 0 {
		return false, nil
	}
	w := newWork(ctx)
	from := max(fixes[0].Timestamp, others[0].Timestamp)
	to := min(fixes[len(fixes)-1].Timestamp, others[len(others)-1].Timestamp)
	whole := fixes[len(fixes)-1].Timestamp - fixes[0].Timestamp
	if to < from || float64(to-from) < sameRunShare*float64(whole) {
		return false, nil
	}
	step := max((to-from)/sameRunPlaces, 1000)
	compared, near := 0, 0
	next, first := from, 0
	for i := 0; i < len(fixes) && w.step(); i++ {
		f := fixes[i]
		if f.Timestamp < next {
			continue
		}
		if f.Timestamp > to {
			break
		}
		next = f.Timestamp + step
		for first < len(others) && others[first].Timestamp < f.Timestamp-sameRunMillis && w.step() {
			first++
		}
		compared++
		if w.passed(f, others, first) {
			near++
		}
	}
	return w.err == nil && float64(near) >= sameRunNearby*float64(compared), w.err
}

// SomePlaces returns a copy of some fixes of a run, spread over its time, with the
// first and the last: enough for SameRun.
func SomePlaces(fixes []Fix) []Fix {
	if len(fixes) == 0 {
		return nil
	}
	const most = 5 * sameRunPlaces
	stride := max(1, len(fixes)/most)
	out := make([]Fix, 0, min(len(fixes), most+2))
	for i := 0; i < len(fixes)-1; i += stride {
		out = append(out, fixes[i])
	}
	return append(out, fixes[len(fixes)-1])
}

// passed reports whether others, from one of them on, come near a fix at about its
// time: at a fix of theirs, or on the way between two.
func (w *work) passed(f Fix, others []Fix, first int) bool {
	last := first
	for last < len(others) && others[last].Timestamp <= f.Timestamp+sameRunMillis && w.step() {
		last++
	}
	if first > 0 {
		first-- // the leg that leads there
	}
	last = min(last+1, len(others))
	plane := geo.NewPlane(f.Point)
	stride := max(1, (last-first)/sameRunNearest)
	for i := first; i < last && w.step(); i += stride {
		ax, ay := plane.Project(others[i].Point)
		bx, by := plane.Project(others[min(i+stride, last-1)].Point)
		if offSegment(ax, ay, bx, by) <= sameRunMeters {
			return true
		}
	}
	return false
}

// offSegment is how far the origin is from the straight line between two places.
func offSegment(ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	t := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		t = math.Max(0, math.Min(1, -(ax*dx+ay*dy)/length))
	}
	return math.Hypot(ax+t*dx, ay+t*dy)
}

// SameTime reports whether a record shares so much of its time with another that both
// can be of one run.
func (r Record) SameTime(other Record) bool {
	shared := min(r.FinishedAt.UnixMilli(), other.FinishedAt.UnixMilli()) - max(r.StartedAt.UnixMilli(), other.StartedAt.UnixMilli())
	return shared >= 0 && float64(shared) >= sameRunShare*float64(r.FinishedAt.UnixMilli()-r.StartedAt.UnixMilli())
}

// Counts reports whether the record counts in totals, once it is processed: of
// several recordings of one run the first does, and of merged runs the whole.
func (r Record) Counts() bool { return r.DuplicateOf.IsZero() && r.MergedInto.IsZero() }

// Ranks reports whether the record may stand on boards, once it is processed.
func (r Record) Ranks() bool { return r.Counts() && r.Activity == Running }
