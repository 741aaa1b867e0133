package tracks

import (
	"errors"
	"math"
	"time"

	"github.com/muktihari/fit/encoder"
	"github.com/muktihari/fit/profile/factory"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
	"github.com/muktihari/fit/profile/untyped/fieldnum"
	"github.com/muktihari/fit/proto"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// fitSports are written for a sport.
var fitSports = map[ports.Sport]typedef.Sport{ports.SportRun: typedef.SportRunning, ports.SportWalk: typedef.SportWalking, ports.SportHike: typedef.SportHiking}

// fitWriter writes messages, one after another, until the first error.
type fitWriter struct {
	to     *encoder.StreamEncoder
	fields []proto.Field // of the record that is written
	sport  typedef.Sport
	err    error
}

// writeFIT writes a FIT file of protocol 1: a run as an activity of one session and
// one lap, a course as a course.
func writeFIT(p *page, t ports.Track) error {
	to, err := encoder.NewStream(p)
	if err != nil {
		return err
	}
	sport, known := fitSports[t.Sport]
	if !known {
		sport = typedef.SportGeneric
	}
	w := &fitWriter{to: to, sport: sport}
	if t.Planned {
		w.course(t)
	} else {
		w.activity(t)
	}
	return errors.Join(w.err, to.SequenceCompleted())
}

// WriteAt implements io.WriterAt: the encoder comes back to a file's header.
func (p *page) WriteAt(b []byte, at int64) (int, error) {
	return copy(p.bytes[at:], b), nil
}

func (w *fitWriter) put(m proto.Message) {
	if w.err == nil {
		w.err = w.to.WriteMessage(&m)
	}
}

func (w *fitWriter) begin(kind typedef.File, at time.Time) {
	w.put(mesgdef.NewFileId(nil).SetType(kind).SetManufacturer(typedef.ManufacturerDevelopment).SetProduct(0).SetTimeCreated(at).ToMesg(nil))
}

func (w *fitWriter) timer(at time.Time, kind typedef.EventType) {
	w.put(mesgdef.NewEvent(nil).SetTimestamp(at).SetEvent(typedef.EventTimer).SetEventType(kind).ToMesg(nil))
}

// activity writes a run. Its times are whole seconds: of two fixes of a second the
// first is kept. Between two parts the timer stands.
func (w *fitWriter) activity(t ports.Track) {
	w.begin(typedef.FileActivity, fitSecond(began(t)))
	last := int64(math.MinInt64)
	var first, end ports.TrackFix
	for _, part := range t.Parts {
		running := false
		for _, f := range part.Fixes {
			at := f.Timestamp / 1000
			if at <= last {
				continue
			}
			if last == math.MinInt64 {
				first = f
			}
			if !running {
				w.timer(fitSecond(f.Timestamp), typedef.EventTypeStart)
				running = true
			}
			w.record(f, fitSecond(f.Timestamp))
			last, end = at, f
		}
		if running {
			w.timer(fitSecond(end.Timestamp), typedef.EventTypeStopAll)
		}
	}
	if last == math.MinInt64 {
		return
	}
	w.summary(t, first, end)
}

// summary writes what stands behind the records: lap, session and activity.
func (w *fitWriter) summary(t ports.Track, first, last ports.TrackFix) {
	from, to, d := fitSecond(first.Timestamp), fitSecond(last.Timestamp), t.Totals
	elapsed := d.ElapsedSeconds
	if elapsed == 0 {
		elapsed = to.Sub(from).Seconds()
	}
	lap := mesgdef.NewLap(nil).SetMessageIndex(0).SetTimestamp(to).SetStartTime(from).SetEvent(typedef.EventLap).SetEventType(typedef.EventTypeStop).SetSport(w.sport).
		SetStartPositionLat(semicircles(first.Point.Lat())).SetStartPositionLong(semicircles(first.Point.Lng())).
		SetEndPositionLat(semicircles(last.Point.Lat())).SetEndPositionLong(semicircles(last.Point.Lng())).
		SetTotalElapsedTime(scaled(elapsed, 1000)).SetTotalTimerTime(scaled(d.TimerSeconds, 1000)).SetTotalDistance(scaled(d.DistanceMeters, 100)).
		SetTotalAscent(short(d.AscentMeters)).SetTotalCalories(short(float64(t.Kilocalories))).SetLapTrigger(typedef.LapTriggerSessionEnd)
	session := mesgdef.NewSession(nil).SetMessageIndex(0).SetTimestamp(to).SetStartTime(from).SetEvent(typedef.EventLap).SetEventType(typedef.EventTypeStop).SetSport(w.sport).
		SetStartPositionLat(lap.StartPositionLat).SetStartPositionLong(lap.StartPositionLong).
		SetTotalElapsedTime(lap.TotalElapsedTime).SetTotalTimerTime(lap.TotalTimerTime).SetTotalDistance(lap.TotalDistance).
		SetTotalAscent(lap.TotalAscent).SetTotalCalories(lap.TotalCalories).SetFirstLapIndex(0).SetNumLaps(1).SetTrigger(typedef.SessionTriggerActivityEnd)
	if rate := heartByte(d.AvgHeartRate); run.Has(rate) {
		lap.SetAvgHeartRate(uint8(rate))
		session.SetAvgHeartRate(uint8(rate))
	}
	if rate := heartByte(d.MaxHeartRate); run.Has(rate) {
		lap.SetMaxHeartRate(uint8(rate))
		session.SetMaxHeartRate(uint8(rate))
	}
	w.put(lap.ToMesg(nil))
	w.put(session.ToMesg(nil))
	w.put(mesgdef.NewActivity(nil).SetTimestamp(to).SetTotalTimerTime(session.TotalTimerTime).SetNumSessions(1).SetType(typedef.ActivityManual).
		SetEvent(typedef.EventActivity).SetEventType(typedef.EventTypeStop).ToMesg(nil))
}

// record writes a fix. It is made by hand, for the library makes room for all fields
// that a record can have: four kilobytes.
func (w *fitWriter) record(f ports.TrackFix, at time.Time) {
	w.fields = w.fields[:0]
	w.set(fieldnum.RecordTimestamp, proto.Uint32(uint32(at.Unix()-fitEpoch)))
	w.set(fieldnum.RecordPositionLat, proto.Int32(semicircles(f.Point.Lat())))
	w.set(fieldnum.RecordPositionLong, proto.Int32(semicircles(f.Point.Lng())))
	if run.Has(f.Distance) {
		w.set(fieldnum.RecordDistance, proto.Uint32(scaled(f.Distance, 100)))
	}
	if f.Altitude >= lowestFIT {
		w.set(fieldnum.RecordEnhancedAltitude, proto.Uint32(scaled(f.Altitude-lowestFIT, 5)))
	}
	if rate := heartByte(f.HeartRate); run.Has(rate) {
		w.set(fieldnum.RecordHeartRate, proto.Uint8(uint8(rate)))
	}
	if steps := math.Round(128 * oneFoot(f.Cadence)); steps <= 128*maxInByte {
		w.set(fieldnum.RecordCadence, proto.Uint8(uint8(int(steps)/128)))
		w.set(fieldnum.RecordFractionalCadence, proto.Uint8(uint8(int(steps)%128)))
	}
	if run.Has(f.Accuracy) {
		w.set(fieldnum.RecordGpsAccuracy, proto.Uint8(uint8(max(1, min(math.Round(f.Accuracy), maxInByte)))))
	}
	w.put(proto.Message{Num: typedef.MesgNumRecord, Fields: w.fields})
}

func (w *fitWriter) set(number byte, v proto.Value) {
	field := factory.CreateField(typedef.MesgNumRecord, number)
	field.Value = v
	w.fields = append(w.fields, field)
}

const (
	// fitEpoch is 1989-12-31T00:00:00Z, from which FIT counts seconds.
	fitEpoch = 631_065_600
	// lowestFIT is the lowest altitude that FIT has: -500 m.
	lowestFIT = -500
)

// fitSecond is the second of a time in Unix milliseconds.
func fitSecond(unixMilli int64) time.Time { return time.Unix(unixMilli/1000, 0).UTC() }

// semicircles is an angle as FIT counts it: half a turn in 31 bits, 9 mm. 180° is
// -180°, for the greatest number says that there is none.
func semicircles(degrees float64) int32 {
	s := math.Round(degrees / 180 * (1 << 31))
	if s >= math.MaxInt32 {
		return math.MinInt32
	}
	return int32(s)
}

// scaled is a number in 32 bits, whose greatest says that there is none.
func scaled(v, scale float64) uint32 { return uint32(min(math.Round(v*scale), math.MaxUint32-1)) }

// short is a number in 16 bits, whose greatest says that there is none.
func short(v float64) uint16 { return uint16(min(math.Round(v), math.MaxUint16-1)) }
