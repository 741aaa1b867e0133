package course

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

var (
	morning = time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)
	maker   = id.FromBytes[id.UserKind]([16]byte{1})
	viewer  = id.FromBytes[id.UserKind]([16]byte{2})
)

// said is what a maker says of a road of 1,000 m.
func said(t *testing.T) Input {
	t.Helper()
	return Input{
		ID: id.FromBytes[id.CourseKind]([16]byte{9}), CreatorID: maker, RunRecordID: id.FromBytes[id.RecordKind]([16]byte{8}),
		Title: " Along the river ", Description: "flat\nand quiet", Route: path(t, straight(11, 100)),
		ElevationGainMeters: 3, IsPublic: true, Tags: []string{"river", " flat ", "river"},
	}
}

func TestANewCourseIsWhatItsMakerSaid(t *testing.T) {
	in := said(t)
	c, err := New(in, morning)
	if err != nil {
		t.Fatal(err)
	}
	want := Course{
		ID: in.ID, CreatorID: maker, RunRecordID: in.RunRecordID, Title: "Along the river", Description: "flat\nand quiet",
		Route: in.Route, DistanceMeters: 1000, ElevationGainMeters: 3, IsPublic: true, Tags: []string{"river", "flat"},
		CreatedAt: morning, UpdatedAt: morning,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("\n got %+v\nwant %+v", c, want)
	}
}

func TestWhatACourseMayNotBe(t *testing.T) {
	tags := func(n int) (out []string) {
		for i := range n {
			out = append(out, strings.Repeat("a", i+1))
		}
		return out
	}
	for name, c := range map[string]struct {
		change func(*Input)
		code   string
		field  string
	}{
		"too short":               {func(in *Input) { in.Route = path(t, straight(2, 50)) }, "course_too_short", ""},
		"no title":                {func(in *Input) { in.Title = "" }, fault.CodeValidation, "title"},
		"a blank title":           {func(in *Input) { in.Title = " \u3164 " }, fault.CodeValidation, "title"},
		"a long title":            {func(in *Input) { in.Title = strings.Repeat("달", MaxTitleRunes+1) }, fault.CodeValidation, "title"},
		"a title of two lines":    {func(in *Input) { in.Title = "a\nb" }, fault.CodeValidation, "title"},
		"a long description":      {func(in *Input) { in.Description = strings.Repeat("달", MaxDescriptionRunes+1) }, fault.CodeValidation, "description"},
		"a description that lies": {func(in *Input) { in.Description = "a\u202eb" }, fault.CodeValidation, "description"},
		"a tag too many":          {func(in *Input) { in.Tags = tags(MaxTags + 1) }, fault.CodeValidation, "tags"},
		"a long tag":              {func(in *Input) { in.Tags = []string{strings.Repeat("달", MaxTagRunes+1)} }, fault.CodeValidation, "tags"},
		"a blank tag":             {func(in *Input) { in.Tags = []string{"river", " "} }, fault.CodeValidation, "tags"},
	} {
		in := said(t)
		c.change(&in)
		_, err := New(in, morning)
		f := fault.As(err)
		if f == nil || f.Code != c.code || c.field != "" && f.Fields[0].Location != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := said(t)
	in.Title, in.Description, in.Tags = strings.Repeat("달", MaxTitleRunes), strings.Repeat("달", MaxDescriptionRunes), tags(MaxTags)
	if c, err := New(in, morning); err != nil || len(c.Tags) != MaxTags {
		t.Errorf("at every limit: %v", err)
	}
}

func TestAChangeIsMadeWholeOrNotAtAll(t *testing.T) {
	made, err := New(said(t), morning)
	if err != nil {
		t.Fatal(err)
	}
	later := morning.Add(time.Hour)
	title, hidden, none, bad, long := "Home", false, []string{}, []string{" "}, strings.Repeat("a", MaxDescriptionRunes+1)

	c := made
	if err := c.Apply(Change{Title: &title, IsPublic: &hidden, Tags: &none}, later); err != nil {
		t.Fatal(err)
	}
	want := made
	want.Title, want.IsPublic, want.Tags, want.UpdatedAt = "Home", false, []string{}, later
	if !reflect.DeepEqual(c, want) {
		t.Errorf("\n got %+v\nwant %+v", c, want)
	}
	for name, ch := range map[string]Change{"tags": {Title: &title, IsPublic: &hidden, Tags: &bad}, "description": {Title: &title, Description: &long}} {
		c := made
		if err := c.Apply(ch, later); fault.KindOf(err) != fault.Invalid || !reflect.DeepEqual(c, made) {
			t.Errorf("with bad %s, %v, the course is %+v", name, err, c)
		}
	}
	c = made
	if err := c.Apply(Change{}, later); err != nil || c.Title != made.Title || c.Description != made.Description || !c.IsPublic || !slices.Equal(c.Tags, made.Tags) {
		t.Errorf("without a change, %v, the course is %+v", err, c)
	}
}

func TestWhoSeesACourse(t *testing.T) {
	for _, c := range []struct {
		public, ofNobody bool
		viewer           id.User
		visible, owned   bool
	}{
		{public: true, viewer: maker, visible: true, owned: true},
		{public: true, viewer: viewer, visible: true},
		{public: true, visible: true},
		{viewer: maker, visible: true, owned: true},
		{viewer: viewer},
		{},
		{ofNobody: true}, // its maker has left: who is not signed in is not the maker
		{ofNobody: true, viewer: maker},
	} {
		of := Course{CreatorID: maker, IsPublic: c.public}
		if c.ofNobody {
			of.CreatorID = id.User{}
		}
		if of.VisibleTo(c.viewer) != c.visible || of.OwnedBy(c.viewer) != c.owned {
			t.Errorf("%+v: visible %v, owned %v", c, of.VisibleTo(c.viewer), of.OwnedBy(c.viewer))
		}
	}
}

func TestQuotas(t *testing.T) {
	for _, c := range []struct {
		all, recent int
		want        *fault.Error
		value       float64
	}{
		{0, 0, nil, 0},
		{MaxCourses - 1, MaxRecentCourses - 1, nil, 0},
		{MaxCourses, 0, ErrTooMany, MaxCourses},
		{MaxCourses + 5, MaxRecentCourses, ErrTooMany, MaxCourses + 5},
		{MaxRecentCourses, MaxRecentCourses, ErrQuotaExceeded, MaxRecentCourses},
	} {
		err := CheckQuota(c.all, c.recent)
		if c.want == nil {
			if err != nil {
				t.Errorf("%d and %d: %v", c.all, c.recent, err)
			}
			continue
		}
		if !errors.Is(err, c.want) || fault.As(err).Details["value"] != c.value {
			t.Errorf("%d and %d: %v", c.all, c.recent, err)
		}
		if _, again := fault.As(err).Details["retry_after"]; again != (c.want == ErrQuotaExceeded) {
			t.Errorf("%d and %d: come again %v", c.all, c.recent, again)
		}
	}
}

// TestEachFaultOfALineIsListed compares what people are shown with what is
// answered.
func TestEachFaultOfALineIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, b := range Bounds() {
		listed[b.Code] = true
	}
	for _, f := range []*fault.Error{ErrTooLong, ErrTooManyVertices, ErrLegTooLong, ErrAtPole, ErrScribble, ErrTooMany, ErrQuotaExceeded} {
		if !listed[f.Code] {
			t.Errorf("%s is not listed", f.Code)
		}
	}
}

// TestProminenceIsATotalOrder holds that more runs go before whatever the id, and
// that ids decide between equals.
func TestProminenceIsATotalOrder(t *testing.T) {
	if got := Prominence(5, id.FromBytes[id.CourseKind]([16]byte{0: 1, 12: 0x80})); got != 5.5 {
		t.Errorf("half way through the ids it is %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) (runs int, cid id.Course) {
			var b [16]byte
			copy(b[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label))
			return rapid.IntRange(0, 1_000_000).Draw(t, label+" runs"), id.FromBytes[id.CourseKind](b)
		}
		runsA, a := draw("a")
		runsB, b := draw("b")
		p, q := Prominence(runsA, a), Prominence(runsB, b)
		last := func(c id.Course) string { raw := c.Bytes(); return string(raw[12:]) }
		switch {
		case p < float64(runsA) || p >= float64(runsA)+1:
			t.Fatalf("%v of %d runs", p, runsA)
		case runsA != runsB && (p < q) != (runsA < runsB):
			t.Fatalf("%d and %d runs are %v and %v", runsA, runsB, p, q)
		case runsA == runsB && (p < q) != (last(a) < last(b)):
			t.Fatalf("%s and %s are %v and %v", a, b, p, q)
		}
	})
}
