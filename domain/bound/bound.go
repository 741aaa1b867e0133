// Package bound describes the limits that RUNVS has, for people: each package
// lists its own, beside the constants, and `runvs config` shows them all.
package bound

import "fmt"

// Bound is a limit with what it is for.
type Bound struct {
	Name  string // of the thing that is limited
	Limit any    // a number or a duration
	Unit  string // "" where the limit says it itself
	Code  string // what is answered beyond it; "" where nothing is refused
}

// String is a line for people.
func (b Bound) String() string {
	s := fmt.Sprintf("%s: at most %v", b.Name, b.Limit)
	if b.Unit != "" {
		s += " " + b.Unit
	}
	if b.Code != "" {
		s += " (" + b.Code + ")"
	}
	return s
}
