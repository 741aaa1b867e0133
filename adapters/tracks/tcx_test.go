package tracks

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/ports"
)

// trackpoints are n points of TCX, one a second from a second on.
func trackpoints(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<Trackpoint><Time>%s</Time><Position><LatitudeDegrees>%.5f</LatitudeDegrees><LongitudeDegrees>127</LongitudeDegrees></Position><DistanceMeters>%d</DistanceMeters></Trackpoint>`,
			second(from+i), 37.5+float64(from+i)*2.5e-5, 3*(from+i))
	}
	return b.String()
}

// second is a time of the morning of the tests.
func second(n int) string { return time.Unix(1_777_617_000+int64(n), 0).UTC().Format(time.RFC3339) }

// lapOf is a lap with its timer, and what else is in it.
func lapOf(start int, seconds float64, inside string) string {
	return fmt.Sprintf(`<Lap StartTime="%s"><TotalTimeSeconds>%v</TotalTimeSeconds><DistanceMeters>%v</DistanceMeters><AverageHeartRateBpm><Value>%d</Value></AverageHeartRateBpm><MaximumHeartRateBpm><Value>%d</Value></MaximumHeartRateBpm>%s</Lap>`,
		second(start), seconds, 3*seconds, 140+start/10, 160+start/10, inside)
}

func tcxOf(activities ...string) string {
	return `<TrainingCenterDatabase><Activities>` + strings.Join(activities, "") + `</Activities></TrainingCenterDatabase>`
}

func activityTCX(sport string, laps ...string) string {
	return `<Activity Sport="` + sport + `"><Id>2026-05-01T06:30:00Z</Id>` + strings.Join(laps, "") + `<Creator><Name>A watch</Name></Creator></Activity>`
}

var (
	tcxLaps = tcxOf(activityTCX("Running", lapOf(0, 10, "<Track>"+trackpoints(0, 10)+"</Track>"), lapOf(10, 10, "<Track>"+trackpoints(10, 11)+"</Track>")))
	// tcxTreadmill has one lap with points, and one without.
	tcxTreadmill = tcxOf(activityTCX("Running", lapOf(0, 10, "<Track><Trackpoint><Time>"+second(0)+"</Time><DistanceMeters>0</DistanceMeters><HeartRateBpm><Value>99</Value></HeartRateBpm></Trackpoint><Trackpoint><Time>"+second(10)+"</Time><DistanceMeters>30</DistanceMeters></Trackpoint></Track>"), lapOf(10, 20, "")))
)

func TestLapsAndTracksOfTCX(t *testing.T) {
	track := func(from, n int) string { return "<Track>" + trackpoints(from, n) + "</Track>" }
	for name, c := range map[string]struct{ file, want string }{
		"laps that go on":               {tcxLaps, "[[21]]"},
		"two tracks in a lap":           {tcxOf(activityTCX("Running", lapOf(0, 20, track(0, 10)+track(35, 10)))), "[[10 10]]"},
		"a hole between laps":           {tcxOf(activityTCX("Running", lapOf(0, 10, track(0, 10)), lapOf(35, 10, track(35, 10)))), "[[10 10]]"},
		"laps that go on after a gap":   {tcxOf(activityTCX("Running", lapOf(0, 10, track(0, 5)), lapOf(10, 10, track(10, 10)))), "[[15]]"},
		"a stop within a lap":           {tcxOf(activityTCX("Running", lapOf(0, 5, track(0, 10)), lapOf(10, 10, track(10, 10)))), "[[20]]"},
		"laps that start a second late": {tcxOf(activityTCX("Running", lapOf(0, 9.4, track(0, 10)), lapOf(10, 10, track(12, 10)))), "[[20]]"},
		"two activities":                {tcxOf(activityTCX("Running", lapOf(0, 10, track(0, 10))), activityTCX("Biking", lapOf(20, 10, track(20, 9)))), "[[10] [9]]"},
		"activities of several sports":  {"<TrainingCenterDatabase><Activities><MultiSportSession><FirstSport>" + activityTCX("Biking", lapOf(0, 10, track(0, 10))) + "</FirstSport><NextSport>" + activityTCX("Running", lapOf(20, 10, track(20, 9))) + "</NextSport></MultiSportSession></Activities></TrainingCenterDatabase>", "[[10] [9]]"},
		"an empty position":             {tcxOf(activityTCX("Running", lapOf(0, 10, "<Track><Trackpoint><Time>"+second(-5)+"</Time><Position><LatitudeDegrees></LatitudeDegrees><LongitudeDegrees></LongitudeDegrees></Position></Trackpoint>"+trackpoints(0, 10)+"</Track>"))), "[[10]]"},
		"a lap without an activity":     {"<TrainingCenterDatabase>" + track(0, 3) + "</TrainingCenterDatabase>", "[[3]]"},
	} {
		t.Run(name, func(t *testing.T) {
			var got [][]int
			for _, a := range readAll(t, []byte(c.file)) {
				got = append(got, sizes(a))
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestTheDeviceOfATCXFile(t *testing.T) {
	a := read(t, []byte(tcxLaps))
	if want := (ports.DeviceTotals{TimerSeconds: 20, DistanceMeters: 60, AvgHeartRate: 140.5, MaxHeartRate: 161}); a.Device != want || a.Sport != "run" || a.Name != "" {
		t.Errorf("%+v, want %+v", a, want)
	}
	if f := a.Fixes()[20]; f.Distance != 60 {
		t.Errorf("%v m, want 60", f.Distance)
	}
	unknown := read(t, []byte(strings.Replace(tcxLaps, "<TotalTimeSeconds>10</TotalTimeSeconds>", "", 1)))
	if unknown.Device.TimerSeconds != 0 {
		t.Errorf("half of the laps have no time, and all have %v s", unknown.Device.TimerSeconds)
	}
	if a := read(t, []byte(strings.ReplaceAll(tcxLaps, "Running", "Other"))); a.Sport != "" {
		t.Errorf("%q", a.Sport)
	}
}

func TestATreadmillOfTCX(t *testing.T) {
	a := read(t, []byte(tcxTreadmill))
	fixes := a.Fixes()
	if !a.Indoor || len(fixes) != 4 || a.Device.TimerSeconds != 30 || a.Device.DistanceMeters != 90 || a.SkippedPoints != 0 {
		t.Fatalf("%+v", a)
	}
	if f := fixes[3]; f.Distance != 90 || f.Timestamp-fixes[0].Timestamp != 30_000 || f.HasPlace {
		t.Errorf("%+v", f)
	}
	if fixes[0].HeartRate != 99 || math.Abs(fixes[2].HeartRate-141) > 1e-9 {
		t.Errorf("heart rates %v and %v", fixes[0].HeartRate, fixes[2].HeartRate)
	}
}

func TestACourseOfTCXIsPlanned(t *testing.T) {
	a := read(t, []byte(`<TrainingCenterDatabase><Courses><Course><Name>Hill</Name><Lap><TotalTimeSeconds>9</TotalTimeSeconds></Lap><Track>`+trackpoints(0, 3)+`</Track></Course></Courses></TrainingCenterDatabase>`))
	if !a.Planned || a.Name != "Hill" || len(a.Fixes()) != 3 {
		t.Errorf("%+v", a)
	}
}
