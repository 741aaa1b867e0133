package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// lines is a store that says which lines of courses are read.
type lines struct {
	ports.Store
	whole    []id.Course   // read with all of their course
	together [][]id.Course // read at once
}

func (l *lines) Course(ctx context.Context, cid id.Course) (course.Course, error) {
	l.whole = append(l.whole, cid)
	return l.Store.Course(ctx, cid)
}

func (l *lines) CourseLines(ctx context.Context, ids []id.Course) (map[id.Course]geo.Line, error) {
	l.together = append(l.together, ids)
	return l.Store.CourseLines(ctx, ids)
}

// asks are what somebody may ask of a course that needs no line, but for the first
// time that it is prepared for the judge.
func asks(t *testing.T, a *app.App, uid id.User, cid id.Course) map[string]error {
	of := app.BoardOf{Viewer: uid, Course: cid, Span: ranking.Week}
	_, _, board := a.Boards.Board(t.Context(), of, ranking.Fastest, ports.Page{Limit: 1}, nil)
	_, mine := a.Boards.Mine(t.Context(), of, 1)
	_, stats := a.Courses.Stats(t.Context(), uid, cid)
	_, _, thumbnail := a.Courses.Thumbnail(t.Context(), uid, cid)
	_, _, start := a.Runs.Start(t.Context(), uid, app.StartInput{CourseID: cid, StartedAt: morning})
	return map[string]error{"a board": board, "a place on a board": mine, "statistics": stats, "a picture": thumbnail, "a start": start}
}

func TestWhoMaySeeACourseIsKnownWithoutItsLine(t *testing.T) {
	w := newWorld(t)
	store := &lines{Store: w.store}
	w.App = everything(t, store, w.clock)
	joon, err := w.Auth.Login(t.Context(), "dev", "joon", "")
	noError(t, err)
	rid := aRecord(t, w).(id.Record)
	for _, public := range []bool{true, false} {
		made, err := w.Courses.Create(t.Context(), w.mina, rid, app.NewCourse{Title: "a road", IsPublic: public})
		noError(t, err)
		c := made.Course
		c.ThumbnailDrawn = true
		noError(t, w.store.SaveCourse(t.Context(), c))
		for name, err := range asks(t, w.App, w.mina, c.ID) {
			if err != nil {
				t.Errorf("%s of the owner's course, public %v: %v", name, public, err)
			}
		}
		for name, err := range asks(t, w.App, joon.User.ID, c.ID) {
			if public && err != nil || !public && !errors.Is(err, course.ErrNotFound) {
				t.Errorf("%s of another's course, public %v: %v", name, public, err)
			}
		}
	}
	if len(store.whole) != 0 {
		t.Errorf("%d lines were read", len(store.whole))
	}
}

// A course that nobody prepared yet is read once, by the first who runs it, and no
// more to judge and explain.
func TestACourseIsReadWholeOnceToBeJudged(t *testing.T) {
	w := newWorld(t)
	c := straight(t, w.store, w.mina)
	store := &lines{Store: w.store}
	w.App = everything(t, store, w.clock)
	s, _, err := w.Runs.Start(t.Context(), w.mina, app.StartInput{CourseID: c.ID, StartedAt: morning})
	noError(t, err)
	w.send(t, s.ID(), minute(0, run.Final, 300))
	rec, _, err := w.Runs.Complete(t.Context(), w.mina, s.ID(), app.CompleteInput{})
	noError(t, err)
	noError(t, w.Settle.Run(t.Context(), rec.ID))
	_, _, err = w.Runs.Verdict(t.Context(), w.mina, rec.ID)
	noError(t, err)
	if !slices.Equal(store.whole, []id.Course{c.ID}) {
		t.Errorf("lines were read of %v", store.whole)
	}
}

func TestHintsReadTheLinesOfCoursesAlikeAtOnce(t *testing.T) {
	w := newWorld(t)
	store := &lines{Store: w.store}
	w.App = everything(t, store, w.clock)
	rid := aRecord(t, w).(id.Record)
	for alike := range 8 {
		store.together = nil
		v, err := w.Courses.Create(t.Context(), w.mina, rid, app.NewCourse{Title: "a road", IsPublic: true})
		noError(t, err)
		if want := min(alike, 5); len(v.Hints.Alike) != want || len(store.together) != 1 || len(store.together[0]) != want {
			t.Errorf("beside %d courses of the same way: %d are named, lines were read of %v", alike, len(v.Hints.Alike), store.together)
		}
	}
	if len(store.whole) != 0 {
		t.Errorf("%d lines were read one by one", len(store.whole))
	}
}
