package app

import (
	"context"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Users shows a runner what is theirs.
type Users struct{ Deps }

// Me returns the runner's own account.
func (u *Users) Me(ctx context.Context, uid id.User) (user.User, error) {
	return u.Store.User(ctx, uid)
}

// Runs returns the runner's records, newest first, without heavy fields; with
// after, those behind it.
func (u *Users) Runs(ctx context.Context, uid id.User, page ports.Page, after *ports.RecordKey) ([]run.Record, int, error) {
	return u.Store.ListRecords(ctx, uid, page, after)
}

// Courses returns the courses the runner made, newest first.
func (u *Users) Courses(ctx context.Context, uid id.User, page ports.Page) ([]ports.CourseCard, int, error) {
	return u.Store.ListCourses(ctx, ports.CourseQuery{Viewer: uid, Creator: uid, Sort: ports.NewestFirst}, page)
}

// person returns what others see of a user; the zero person for none.
func person(ctx context.Context, store ports.Store, uid id.User) (user.Person, error) {
	if uid.IsZero() {
		return user.Person{}, nil
	}
	people, err := store.People(ctx, []id.User{uid})
	return people[uid], err
}
