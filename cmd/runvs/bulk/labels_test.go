package bulk

import (
	"testing"
	"time"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/ports"
)

func taken(t *testing.T, name, data string) (*labels, []string) {
	t.Helper()
	l := &labels{byFile: map[string]app.ImportLabel{}}
	named, err := l.take(name, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return l, named
}

func TestTitlesOfStrava(t *testing.T) {
	l, named := taken(t, "export/activities.csv", "활동 ID,활동 날짜,활동 이름,활동 종류,파일 이름\n"+
		"1,2024,한강 \"아침\",달리기,activities/1.FIT.gz\n2,2024,short\n3,2024,no file,,\n4,2024,\"a, b\",달리기,activities/4.gpx,media/4.jpg\n")
	if len(named) != 2 || named[0] != "export/activities/1.FIT.gz" {
		t.Errorf("%q", named)
	}
	for name, want := range map[string]string{
		"export/activities/1.FIT.gz": `한강 "아침"`, "export/activities/1.fit": `한강 "아침"`, "export/activities/4.gpx": "a, b", "activities/4.gpx": "", "export/activities/2.gpx": "",
	} {
		if got := l.of(name, time.Time{}); got != (app.ImportLabel{Title: want}) { // what 달리기 is, the file must say
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSportsOfStravaAreReadInEnglish(t *testing.T) {
	l, _ := taken(t, "activities.csv", "Activity ID,Activity Date,Activity Name,Activity Type,Filename\n"+
		"1,,a,Run,activities/1.gpx\n2,,b,Trail Run,activities/2.gpx\n3,,c,Walk,activities/3.gpx\n4,,d,Hike,activities/4.gpx\n5,,e,E-Bike Ride,activities/5.gpx\n")
	for name, want := range map[string]ports.Sport{"1": "run", "2": "run", "3": "walk", "4": "hike", "5": "e-bike ride"} {
		if got := l.of("activities/"+name+".gpx", time.Time{}).Sport; got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTitlesOfGarminAreThoseOfTheTime(t *testing.T) {
	at := time.Date(2024, 3, 1, 6, 30, 0, 0, time.UTC)
	l, _ := taken(t, "x_0_summarizedActivities.json", `[{"summarizedActivitiesExport":[
		{"name":"later","activityType":"running","beginTimestamp":1709278200000},
		{"name":"first","activityType":"cycling","startTimeGmt":1709274600000.0},{"name":"without a time"}]}]`)
	for after, want := range map[time.Duration]string{
		0: "first", 119 * time.Second: "first", -2 * time.Minute: "first", 121 * time.Second: "", -3 * time.Minute: "",
		time.Hour: "later", 59 * time.Minute: "later", 62 * time.Minute: "later", 63 * time.Minute: "", 24 * time.Hour: "",
	} {
		if got := l.of("x.fit", at.Add(after)).Title; got != want {
			t.Errorf("after %s: %q, want %q", after, got, want)
		}
	}
	if got := l.of("x.fit", time.Time{}).Title; got != "" {
		t.Errorf("a file without times is called %q", got)
	}
	if empty := (&labels{}).of("x.fit", at); empty != (app.ImportLabel{}) {
		t.Errorf("%+v", empty)
	}
}

func TestBrokenTitles(t *testing.T) {
	for name, data := range map[string]string{
		"activities.csv": "", "x_summarizedActivities.json": `[{"summarizedActivitiesExport":[{"name":1}]}]`, "y_summarizedActivities.json": "",
	} {
		l := &labels{byFile: map[string]app.ImportLabel{}}
		if _, err := l.take(name, []byte(data)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
