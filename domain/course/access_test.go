package course

import (
	"errors"
	"testing"

	"github.com/runvs/runvs/domain/id"
)

func TestWhoMayDoWhatWithACourse(t *testing.T) {
	maker, other, nobody := id.FromBytes[id.UserKind]([16]byte{1}), id.FromBytes[id.UserKind]([16]byte{2}), id.User{}
	for name, c := range map[string]struct {
		access          Access
		viewer          id.User
		visible, listed bool
		owned           bool
		run             error
	}{
		"public, its maker":   {Access{Owner: maker, Public: true}, maker, true, true, true, nil},
		"public, another":     {Access{Owner: maker, Public: true}, other, true, true, false, nil},
		"public, a stranger":  {Access{Owner: maker, Public: true}, nobody, true, true, false, nil},
		"orphan, a stranger":  {Access{Public: true}, nobody, true, true, false, nil},
		"private, its maker":  {Access{Owner: maker}, maker, true, true, true, nil},
		"private, another":    {Access{Owner: maker}, other, false, false, false, ErrNotFound},
		"private, a stranger": {Access{Owner: maker}, nobody, false, false, false, ErrNotFound},
		"retired, another":    {Access{Retired: true}, other, true, false, false, ErrRetired},
		"retired, a stranger": {Access{Retired: true}, nobody, true, false, false, ErrRetired},
	} {
		a := c.access
		if a.VisibleTo(c.viewer) != c.visible || a.ListedFor(c.viewer) != c.listed || a.OwnedBy(c.viewer) != c.owned || !errors.Is(a.CheckRun(c.viewer), c.run) || c.run == nil && a.CheckRun(c.viewer) != nil {
			t.Errorf("%s: visible %v, listed %v, owned %v, run: %v", name, a.VisibleTo(c.viewer), a.ListedFor(c.viewer), a.OwnedBy(c.viewer), a.CheckRun(c.viewer))
		}
		if !a.Whole() {
			t.Errorf("%s: there is no such course", name)
		}
	}
	for _, a := range []Access{{}, {Retired: true, Public: true}, {Retired: true, Owner: maker}, {Retired: true, Public: true, Owner: maker}} {
		if a.Whole() {
			t.Errorf("%+v is a course", a)
		}
	}
}
