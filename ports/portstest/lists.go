package portstest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// words are what random titles are made of: some in many, some in one.
var words = []string{"한강", "Morning", "강변 런", "Ä-Runde", "100%", "_", "x", "남산", "MORNING", "🏃"}

// shelf is courses with the runs that their statistics say.
type shelf struct {
	courses []course.Course
	byID    map[id.Course]course.Course
	runs    map[id.Course]int
}

// list is what ListCourses promises, one course at a time.
func (s shelf) list(q ports.CourseQuery) (out []id.Course) {
	var found []course.Course
	for _, c := range s.courses {
		switch {
		case !c.VisibleTo(q.Viewer),
			!q.Creator.IsZero() && c.CreatorID != q.Creator,
			q.Tag != "" && !slices.Contains(c.Tags, q.Tag),
			!strings.Contains(strings.ToLower(c.Title), strings.ToLower(q.TitleContains)),
			q.MinDistanceMeters != nil && c.DistanceMeters < *q.MinDistanceMeters,
			q.MaxDistanceMeters != nil && c.DistanceMeters > *q.MaxDistanceMeters:
		default:
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b course.Course) int {
		switch q.Sort {
		case ports.PopularFirst:
			return cmp.Or(cmp.Compare(course.Prominence(s.runs[b.ID], b.ID), course.Prominence(s.runs[a.ID], a.ID)), b.ID.Compare(a.ID))
		case ports.ByDistance:
			return cmp.Or(cmp.Compare(a.DistanceMeters, b.DistanceMeters), a.ID.Compare(b.ID))
		}
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	})
	for _, c := range found {
		out = append(out, c.ID)
	}
	return out
}

// newShelf stores random courses, most of them at once, and then renames,
// retags, hides, shows, runs and deletes some.
func newShelf(t *testing.T, f Fixture, r *rand.Rand, creators []id.User) shelf {
	s := shelf{runs: map[id.Course]int{}}
	title := func() string {
		return strings.TrimSpace(words[r.IntN(len(words))] + " " + words[r.IntN(len(words))] + words[r.IntN(len(words))])
	}
	tags := func() []string {
		return append([]string{}, []string{"flat", words[r.IntN(len(words))]}[r.IntN(2):]...)
	}
	for i := range 150 {
		start := geo.MustPoint(37.5+r.NormFloat64()*0.02, 127+r.NormFloat64()*0.02)
		s.courses = append(s.courses, makeCourse(t, creators[r.IntN(len(creators))], func(c *course.Course) {
			c.Title, c.Tags, c.IsPublic = title(), tags(), r.IntN(5) > 0
			c.DistanceMeters = 1000 * (1 + r.IntN(6))
			c.CreatedAt = noon.Add(time.Duration(r.IntN(40)) * time.Hour)
		}, start, geo.NewPlane(start).Unproject(300, 400)))
		if i%50 == 49 {
			ok(t, f.Store.InsertCourses(ctx, s.courses[i-49:]))
		}
	}
	for range 150 {
		at := r.IntN(len(s.courses))
		c := &s.courses[at]
		switch r.IntN(5) {
		case 0:
			ok(t, f.Store.DeleteCourse(ctx, c.ID))
			s.courses = slices.Delete(s.courses, at, at+1)
		case 1:
			newTitle, newTags, public := title(), tags(), r.IntN(3) > 0
			ok(t, c.Apply(course.Change{Title: &newTitle, Tags: &newTags, IsPublic: &public}, noon))
			ok(t, f.Store.SaveCourse(ctx, *c))
		default:
			s.runs[c.ID] = r.IntN(4)
			ok(t, f.Store.PutCourseStats(ctx, stats.Course{CourseID: c.ID, TotalRuns: s.runs[c.ID], UpdatedAt: noon}))
		}
	}
	s.byID = map[id.Course]course.Course{}
	for _, c := range s.courses {
		s.byID[c.ID] = c
	}
	return s
}

func listsByBruteForce(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(7, 8)) // repeatable
	creators := []id.User{newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon"), newUser(t, f.Store, "sora")}
	s := newShelf(t, f, r, creators)
	found := 0
	for range 120 {
		q := ports.CourseQuery{Sort: []ports.CourseSort{ports.NewestFirst, ports.PopularFirst, ports.ByDistance}[r.IntN(3)]}
		if r.IntN(2) == 0 {
			q.Viewer = creators[r.IntN(3)]
		}
		if r.IntN(4) == 0 {
			q.Creator = creators[r.IntN(3)]
		}
		if r.IntN(3) == 0 {
			q.Tag = []string{"flat", words[r.IntN(len(words))]}[r.IntN(2)]
		}
		if r.IntN(2) == 0 {
			text := []rune(s.courses[r.IntN(len(s.courses))].Title)
			from := r.IntN(len(text))
			q.TitleContains = string(text[from:min(len(text), from+1+r.IntN(5))])
		}
		if r.IntN(4) == 0 {
			low, high := 1000*r.IntN(5), 1000*(1+r.IntN(7))
			q.MinDistanceMeters, q.MaxDistanceMeters = &low, &high
		}
		want := s.list(q)
		found += len(want)
		name := fmt.Sprintf("%+v", q)
		page := ports.Page{Offset: r.IntN(10), Limit: 1 + r.IntN(20)}
		got, total, err := f.Store.ListCourses(ctx, q, page, nil)
		ok(t, err)
		equal(t, name+", in all", total, len(want))
		equal(t, name+", a page", s.check(t, got), append([]id.Course{}, want[min(len(want), page.Offset):min(len(want), page.Offset+page.Limit)]...))
		// By cursor, page after page, to the end.
		var all []id.Course
		var after *ports.CourseKey
		for {
			got, _, err := f.Store.ListCourses(ctx, q, ports.Page{Limit: page.Limit}, after)
			ok(t, err)
			if len(got) == 0 {
				break
			}
			all = append(all, s.check(t, got)...)
			last := got[len(got)-1]
			after = &ports.CourseKey{CreatedAt: last.CreatedAt, TotalRuns: last.TotalRuns, DistanceMeters: last.DistanceMeters, ID: last.ID}
		}
		equal(t, name+", by cursor", all, want)
	}
	if found < 1000 {
		t.Errorf("only %d courses were found: these queries show little", found)
	}
}

// check returns the ids of cards, after a look at what they say.
func (s shelf) check(t *testing.T, cards []ports.CourseSummary) []id.Course {
	t.Helper()
	ids := []id.Course{}
	for _, card := range cards {
		ids = append(ids, card.ID)
		c := s.byID[card.ID]
		equal(t, "a card", []any{card.Title, card.Tags, card.IsPublic, card.Creator.ID, card.DistanceMeters, card.Start, card.TotalRuns},
			[]any{c.Title, c.Tags, c.IsPublic, c.CreatorID, c.DistanceMeters, c.Route.Start(), s.runs[c.ID]})
	}
	return ids
}
