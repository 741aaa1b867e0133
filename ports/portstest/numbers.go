package portstest

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/ports"
)

// notable are numbers that a store may write in another way than they came.
var notable = []string{
	"0", "-0", "0.0", "-0.0e5", "1e25", "-1e25", "1e-25", "1E+308", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "1e-400",
	"1234567890123456789012345", "1.234567890123456789012345", "0.0000001234567890123456789012345", "9007199254740993", "999999999999999999999",
	"1e20", "1e21", "1e-6", "1e-7", "0.1000", "1.50", "100e-2", "1E5", "1e0", "0.1",
}

// anyNumber draws the whole grammar of numbers that a stranger may write.
func anyNumber() *rapid.Generator[string] {
	written := rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?`).
		Filter(func(s string) bool { return strictjson.Check([]byte(s)) == nil })
	return rapid.OneOf(rapid.SampledFrom(notable), written)
}

// anyClaim draws a claim whose totals and other members are such numbers, and
// whose other names look like those of the totals.
func anyClaim(t *rapid.T, what string) strictjson.Document {
	number := anyNumber()
	total := func(name string) string { return strings.TrimPrefix(number.Draw(t, what+" "+name), "-") }
	text := `{"zz":"é\u0001", "DISTANCE_METERS":"far", "Duration_Seconds":[], "distance_meters":` + total("distance") + `, "duration_seconds":` + total("duration") +
		`, "n":[` + strings.Join(rapid.SliceOfN(number, 0, 6).Draw(t, what+" numbers"), " , ") + `], "a":{"b":` + number.Draw(t, what+" deeper") + `}}`
	return canonical(t, text)
}

func canonical(t rapid.TB, text string) strictjson.Document {
	t.Helper()
	d, err := strictjson.Canonical([]byte(text))
	ok(t, err)
	return d
}

// readClaim reads a claim as it comes from a client.
func readClaim(t rapid.TB, d strictjson.Document) run.Claim {
	t.Helper()
	r, err := strictjson.NewReader(d)
	ok(t, err)
	c, err := run.ReadClaim(r)
	ok(t, err)
	return c
}

// within draws a reading in a range, with all its bits and near its ends.
func within(t *rapid.T, name string, lo, hi float64) float64 {
	return rapid.OneOf(rapid.Float64Range(lo, hi), rapid.SampledFrom([]float64{lo, hi, 0, math.Nextafter(lo, hi), math.Nextafter(hi, lo), run.SmallestReading, 0.1 + 0.2})).
		Filter(func(v float64) bool { return v >= lo && v <= hi }).Draw(t, name)
}

// anyFix draws a fix whose readings use the whole of their ranges.
func anyFix(t *rapid.T, second int) run.Fix {
	f := fix(second, true)
	f.Point = geo.MustPoint(within(t, "lat", -90, 90), within(t, "lng", -180, 180))
	f.Altitude = within(t, "altitude", run.MinAltitudeMeters, run.MaxAltitudeMeters)
	f.Accuracy = within(t, "accuracy", 0, run.MaxAccuracyMeters)
	f.Speed = within(t, "speed", 0, run.MaxSpeedMS)
	f.Heading = within(t, "heading", 0, 360)
	f.HeartRate = within(t, "heart rate", 0, run.MaxHeartRate)
	f.Cadence = within(t, "cadence", 0, run.MaxCadence)
	return f
}

// numbers writes every legal number wherever a client can put one, and reads it
// back: a session that took one in can be read, left and completed.
func numbers(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	whole := newRecord(t, f.Store, attempt{owner: mina})
	rapid.Check(t, func(t *rapid.T) {
		device := anyClaim(t, "device_info")
		session, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](ids{}), UserID: mina, StartedAt: noon, DeviceInfo: device}, noon)
		ok(t, err)
		_, _, err = f.Store.InsertSession(ctx, session)
		ok(t, err)

		in := run.ChunkInput{
			Type: run.Final, Fixes: []run.Fix{anyFix(t, 0), anyFix(t, 1)}, Filtered: []run.Fix{anyFix(t, 2)},
			Summary: readClaim(t, anyClaim(t, "chunk_summary")), Cumulative: readClaim(t, anyClaim(t, "cumulative")),
			CompletedSplits: canonical(t, `[{"distance_meters":`+anyNumber().Draw(t, "a split")+`},{"distance_meters":1.0e3}]`),
		}
		chunk, err := run.NewChunk(in)
		ok(t, err)
		_, outcome, err := appendChunk(f.Store, session, chunk)
		ok(t, err)
		equal(t, "outcome", outcome, run.Stored)
		_, outcome, err = appendChunk(f.Store, session, chunk)
		ok(t, err)
		equal(t, "outcome of a repeat", outcome, run.Replayed)

		chunks, err := f.Store.Chunks(ctx, session.ID())
		ok(t, err)
		equal(t, "chunks", chunks, []run.Chunk{run.RestoreChunk(in, chunk.Digest())})
		found, err := f.Store.Session(ctx, session.ID())
		ok(t, err)
		equal(t, "device_info", string(found.Snapshot().DeviceInfo), string(device))
		equal(t, "the same body", found.SameBody(session), true)
		_, _, err = f.Store.ListSessions(ctx, mina, run.Active, ports.Page{Limit: 100})
		ok(t, err)

		want := anyRecord(t, whole, session.ID())
		ok(t, f.Store.InsertRecord(ctx, want))
		got, err := f.Store.Record(ctx, want.ID)
		ok(t, err)
		equal(t, "record", got, want)

		end := func(s run.Session) (run.Session, error) { return s.Complete(want.ID, 1) }
		if rapid.Bool().Draw(t, "abandoned") {
			end = func(s run.Session) (run.Session, error) { return s.Abandon(noon) }
		}
		ended, err := end(found)
		ok(t, err)
		ok(t, f.Store.SaveSession(ctx, ended))
		found, err = f.Store.Session(ctx, session.ID())
		ok(t, err)
		equal(t, "ended", found.Snapshot(), ended.Snapshot())
	})
}

// anyRecord draws a record of a session whose numbers are any that a client can
// cause.
func anyRecord(t *rapid.T, like run.Record, sid id.Session) run.Record {
	float := rapid.OneOf(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64), rapid.SampledFrom([]float64{math.MaxFloat64, 1e25, 1e-25, 0, 0.1 + 0.2, 1e21}))
	// REAL has 23 bits, and no value between 0 and the smallest normal one.
	single := rapid.OneOf(rapid.Float32Range(1.2e-38, math.MaxFloat32), rapid.SampledFrom([]float32{0, 0.1, math.MaxFloat32, 1.2e-38}))
	like.ID, like.SessionID = id.New[id.RecordKind](ids{}), sid
	like.ClientFilter = anyClaim(t, "filter_config")
	like.AvgSpeedMS, like.MaxSpeedMS = single.Draw(t, "average"), single.Draw(t, "most")
	like.ElevationProfile = []run.ProfileSample{{DistanceMeters: float.Draw(t, "along"), AltitudeMeters: float.Draw(t, "altitude")}}
	like.Splits = []run.Split{{Index: 1, DistanceMeters: float.Draw(t, "split"), DurationSeconds: float.Draw(t, "split's time"), PaceSecondsPerKM: float.Draw(t, "split's pace")}}
	like.BestEfforts = []run.Effort{{DistanceMeters: 1000, DurationSeconds: float.Draw(t, "effort")}}
	like.ClientDiscrepancy = map[string]run.Discrepancy{"distance_meters": {Claimed: float.Draw(t, "claimed"), Computed: float.Draw(t, "computed")}}
	like.Judged(judge.Verdict{
		Status: judge.NotCompleted, Reasons: []judge.Reason{judge.OffCourse}, RuleVersion: "test", RouteMatchPercent: float64(single.Draw(t, "match")),
		Missed: []judge.Missed{}, Efforts: []judge.Effort{}, Direction: "forwards",
	})
	return like
}

// weights are read back to the last bit.
func weights(t *testing.T, f Fixture) {
	u, err := f.Store.User(ctx, newUser(t, f.Store, "mina"))
	ok(t, err)
	rapid.Check(t, func(t *rapid.T) {
		kg := rapid.Float32Range(20, 400).Draw(t, "kg")
		u.WeightKG = &kg
		ok(t, f.Store.SaveUser(ctx, u))
		got, err := f.Store.User(ctx, u.ID)
		ok(t, err)
		equal(t, "weight", *got.WeightKG, kg)
	})
}

// earlierLimits stores what today's limits would refuse: it was accepted once, so
// it can be read.
func earlierLimits(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	deep := strings.Repeat("[", 3*strictjson.MaxDepth) + strings.Repeat("]", 3*strictjson.MaxDepth)
	large := strictjson.Document(`{"distance_meters":1,"duration_seconds":1,"x":` + deep + `,"y":"` + strings.Repeat("y", 4*run.MaxClaimBytes) + `"}`)
	session := run.RestoreSession(run.SessionSnapshot{
		ID: id.New[id.SessionKind](ids{}), UserID: mina, Status: run.Active, StartedAt: noon, DeviceInfo: large, CreatedAt: noon, ActiveSince: noon,
	})
	_, _, err := f.Store.InsertSession(ctx, session)
	ok(t, err)
	wild := fix(0, true)
	wild.Altitude, wild.Speed, wild.HeartRate = 1e-300, 1e30, 10*run.MaxHeartRate
	want := run.RestoreChunk(run.ChunkInput{
		Type: run.Final, Fixes: []run.Fix{wild}, Summary: run.Claim{DistanceMeters: 1, DurationSeconds: 1, Document: large},
		Cumulative: run.Claim{DistanceMeters: 1, DurationSeconds: 1, Document: large}, CompletedSplits: strictjson.Document("[" + string(large) + "]"),
	}, run.Digest{1})
	_, _, err = appendChunk(f.Store, session, want)
	ok(t, err)
	got, err := f.Store.Chunks(ctx, session.ID())
	ok(t, err)
	equal(t, "chunks", got, []run.Chunk{want})
	found, err := f.Store.Session(ctx, session.ID())
	ok(t, err)
	equal(t, "device_info", string(found.Snapshot().DeviceInfo), string(large))
}
