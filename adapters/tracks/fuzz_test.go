package tracks

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/budget/budgettest"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// rubbish is what the readers of XML and JSON make and drop at most, for each byte.
const rubbish = 64

// unharmed reads a file that is meant to break the reader: whatever it accepts is in
// range and can be written, and no file makes it take more memory in all than its
// price and what is dropped on the way.
func unharmed(t *testing.T, data []byte) {
	budget := &budgettest.Purse{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read, err := New(budget).Read(t.Context(), data)
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > uint64(max(budget.Taken(), workingBytes)+rubbish*inflatableZip(len(data))) {
		t.Fatalf("%d bytes took %d bytes, at a price of %d", len(data), taken, budget.Taken())
	}
	if budget.Held() != 0 {
		t.Fatalf("%d bytes are not given back", budget.Held())
	}
	if err != nil {
		if fault.As(err) == nil {
			t.Fatalf("an error that is no fault: %v", err)
		}
		return
	}
	readable := false
	for _, a := range read {
		if readable = readable || a.Err == nil; a.Err != nil {
			if fault.As(a.Err) == nil || len(a.Parts) > 0 {
				t.Fatalf("%+v", a)
			}
			continue
		}
		if len(a.Parts) == 0 {
			t.Fatalf("an activity of nothing: %+v", a)
		}
		for _, p := range a.Parts {
			inRange(t, a, p)
		}
		for format := range writers {
			if _, err := (Files{}).Write(ports.Track{Name: a.Name, Sport: a.Sport, Parts: a.Parts, Totals: a.Device}, format); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !readable {
		t.Fatal("nothing is answered as something")
	}
}

func inRange(t *testing.T, a ports.Activity, p ports.TrackPart) {
	if len(p.Fixes) == 0 {
		t.Fatal("a part of nothing")
	}
	for _, f := range p.Fixes {
		if f.HasPlace == a.Indoor || a.Indoor && !f.HasTime {
			t.Fatalf("indoors is %v, and a fix is %+v", a.Indoor, f)
		}
		for _, v := range []struct{ v, lo, hi float64 }{
			{f.HeartRate, math.SmallestNonzeroFloat64, run.MaxHeartRate}, {f.Cadence, 0, run.MaxCadence}, {f.Speed, 0, run.MaxSpeedMS},
			{f.Accuracy, math.SmallestNonzeroFloat64, run.MaxAccuracyMeters}, {f.Altitude, run.MinAltitudeMeters, run.MaxAltitudeMeters}, {f.Distance, 0, run.MaxRunMeters},
		} {
			if run.Has(v.v) && !(v.v >= v.lo && v.v <= v.hi) {
				t.Fatalf("%+v", f)
			}
		}
	}
}

func FuzzGPX(f *testing.F) {
	f.Add([]byte(gpx11))
	f.Add([]byte(gpx10))
	f.Add([]byte(strings.Repeat("<gpx>", 50)))
	f.Add([]byte("<?xml version='1.1' encoding='shift_jis'?><gpx><rte><rtept lat='1' lon='180.01'/>&<!--&--></rte></gpx>"))
	f.Add(zipped(f, []byte(gpx11)))
	f.Add(daysApart(3))
	f.Add([]byte("\xff\xfe<\x00g\x00p\x00x\x00/\x00>\x00"))
	f.Fuzz(unharmed)
}

func FuzzTCX(f *testing.F) {
	f.Add([]byte(tcx1))
	f.Add([]byte(tcxLaps))
	f.Add([]byte(tcxTreadmill))
	f.Fuzz(unharmed)
}

// FuzzFIT tries its input as a file, and as the messages of a file that is right.
func FuzzFIT(f *testing.F) {
	f.Add(fitFile(f))
	f.Add(fitFile(f)[14:])
	f.Add(append(fitFile(f), fitFile(f)...))
	f.Add(fitRecords(3, fitDefinition(3, 206, fields(20, 20)...), make([]byte, 401)))
	f.Add(fitSessions(f))
	f.Add(fitSessions(f)[14:])
	f.Fuzz(func(t *testing.T, data []byte) {
		unharmed(t, data)
		unharmed(t, fitOf(data))
	})
}

func FuzzKML(f *testing.F) {
	f.Add([]byte(kmlTrack))
	f.Add([]byte(kmlLine))
	f.Fuzz(unharmed)
}

func FuzzGeoJSON(f *testing.F) {
	f.Add([]byte(geoJSONLine))
	f.Add([]byte(geoJSONCollection))
	f.Fuzz(unharmed)
}

// FuzzZip tries its input as a zip, and as a file in one.
func FuzzZip(f *testing.F) {
	f.Add(zipOf(f, file{"run.gpx", []byte(gpx11)}, file{"run.tcx.gz", zipped(f, []byte(tcx1))}, file{"a/b.txt", nil}))
	f.Add(zipOf(f))
	f.Add(zipOf(f, file{"doc.kml", []byte(kmlTrack)}, file{"files/a.png", []byte("\x89PNG")}))
	f.Add([]byte(gpx11))
	f.Fuzz(func(t *testing.T, data []byte) {
		unharmed(t, data)
		unharmed(t, zipOf(t, file{"a", data}, file{"b.kml", data}))
	})
}
