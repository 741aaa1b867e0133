package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muktihari/fit/encoder"
	"github.com/muktihari/fit/profile/filedef"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
)

// day is a morning of its own for each recording.
func day(n int) time.Time { return time.Date(2024, 3, 1, 6, 30, 0, 0, time.UTC).AddDate(0, 0, n) }

// gpxOf is a recording of seconds, 3 m/s to the north, of a type; "" says none.
func gpxOf(start time.Time, seconds int, sport string, shift float64) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><gpx version="1.1"><trk><name>the watch's</name>`)
	if sport != "" {
		b.WriteString("<type>" + sport + "</type>")
	}
	b.WriteString("<trkseg>")
	for i := range seconds {
		fmt.Fprintf(&b, `<trkpt lat="%.6f" lon="%.6f"><ele>10</ele><time>%s</time></trkpt>`,
			37.5+float64(i)*3/111_000, 127+shift, start.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	b.WriteString("</trkseg></trk></gpx>")
	return []byte(b.String())
}

// fitOf is a FIT file; indoors no record has a place.
func fitOf(t testing.TB, kind typedef.File, start time.Time, seconds int, sport typedef.Sport, indoors bool) []byte {
	t.Helper()
	a := filedef.NewActivity()
	a.FileId = *mesgdef.NewFileId(nil).SetType(kind).SetTimeCreated(start)
	for i := range seconds {
		r := mesgdef.NewRecord(nil).SetTimestamp(start.Add(time.Duration(i) * time.Second)).SetHeartRate(140).SetDistanceScaled(3 * float64(i))
		if !indoors {
			r.SetPositionLatDegrees(37.5 + float64(i)*3/111_000).SetPositionLongDegrees(127)
		}
		a.Records = append(a.Records, r)
	}
	end := start.Add(time.Duration(seconds-1) * time.Second)
	s := mesgdef.NewSession(nil).SetStartTime(start).SetTimestamp(end).SetSport(sport).
		SetTotalTimerTimeScaled(float64(seconds - 1)).SetTotalElapsedTimeScaled(float64(seconds - 1)).SetTotalDistanceScaled(3 * float64(seconds-1))
	if indoors {
		s.SetSubSport(typedef.SubSportTreadmill)
	}
	a.Sessions = []*mesgdef.Session{s}
	data := a.ToFIT(nil)
	var out bytes.Buffer
	if err := encoder.New(&out).Encode(&data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packed is a file of an archive.
type packed struct {
	name string
	data []byte
}

func zipOf(t testing.TB, files ...packed) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpacked writes files to a folder.
func unpacked(t testing.TB, dir string, files ...packed) {
	t.Helper()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// stravaExport is as Strava's: its table has quotes, line breaks, a title of Korean,
// runs without a file, and a file that is not there.
func stravaExport(t testing.TB) []packed {
	first := gpxOf(day(0), 300, "running", 0)
	cut := gpxOf(day(7), 300, "running", 0)
	return []packed{
		{"media/1.jpg", []byte("a picture")},
		{"profile.csv", []byte("Name\nMina\n")},
		{"activities.csv", []byte("\ufeffActivity ID,Activity Date,Activity Name,Activity Type,Activity Description,Filename\n" +
			`1,"Mar 1, 2024, 6:30:00 AM","Han ""river"", east",Run,"two` + "\n" + `lines",activities/1.gpx` + "\n" +
			`2,"Mar 2, 2024, 6:30:00 AM",한강 아침 달리기,Run,,activities/2.fit.gz` + "\n" +
			`3,"Mar 3, 2024, 6:30:00 AM",By bike,Ride,,activities/3.gpx.gz` + "\n" +
			`4,"Mar 4, 2024, 6:30:00 AM",By bike,Ride,,activities/4.gpx` + "\n" +
			`5,"Mar 5, 2024, 6:30:00 AM",By hand,Run,,` + "\n" +
			`8,"Mar 8, 2024, 6:30:00 AM",Gone,Run,,activities/gone.fit.gz` + "\n" +
			`9,"Mar 9, 2024, 6:30:00 AM",벨트,Run,,activities/9.fit.gz` + "\n")},
		{"activities/1.gpx", first},
		{"activities/1_again.gpx", first},
		{"activities/1_phone.gpx", gpxOf(day(0).Add(2*time.Second), 298, "running", 0.00005)},
		{"activities/2.fit.gz", gzipped(t, fitOf(t, typedef.FileActivity, day(1), 300, typedef.SportRunning, false))},
		{"activities/3.gpx.gz", gzipped(t, gpxOf(day(2), 300, "cycling", 0))},
		{"activities/4.gpx", gpxOf(day(3), 300, "", 0)}, // only the table says what it is
		{"activities/5.tcx", []byte("<TrainingCenterDatabase>")},
		{"activities/7.gpx.gz", gzipped(t, cut)[:400]},
		{"activities/9.fit.gz", gzipped(t, fitOf(t, typedef.FileActivity, day(8), 300, typedef.SportRunning, true))},
	}
}

// garminExport is as Garmin's: recordings in a zip, among what else a watch keeps, and
// their names in a table of another folder.
func garminExport(t testing.TB) []packed {
	table := fmt.Sprintf(`[{"summarizedActivitiesExport":[
{"activityId":11,"name":"서울 러닝","activityType":"running","beginTimestamp":%d,"startTimeGmt":%d.0},
{"activityId":12,"name":"Another day","activityType":"running","beginTimestamp":%d}]}]`,
		day(20).Add(-20*time.Second).UnixMilli(), day(20).UnixMilli(), day(21).UnixMilli())
	return []packed{
		{"DI_CONNECT/DI-Connect-Fitness/mina_0_summarizedActivities.json", []byte(table)},
		{"DI_CONNECT/DI-Connect-Wellness/sleep.json", []byte("[]")},
		{"DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip", zipOf(t,
			packed{"mina_501.fit", fitOf(t, typedef.FileActivity, day(20), 300, typedef.SportRunning, false)},
			packed{"mina_502.fit", fitOf(t, typedef.FileMonitoringB, day(20), 3, typedef.SportGeneric, true)},
			packed{"mina_503.fit", fitOf(t, typedef.FileActivity, day(30), 300, typedef.SportRunning, false)},
			packed{"mina_504.fit", fitOf(t, typedef.FileActivity, day(31), 300, typedef.SportCycling, false)})},
	}
}
