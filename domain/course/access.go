package course

import "github.com/runvs/runvs/domain/id"

// Access is what decides who may see a course, and who may change it.
type Access struct {
	Owner  id.User // zero when the creator's account is gone
	Public bool
}

// VisibleTo reports whether a viewer (zero = not signed in) may see the course.
func (a Access) VisibleTo(viewer id.User) bool { return a.Public || a.OwnedBy(viewer) }

// OwnedBy reports whether a user made the course.
func (a Access) OwnedBy(viewer id.User) bool { return !viewer.IsZero() && viewer == a.Owner }

// Access returns what of the course decides who may see it.
func (c Course) Access() Access { return Access{Owner: c.CreatorID, Public: c.IsPublic} }

// VisibleTo reports whether a viewer (zero = not signed in) may see the course.
func (c Course) VisibleTo(viewer id.User) bool { return c.Access().VisibleTo(viewer) }

// OwnedBy reports whether a user made the course.
func (c Course) OwnedBy(viewer id.User) bool { return c.Access().OwnedBy(viewer) }
