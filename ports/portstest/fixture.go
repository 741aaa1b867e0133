// Package portstest has one contract suite per port, exported, so that every
// adapter runs the same one. A change of a port changes its suite.
package portstest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Fixture is a store under test.
type Fixture struct {
	Store ports.Store
	// Jobs returns the jobs whose transactions have committed, in their order.
	Jobs func() []ports.Job
}

// noon is the time of everything that needs one.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 123_456_000, time.UTC)

type ids struct{}

// NewUUID implements id.Generator.
func (ids) NewUUID() [16]byte {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	return id.V7(noon.UnixMilli(), random)
}

// newUser stores a runner under a name.
func newUser(t *testing.T, s ports.Store, name string) id.User {
	t.Helper()
	fresh := user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: noon, UpdatedAt: noon}
	u, _, err := s.FindOrCreateUser(context.Background(), user.SocialAccount{Provider: "dev", ProviderID: name}, fresh)
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// newSession stores an active session.
func newSession(t *testing.T, s ports.Store, owner id.User, cid id.Course) run.Session {
	t.Helper()
	session, err := run.NewSession(run.NewSessionInput{
		ID: id.New[id.SessionKind](ids{}), UserID: owner, CourseID: cid, StartedAt: noon,
		DeviceInfo: strictjson.Document(`{"model":"x","versions":[1,2]}`),
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, inserted, err := s.InsertSession(context.Background(), session); err != nil || !inserted {
		t.Fatal(inserted, err)
	}
	return session
}

// fix is one of a run eastwards, with everything or nothing optional.
func fix(second int, full bool) run.Fix {
	f := run.Fix{
		Point: geo.MustPoint(37.5, 127+float64(second)*3e-5), Timestamp: noon.UnixMilli() + int64(second)*1000,
		Altitude: run.Absent, Accuracy: run.Absent, Speed: run.Absent, Heading: run.Absent, HeartRate: run.Absent, Cadence: run.Absent,
	}
	if full {
		f.Altitude, f.Accuracy, f.Speed, f.Heading, f.HeartRate, f.Cadence = 12.5, 4, 2.75, 90, 151, 172
	}
	return f
}

func claim(meters float64) run.Claim {
	return run.Claim{
		DistanceMeters: meters, DurationSeconds: 60,
		Document: strictjson.Document(`{"distance_meters":` + string(strictjson.AppendFloat(nil, meters)) + `,"duration_seconds":60,"mood":"good"}`),
	}
}

// newChunk is a chunk of three fixes; body tells uploads of one sequence apart.
func newChunk(t *testing.T, sequence int, kind run.ChunkType, body int) run.Chunk {
	t.Helper()
	from := 10 * sequence
	c, err := run.NewChunk(run.ChunkInput{
		Sequence: sequence, Type: kind, Fixes: []run.Fix{fix(from, true), fix(from+1, false), fix(from+2, true)},
		Filtered: []run.Fix{fix(from, false)}, Summary: claim(float64(body)), Cumulative: claim(float64(10 * sequence)),
		CompletedSplits: strictjson.Document(`[{"distance_meters":1000}]`),
		Pauses:          []run.Pause{{StartedAt: noon.Add(time.Second).Truncate(time.Millisecond), EndedAt: noon.Add(2 * time.Second).Truncate(time.Millisecond)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// appendChunk sends a chunk as its session's owner.
func appendChunk(s ports.Store, session run.Session, c run.Chunk) (run.Session, run.Acceptance, error) {
	return s.AppendChunk(context.Background(), session.ID(), c, func(found run.Session) (run.Session, run.Acceptance, error) {
		return found.Accept(session.Owner(), c, noon.Add(time.Hour))
	})
}

// attempt describes a stored record.
type attempt struct {
	owner    id.User
	course   id.Course
	seconds  int // course time; 0 = not completed
	finished time.Time
	pending  bool
	meters   int
	hour     int
}

// newRecord stores a whole record with a session of its own.
func newRecord(t *testing.T, s ports.Store, a attempt) run.Record {
	t.Helper()
	if a.finished.IsZero() {
		a.finished = noon
	}
	session := newSession(t, s, a.owner, a.course)
	pace, weird, rate, top, steps, graded := 321, 300, 151, 171, 172, 295.5
	r := run.Record{
		ID: id.New[id.RecordKind](ids{}), UserID: a.owner, SessionID: session.ID(), CourseID: a.course, Activity: run.Running, Title: "아침 run", CreatedAt: noon,
		Measures: run.Measures{
			DistanceMeters: a.meters, DurationSeconds: 600, TotalElapsedSeconds: 660, AvgPaceSecondsPerKM: &pace, BestPaceSecondsPerKM: &weird,
			AvgSpeedMS: 2.345, MaxSpeedMS: 5.678, Calories: 77, ElevationGainMeters: 3, ElevationLossMeters: 4,
			Route:            []geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.50000001, 127.0000003)},
			ElevationProfile: []run.ProfileSample{{DistanceMeters: 0, AltitudeMeters: 1.5}},
			BestEfforts:      []run.Effort{{DistanceMeters: 1000, DurationSeconds: 240.5}},
			Splits: []run.Split{{
				Index: 1, DistanceMeters: 1000, DurationSeconds: 300.125, PaceSecondsPerKM: 300.1, AvgHeartRate: &rate, AvgCadence: &steps, GradeAdjustedPaceSecondsPerKM: &graded,
			}},
			Heart: run.Heart{AvgHeartRate: &rate, MaxHeartRate: &top, AvgCadence: &steps, ZoneSeconds: []int{1, 2, 3, 4, 5}}, SkippedPoints: 6,
			Pauses: []run.Break{{StartedAt: noon.Truncate(time.Millisecond), EndedAt: noon.Add(time.Minute).Truncate(time.Millisecond), Kind: run.Gap}},
			Filter: run.DefaultFilter(), Flags: []string{run.FlagGaps}, StartedAt: noon, FinishedAt: a.finished,
			TrackDigest: run.Digest{1, 2, byte(len(t.Name()))},
		},
		ClientDiscrepancy: map[string]run.Discrepancy{"distance_meters": {Claimed: 1, Computed: 2}},
		ClientFilter:      strictjson.Document(`{"a":1}`),
		Processing:        run.ProcessingDone, LocalHour: a.hour, LocalDate: "2026-05-01",
	}
	if a.pending {
		r.Processing = run.ProcessingPending
	}
	if !a.course.IsZero() && !a.pending {
		v := judge.Verdict{Status: judge.NotCompleted, Reasons: []judge.Reason{judge.OffCourse}, RuleVersion: "test", RouteMatchPercent: 98.76, Missed: []judge.Missed{}, Efforts: []judge.Effort{}, Direction: "forwards"}
		if a.seconds > 0 {
			v.Status, v.Reasons, v.CourseDurationSeconds = judge.Completed, []judge.Reason{}, &a.seconds
		}
		r.Judged(v)
	}
	if err := s.InsertRecord(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return r
}

// newCourse stores a course of a line; change may alter it first.
func newCourse(t *testing.T, s ports.Store, creator id.User, change func(*course.Course), points ...geo.Point) course.Course {
	t.Helper()
	c := makeCourse(t, creator, change, points...)
	if err := s.InsertCourse(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// makeCourse is newCourse without a store.
func makeCourse(t *testing.T, creator id.User, change func(*course.Course), points ...geo.Point) course.Course {
	t.Helper()
	if len(points) == 0 {
		points = []geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.51, 127.01), geo.MustPoint(37.52, 127)}
	}
	line, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	seconds := 1234
	c, err := course.New(course.Input{
		ID: id.New[id.CourseKind](ids{}), CreatorID: creator, Title: "한강 Loop", Description: "two\nlines", Route: line,
		EstimatedDurationSeconds: &seconds, ElevationGainMeters: 12, ElevationProfile: []run.ProfileSample{{DistanceMeters: 1, AltitudeMeters: 2}},
		IsPublic: true, Tags: []string{"flat", `a "quoted", {tag}\`, "강"},
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&c)
	}
	return c
}
