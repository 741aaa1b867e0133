package tracks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/muktihari/fit/encoder"
	"github.com/muktihari/fit/kit/hash/crc16"
	"github.com/muktihari/fit/profile/filedef"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

var dawn = time.Unix(1_777_617_000, 0).UTC()

// record is one of a second of the run.
func record(n int) *mesgdef.Record {
	return mesgdef.NewRecord(nil).SetTimestamp(dawn.Add(time.Duration(n) * time.Second)).SetPositionLatDegrees(37.5 + float64(n)*2.5e-5).SetPositionLongDegrees(127).
		SetDistanceScaled(3 * float64(n)).SetCadence(86).SetFractionalCadenceScaled(0.5).SetGpsAccuracy(4).SetHeartRate(150)
}

func timer(n int, kind typedef.EventType) *mesgdef.Event {
	return mesgdef.NewEvent(nil).SetTimestamp(dawn.Add(time.Duration(n) * time.Second)).SetEvent(typedef.EventTimer).SetEventType(kind)
}

func session(n int, seconds float64, sport typedef.Sport) *mesgdef.Session {
	return mesgdef.NewSession(nil).SetStartTime(dawn.Add(time.Duration(n) * time.Second)).SetTimestamp(dawn.Add(time.Duration(n)*time.Second + time.Duration(seconds)*time.Second)).
		SetSport(sport).SetTotalTimerTimeScaled(seconds).SetTotalElapsedTimeScaled(seconds).SetTotalDistanceScaled(3 * seconds).SetTotalAscent(7).SetAvgHeartRate(150).SetMaxHeartRate(160)
}

// encoded is the FIT file of an activity.
func encoded(t testing.TB, kind typedef.File, fill func(*filedef.Activity)) []byte {
	t.Helper()
	a := filedef.NewActivity()
	a.FileId = *mesgdef.NewFileId(nil).SetType(kind).SetTimeCreated(dawn)
	fill(a)
	data := a.ToFIT(nil)
	var out bytes.Buffer
	if err := encoder.New(&out).Encode(&data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// runFrom is a run of n seconds from a second on.
func runFrom(t testing.TB, from, n int) []byte {
	return encoded(t, typedef.FileActivity, func(a *filedef.Activity) {
		for i := range n {
			a.Records = append(a.Records, record(from+i))
		}
		a.Sessions = append(a.Sessions, session(from, float64(n-1), typedef.SportRunning))
	})
}

// fitSessions is a ride, a transition and a run.
func fitSessions(t testing.TB) []byte {
	return encoded(t, typedef.FileActivity, func(a *filedef.Activity) {
		for i := range 60 {
			a.Records = append(a.Records, record(i))
		}
		a.Sessions = append(a.Sessions, session(0, 20, typedef.SportCycling), session(20, 10, typedef.SportGeneric), session(30, 30, typedef.SportRunning))
	})
}

// with12 is a file with a header of 12 bytes, whose checksum is over both.
func with12(data []byte) []byte {
	short := append(append([]byte{12}, data[1:12]...), data[14:len(data)-2]...)
	return binary.LittleEndian.AppendUint16(short, sumOf(short))
}

func sumOf(b []byte) uint16 {
	sum := crc16.New()
	_, _ = sum.Write(b)
	return sum.Sum16()
}

func TestFITFilesAsDevicesLeaveThem(t *testing.T) {
	whole := runFrom(t, 0, 60)
	change := func(edit func(b []byte) []byte) []byte { return edit(bytes.Clone(whole)) }
	for name, c := range map[string]struct {
		file    []byte
		fixes   int
		damaged bool
	}{
		"whole":                 {whole, 60, false},
		"a header of 12":        {with12(whole), 60, false},
		"a header's CRC wrong":  {change(func(b []byte) []byte { b[12] ^= 1; return b }), 60, false},
		"no CRC":                {change(func(b []byte) []byte { b[len(b)-1], b[len(b)-2] = 0, 0; return b }), 60, false},
		"CRC wrong":             {change(func(b []byte) []byte { b[len(b)-1] ^= 0x55; return b }), 60, true},
		"CRC cut off":           {whole[:len(whole)-1], 60, true},
		"no length":             {change(func(b []byte) []byte { copy(b[4:8], []byte{0, 0, 0, 0}); return b }), 60, true},
		"too long a length":     {change(func(b []byte) []byte { b[7] = 1; return b }), 60, true},
		"rubbish behind":        {append(bytes.Clone(whole), "rubbish"...), 60, true},
		"gzip'd":                {zipped(t, whole), 60, false},
		"rubbish in the middle": {change(func(b []byte) []byte { b = b[:len(b)*2/3]; return append(b, 0x7f, 0xff, 0xff) }), -1, true},
		"cut off":               {whole[:len(whole)/2], -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := read(t, c.file)
			n := len(a.Fixes())
			if c.fixes >= 0 && n != c.fixes || c.fixes < 0 && (n < 10 || n >= 60) || a.Damaged != c.damaged {
				t.Errorf("%d fixes, damaged: %v", n, a.Damaged)
			}
		})
	}
}

func TestARecordOfFIT(t *testing.T) {
	a := read(t, runFrom(t, 0, 60))
	if f := a.Fixes()[59]; f.Distance != 177 || f.Cadence != 173 || f.Accuracy != 4 || f.HeartRate != 150 || run.Has(f.Altitude) || run.Has(f.Speed) {
		t.Errorf("%+v", f)
	}
	if want := (ports.DeviceTotals{TimerSeconds: 59, ElapsedSeconds: 59, DistanceMeters: 177, AscentMeters: 7, AvgHeartRate: 150, MaxHeartRate: 160}); a.Device != want || a.Sport != "run" {
		t.Errorf("%+v, want %+v", a, want)
	}
	bad := encoded(t, typedef.FileActivity, func(a *filedef.Activity) {
		a.Records = append(a.Records, record(0), record(1).SetPositionLatDegrees(179), record(2))
	})
	if a := read(t, bad); a.SkippedPoints != 1 || len(a.Fixes()) != 2 {
		t.Errorf("a latitude of 179: %+v", a)
	}
}

func TestTheTimerOfFIT(t *testing.T) {
	const start, stop, stopAll = typedef.EventTypeStart, typedef.EventTypeStop, typedef.EventTypeStopAll
	for name, c := range map[string]struct {
		records []int
		events  []*mesgdef.Event
		want    string
	}{
		"a stop":                          {[]int{0, 1, 2, 27, 28}, []*mesgdef.Event{timer(0, start), timer(2, stopAll), timer(27, start), timer(28, stopAll)}, "[3 2]"},
		"a stop of no length":             {[]int{0, 1, 2, 3}, []*mesgdef.Event{timer(0, start), timer(1, stop), timer(1, start)}, "[2 2]"},
		"recorded while it stood":         {[]int{0, 1, 2, 10, 20, 27, 28}, []*mesgdef.Event{timer(0, start), timer(2, stop), timer(27, start)}, "[3 2]"},
		"a stop that has no end":          {[]int{0, 1, 2, 27, 28}, []*mesgdef.Event{timer(0, start), timer(2, stop)}, "[3 2]"},
		"stopped twice":                   {[]int{0, 1, 2, 27, 28}, []*mesgdef.Event{timer(2, stop), timer(3, stopAll), timer(27, start)}, "[3 2]"},
		"another event":                   {[]int{0, 1, 2, 27, 28}, []*mesgdef.Event{timer(2, stop).SetEvent(typedef.EventBattery)}, "[5]"},
		"a marker":                        {[]int{0, 1, 2, 27, 28}, []*mesgdef.Event{timer(2, typedef.EventTypeMarker)}, "[5]"},
		"a stop before, and after it all": {[]int{5, 6}, []*mesgdef.Event{timer(0, stop), timer(4, start), timer(9, stop)}, "[2]"},
	} {
		t.Run(name, func(t *testing.T) {
			// Events stand before all records, and behind them: both orders are met.
			for _, behind := range []bool{false, true} {
				file := messagesOf(t, c.records, c.events, behind)
				if got := fmt.Sprint(sizes(read(t, file))); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			}
		})
	}
}

// messagesOf is a file of records with the timer's events before or behind them.
func messagesOf(t *testing.T, records []int, events []*mesgdef.Event, behind bool) []byte {
	t.Helper()
	const fitEpoch = 631_065_600
	at := func(second int64) []byte {
		return binary.LittleEndian.AppendUint32(nil, uint32(dawn.Unix()+second-fitEpoch))
	}
	var told, recorded []byte
	told = append(told, fitDefinition(2, 21, [3]byte{253, 4, 0x86}, [3]byte{0, 1, 0}, [3]byte{1, 1, 0})...)
	for _, e := range events {
		told = append(append(append(told, 2), at(e.Timestamp.Unix()-dawn.Unix())...), byte(e.Event), byte(e.EventType))
	}
	recorded = append(recorded, fitDefinition(1, 20, [3]byte{253, 4, 0x86}, [3]byte{0, 4, 0x85}, [3]byte{1, 4, 0x85})...)
	for _, second := range records {
		recorded = append(append(append(recorded, 1), at(int64(second))...), 1, 2, 3, 4, 5, 6, 7, 8)
	}
	if behind {
		return activityOf(recorded, told)
	}
	return activityOf(told, recorded)
}

func TestSessionsOfFITAreActivities(t *testing.T) {
	all := readAll(t, fitSessions(t))
	var got []string
	for _, a := range all {
		got = append(got, fmt.Sprint(a.Sport, sizes(a), a.Device.TimerSeconds))
	}
	if want := "ride[20] 20 other[10] 10 run[30] 30"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestChainedFIT(t *testing.T) {
	first, second := runFrom(t, 0, 60), runFrom(t, 65, 60)
	a := read(t, append(bytes.Clone(first), second...))
	if fmt.Sprint(sizes(a)) != "[120]" || a.Device.TimerSeconds != 124 || a.Device.ElapsedSeconds != 124 || a.Device.DistanceMeters != 354 || a.Damaged {
		t.Errorf("a run in two files: %v, %+v", sizes(a), a.Device)
	}
	for name, file := range map[string][]byte{"the same twice": first, "the evening": runFrom(t, 40_000, 60), "behind a header of 12": with12(runFrom(t, 9_000, 60))} {
		all := readAll(t, append(bytes.Clone(first), file...))
		if len(all) != 2 || len(all[0].Fixes()) != 60 || len(all[1].Fixes()) != 60 {
			t.Errorf("%s: %d activities", name, len(all))
		}
	}
	settings := fitOf(append(fitDefinition(0, 0, [3]byte{0, 1, 0}), 0, 2))
	if a := read(t, append(bytes.Clone(settings), first...)); len(a.Fixes()) != 60 {
		t.Errorf("behind settings: %+v", a)
	}
	cut := append(bytes.Clone(first), second[:len(second)/2]...)
	if a := read(t, cut); !a.Damaged || len(a.Fixes()) <= 60 || a.Device.TimerSeconds != 0 {
		all := readAll(t, cut)
		t.Errorf("cut off in the second: %d, %+v", len(all), a.Device)
	}
}

func TestATreadmillOfFIT(t *testing.T) {
	a := read(t, encoded(t, typedef.FileActivity, func(a *filedef.Activity) {
		for i := range 10 {
			a.Records = append(a.Records, mesgdef.NewRecord(nil).SetTimestamp(dawn.Add(time.Duration(i)*time.Second)).SetDistanceScaled(float64(3*i)).SetHeartRate(120).SetCadence(80))
		}
		a.Sessions = append(a.Sessions, session(0, 9, typedef.SportFitnessEquipment).SetSubSport(typedef.SubSportTreadmill))
	}))
	if f := a.Fixes()[9]; !a.Indoor || a.Sport != "run" || f.Distance != 27 || f.Cadence != 160 || f.HasPlace {
		t.Errorf("%+v", a)
	}
	a = read(t, encoded(t, typedef.FileActivity, func(a *filedef.Activity) {
		a.Sessions = append(a.Sessions, session(0, 600, typedef.SportRunning))
	}))
	if fixes := a.Fixes(); !a.Indoor || len(fixes) != 2 || fixes[1].Distance != 1800 || fixes[1].Timestamp-fixes[0].Timestamp != 600_000 {
		t.Errorf("a session without records: %+v", a)
	}
	_, err := newFiles().Read(t.Context(), encoded(t, typedef.FileActivity, func(a *filedef.Activity) {
		a.Sessions = append(a.Sessions, session(0, 600, typedef.SportRunning).SetStartTime(time.Time{}))
	}))
	if !fault.HasCode(err, "bad_track") {
		t.Errorf("a session that does not say when it was: %v", err)
	}
}

// Such a record takes one byte, which no price would cover.
func TestARecordThatSaysNothingTakesNoRoom(t *testing.T) {
	var c content
	empty := activityOf(append(fitDefinition(1, 20), bytes.Repeat([]byte{1}, 1000)...))
	if err := readFIT(sourceOf(t, empty), &c); err != nil || c.n != 0 {
		t.Errorf("%d samples, %v", c.n, err)
	}
}

func TestKindsOfFIT(t *testing.T) {
	course := encoded(t, typedef.FileCourse, func(a *filedef.Activity) { a.Records = append(a.Records, record(0), record(1)) })
	if a := read(t, course); !a.Planned || len(a.Fixes()) != 2 {
		t.Errorf("%+v", a)
	}
	_, err := newFiles().Read(t.Context(), encoded(t, typedef.FileSettings, func(a *filedef.Activity) { a.Records = append(a.Records, record(0)) }))
	if f := fault.As(err); f == nil || f.Code != "bad_track" || !strings.Contains(f.Message, "settings") {
		t.Errorf("%v", err)
	}
}

func TestSportsOfFIT(t *testing.T) {
	for _, c := range []struct {
		sport typedef.Sport
		sub   typedef.SubSport
		want  ports.Sport
	}{
		{typedef.SportRunning, typedef.SubSportTrail, "run"}, {typedef.SportWalking, 0, "walk"}, {typedef.SportHiking, 0, "hike"}, {typedef.SportMountaineering, 0, "hike"},
		{typedef.SportCycling, typedef.SubSportTrackCycling, "ride"}, {typedef.SportEBiking, 0, "ride"}, {typedef.SportSwimming, 0, "swim"}, {typedef.SportTransition, 0, "transition"},
		{typedef.SportGeneric, 0, ""}, {typedef.SportInvalid, 0, ""}, {typedef.SportGeneric, typedef.SubSportTrail, "run"}, {typedef.SportFitnessEquipment, typedef.SubSportElliptical, "fitness_equipment"},
		{typedef.SportTraining, typedef.SubSportYoga, "training"}, {typedef.SportRockClimbing, 0, "rock_climbing"}, {typedef.SportWheelchairPushRun, 0, "wheelchair"},
	} {
		if got := fitSport(c.sport, c.sub); got != c.want {
			t.Errorf("%v, %v is %q, want %q", c.sport, c.sub, got, c.want)
		}
	}
}
