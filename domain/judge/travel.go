package judge

import (
	"slices"

	"github.com/runvs/runvs/domain/geo"
)

// aligned is a fix with its progress.
type aligned struct {
	place     // the one of the reading, or the nearest
	at        geo.Vector
	seconds   float64 // since the first fix
	travelled float64 // metres run since the first fix, spikes left out
	on        bool    // it has a place within reach; else progress is that of the nearest
	read      bool    // the reading has it
	curve     bool    // its place lies on a curve section
	noise     bool    // a spike: it says nothing of the movement
}

// measure puts fixes in space and time, and adds up the distance run.
func (r *MovementRules) measure(fixes []Fix) []aligned {
	run := make([]aligned, len(fixes))
	var walker geo.Walker
	for i, f := range fixes {
		run[i].at = walker.Vector(f.Point)
		run[i].seconds = float64(f.Timestamp-fixes[0].Timestamp) / 1000
	}
	r.measureTravel(run)
	return run
}

// measureTravel adds up the distance run, leaving spikes out: single fixes that
// nobody can have reached and left again.
func (r *MovementRules) measureTravel(fixes []aligned) {
	last := &fixes[0] // the last fix that is no spike
	for i := 1; i < len(fixes); i++ {
		a := &fixes[i]
		step := a.at.Sub(last.at).Norm()
		if i+1 < len(fixes) && r.spike(last, a, &fixes[i+1], step) {
			a.noise = true
			a.travelled = last.travelled
			continue
		}
		a.travelled = last.travelled + step
		last = a
	}
}

// spike reports whether b is out of the way from a to c at an impossible speed,
// and c is not. step is how far b is from a, in metres.
func (r *MovementRules) spike(a, b, c *aligned, step float64) bool {
	if dt := b.seconds - a.seconds; dt > 0 && step <= r.MaxSpeedMS*dt {
		return false // as nearly all are
	}
	return r.tooFast(a, b) && r.tooFast(b, c) && !r.tooFast(a, c)
}

// tooFast reports whether nobody can run straight from a to b in the time between.
func (r *MovementRules) tooFast(a, b *aligned) bool {
	d := b.at.Sub(a.at)
	reach := r.AtOnceMeters
	if dt := b.seconds - a.seconds; dt > 0 {
		reach = r.MaxSpeedMS * dt
	}
	return d.Dot(d) > reach*reach
}

// ownSpeed returns the runner's median speed, in metres a second, and the one that
// they ran at for the fastest FastShare of the time: those of the stretches of
// PaceSeconds or a little longer, straight, in which they moved.
func (r *MovementRules) ownSpeed(run []aligned) (median, fast float64) {
	speeds := make([]float64, 0, 1+int(min(run[len(run)-1].seconds/r.PaceSeconds, float64(len(run)))))
	from := 0
	for i := range run {
		dt := run[i].seconds - run[from].seconds
		if run[i].noise || dt < r.PaceSeconds {
			continue
		}
		if speed := run[i].at.Sub(run[from].at).Norm() / dt; speed >= r.StandingMS {
			speeds = append(speeds, speed)
		}
		from = i
	}
	if len(speeds) == 0 {
		return 0, 0
	}
	slices.Sort(speeds)
	return speeds[len(speeds)/2], speeds[int(float64(len(speeds)-1)*(1-r.FastShare))]
}
