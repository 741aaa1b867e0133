package course

import (
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

// ErrRetired answers who would begin a run on a retired course.
var ErrRetired = fault.New(fault.Conflict, "course_retired", "its maker has given up this course: its board is closed, and no new run begins on it")

// Access is what decides who may see a course, who may change it, and who may run it.
type Access struct {
	Owner   id.User // zero when the creator is gone
	Public  bool    // in lists, searches and maps
	Retired bool    // in none, and nobody's; whoever knows its id may read it
}

// VisibleTo reports whether a viewer (zero = not signed in) may read the course.
func (a Access) VisibleTo(viewer id.User) bool { return a.Retired || a.ListedFor(viewer) }

// ListedFor reports whether a viewer (zero = not signed in) finds the course in lists.
func (a Access) ListedFor(viewer id.User) bool { return a.Public || a.OwnedBy(viewer) }

// OwnedBy reports whether a user made the course.
func (a Access) OwnedBy(viewer id.User) bool { return !viewer.IsZero() && viewer == a.Owner }

// CheckRun says whether a viewer may begin a run on the course. Faults:
// course_not_found, course_retired.
func (a Access) CheckRun(viewer id.User) error {
	switch {
	case !a.VisibleTo(viewer):
		return ErrNotFound
	case a.Retired:
		return ErrRetired
	}
	return nil
}

// Whole reports whether a course can be as this says: one that is not public is
// somebody's, or it is retired, and then it is nobody's.
func (a Access) Whole() bool { return a.Retired == (!a.Public && a.Owner.IsZero()) }

// Access returns what of the course decides who may do what with it.
func (c Course) Access() Access {
	return Access{Owner: c.CreatorID, Public: c.IsPublic, Retired: c.Retired}
}

// VisibleTo reports whether a viewer (zero = not signed in) may read the course.
func (c Course) VisibleTo(viewer id.User) bool { return c.Access().VisibleTo(viewer) }

// OwnedBy reports whether a user made the course.
func (c Course) OwnedBy(viewer id.User) bool { return c.Access().OwnedBy(viewer) }
