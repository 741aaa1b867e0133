package run

import "github.com/runvs/runvs/domain/fault"

// Activity is what the runner did. Only runs stand on boards.
type Activity string

// The activities, as sent and stored. What is done on wheels or in water is no run
// of any kind: ErrNotARun.
const (
	Running Activity = "run"
	Walking Activity = "walk"
	Hiking  Activity = "hike"
)

// ErrNotARun answers for a recording of another sport; "sport" says which.
var ErrNotARun = fault.New(fault.Invalid, "not_a_run", "the recording is of another sport")

// check refuses what is none of the activities.
func (a Activity) check() error {
	switch a {
	case Running, Walking, Hiking:
		return nil
	}
	return fault.InvalidField("activity", "must be %q, %q or %q", Running, Walking, Hiking)
}
