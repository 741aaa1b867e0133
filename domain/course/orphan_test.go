package course

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// ascii stands in for Unicode's tables.
type ascii struct{}

func (ascii) NFC(s string) string  { return s }
func (ascii) Fold(s string) string { return strings.ToLower(s) }

func made(t interface{ Fatal(...any) }, points []geo.Point) Course {
	line, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	seconds := 900
	return Course{
		ID: id.FromBytes[id.CourseKind]([16]byte{1}), CreatorID: id.FromBytes[id.UserKind]([16]byte{2}), RunRecordID: id.FromBytes[id.RecordKind]([16]byte{3}),
		Title: "Mina's loop", Description: "ask mina@b.example", Route: line, DistanceMeters: int(line.LengthMeters() + 0.5),
		EstimatedDurationSeconds: &seconds, ElevationGainMeters: 99, IsPublic: true, Tags: []string{"flat", "MINA runs"}, ThumbnailDrawn: true,
		ElevationProfile: hill(), CreatedAt: noon, UpdatedAt: noon,
	}
}

// hill goes down from 100 m to 50 m, over a hill of 60 m, and up again.
func hill() (profile []run.ProfileSample) {
	for at := 0.0; at <= 1000; at += 10 {
		s := run.ProfileSample{DistanceMeters: at, AltitudeMeters: 110 - math.Abs(at-500)/5}
		if at < 200 || at > 800 {
			s.AltitudeMeters = 50 + math.Abs(at-500)/5 - 60
		}
		profile = append(profile, s)
	}
	return profile
}

func mina(t *testing.T) user.Names {
	n, err := user.NewNickname(ascii{}, "mina")
	if err != nil {
		t.Fatal(err)
	}
	return user.NamesOf(ascii{}, user.User{Nickname: n}, nil)
}

// east is a line of so many metres.
func east(meters float64) []geo.Point {
	start := geo.MustPoint(37.5, 127)
	p := geo.NewPlane(start)
	return []geo.Point{start, p.Unproject(meters/3, 0), p.Unproject(meters, 0)}
}

func TestWhatStaysOfACourseWhenItsMakerLeaves(t *testing.T) {
	before := made(t, east(1000))
	got, err := before.Orphan(mina(t), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if !got.CreatorID.IsZero() || !got.RunRecordID.IsZero() || got.EstimatedDurationSeconds != nil || got.ThumbnailDrawn {
		t.Errorf("the maker's are still %+v", got)
	}
	if got.Title != "Course of 0.6 km" || got.Description != "" || !slices.Equal(got.Tags, []string{"flat"}) || !slices.Equal(before.Tags, []string{"flat", "MINA runs"}) {
		t.Errorf("it says %q, %q, %q", got.Title, got.Description, got.Tags)
	}
	if got.DistanceMeters != 600 || !got.IsPublic || got.ID != before.ID || !got.UpdatedAt.Equal(noon.Add(time.Hour)) || !got.CreatedAt.Equal(noon) {
		t.Errorf("it is %+v", got)
	}
	first, last := got.ElevationProfile[0], got.ElevationProfile[len(got.ElevationProfile)-1]
	if first != (run.ProfileSample{DistanceMeters: 0, AltitudeMeters: 50}) || last != (run.ProfileSample{DistanceMeters: 600, AltitudeMeters: 50}) || len(got.ElevationProfile) != 61 {
		t.Errorf("the profile goes from %v to %v", first, last)
	}
	if g := got.ElevationGainMeters; g < 50 || g > 60 { // the top of the hill is smoothed
		t.Errorf("the gain over a hill of 60 m is %d", g)
	}
	before.Title, before.Description, before.Tags, before.ElevationProfile = "Sunrise", "along the river", nil, nil
	if got, err = before.Orphan(mina(t), noon); err != nil || got.Title != "Sunrise" || got.Description != "along the river" || got.ElevationGainMeters != 0 {
		t.Errorf("a course that names nobody: %+v, %v", got, err)
	}
}

// Whatever was a course is one afterwards: a short one loses less.
func TestWhatIsLeftIsACourse(t *testing.T) {
	for meters, left := range map[float64]float64{100.1: 100.1, 101: 101, 110: 101, 399: 101, 450: 101, 500: 101, 502: 102, 1000: 600} {
		for name, leave := range map[string]func(Course, user.Names, time.Time) (Course, error){"orphan": Course.Orphan, "retire": Course.Retire} {
			got, err := leave(made(t, east(meters)), mina(t), noon)
			if err != nil {
				t.Fatalf("%s of %v m: %v", name, meters, err)
			}
			if length, err := CheckLine(got.Route); err != nil || math.Abs(length-left) > 0.01 {
				t.Errorf("%s of %v m: %f m are left, want %v; %v", name, meters, length, left, err)
			}
		}
	}
}

// What is prepared of a line is kept by its time of change: another line has another
// time, also when the clock was set back.
func TestAnotherLineHasAnotherTime(t *testing.T) {
	before := made(t, east(1000))
	for _, now := range []time.Time{noon, noon.Add(-time.Hour)} {
		if got, err := before.Orphan(mina(t), now); err != nil || !got.UpdatedAt.After(before.UpdatedAt) {
			t.Errorf("changed at %v, %v", got.UpdatedAt, err)
		}
	}
}

// Wherever a line goes, it is as long as it was without 200 m at either end, or as
// short as a course may be, and begins and ends on what it was.
func TestTheEndsOfALineGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := []geo.Point{geo.MustPoint(rapid.Float64Range(-80, 80).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng"))}
		for range rapid.IntRange(1, 30).Draw(t, "legs") {
			p := geo.NewPlane(points[len(points)-1])
			points = append(points, p.Unproject(rapid.Float64Range(-300, 300).Draw(t, "east"), rapid.Float64Range(-300, 300).Draw(t, "north")))
		}
		if slices.Equal(points[:1], points[1:]) {
			t.Skip("no line")
		}
		before := made(t, points)
		got, err := before.Orphan(user.NamesOf(ascii{}, user.User{}, nil), noon)
		length := before.Route.LengthMeters()
		if err != nil {
			t.Fatal(err)
		}
		want := max(length-2*PrivacyMeters, min(length, MinLengthMeters+cutSlackMeters))
		if left := got.Route.LengthMeters(); math.Abs(left-want) > 0.1 {
			t.Fatalf("of %f m stay %f", length, left)
		}
		if d := before.Route.DistanceMeters(got.Route.Start()); d > 0.1 {
			t.Fatalf("the new start is %f m beside the line", d)
		}
		if d := before.Route.DistanceMeters(got.Route.End()); d > 0.1 {
			t.Fatalf("the new end is %f m beside the line", d)
		}
	})
}

// A retired course is what an orphan is, in no list, and as long as it was run.
func TestWhatStaysOfACourseThatItsMakerDeletes(t *testing.T) {
	before := made(t, east(1000))
	orphan, err := before.Orphan(mina(t), noon)
	if err != nil {
		t.Fatal(err)
	}
	got, err := before.Retire(mina(t), noon)
	if err != nil || !got.Retired || got.IsPublic {
		t.Fatalf("retired %v, public %v, %v", got.Retired, got.IsPublic, err)
	}
	if got.DistanceMeters != 1000 || got.Title != "Course of 1.0 km" {
		t.Errorf("%q of %d m", got.Title, got.DistanceMeters)
	}
	got.Retired, got.IsPublic, got.DistanceMeters, got.Title = false, true, orphan.DistanceMeters, orphan.Title
	if !reflect.DeepEqual(got, orphan) {
		t.Errorf("it is %+v, want %+v", got, orphan)
	}
}
