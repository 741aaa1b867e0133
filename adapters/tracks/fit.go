package tracks

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/muktihari/fit/decoder"
	"github.com/muktihari/fit/profile/basetype"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
	"github.com/muktihari/fit/proto"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// leastFITBytes is a record of a header with a time in it, and a heart rate.
const leastFITBytes = 2

// readFIT reads the activities of a FIT file, and of those that are chained to it.
// What is whole of a broken one is read. The decoder hands over one message after
// another and keeps none.
func readFIT(src *source, c *content) error {
	ctx, stop := context.WithCancelCause(src.in.ctx)
	defer stop(nil)
	a := &fitActivity{content: c, stop: stop}
	dec := decoder.New(nil)
	for files := 1; ; files++ {
		file, err := nextFIT(src)
		switch {
		case errors.Is(err, io.EOF):
			return a.nothing(nil)
		case err != nil && files > 1 && fromFile(err): // something that is no file stands behind one
			c.damaged()
			return a.nothing(nil)
		case err != nil:
			return err
		case files > MaxActivities:
			return errTooManyActivities.With("value", files)
		}
		a.begin()
		dec.Reset(file, decoder.WithMesgListener(a), decoder.WithMesgDefListener(a), decoder.WithBroadcastOnly(), decoder.WithIgnoreChecksum())
		_, err = dec.DecodeWithContext(ctx)
		if cause := context.Cause(ctx); cause != nil { // the decoder was stopped, or ended before it could be
			return cause
		}
		if err != nil && known(err) {
			return err
		}
		whole, closing := file.close(src)
		if closing != nil {
			return closing
		}
		if err := a.end(whole && err == nil); err != nil {
			return err
		}
		if err != nil && len(c.recordings) == 0 {
			a.why = errNotFIT.Because(err)
		}
	}
}

// fromFile reports whether an error says that a file is broken.
func fromFile(err error) bool { return errors.Is(err, ports.ErrBadTrack) }

// fitActivity counts the messages of FIT files and keeps what they tell of an
// activity.
type fitActivity struct {
	*content
	stop func(error) // before the next message
	why  error       // there is nothing

	defined      [proto.LocalMesgNumMask + 1]int // fields of the messages to come
	messages     int
	fields       int
	descriptions int
	record       mesgdef.Record

	// What follows is of one of the chained files.
	kind     typedef.File
	first    int // sample
	bad      int // records whose place is none
	name     string
	sport    ports.Sport // where no session tells it
	sessions []fitSession
	timer    []timerEvent
}

// fitSession is what a session says of itself.
type fitSession struct {
	start   int64 // Unix milliseconds
	started bool  // it says when
	sport   ports.Sport
	totals  ports.DeviceTotals
}

// timerEvent says that the timer ran, or did not, from a time on.
type timerEvent struct {
	at    int64
	stops bool
}

// OnMesgDef implements decoder.MesgDefListener.
func (a *fitActivity) OnMesgDef(d proto.MessageDefinition) {
	a.defined[d.Header&proto.LocalMesgNumMask] = len(d.FieldDefinitions) + len(d.DeveloperFieldDefinitions)
	a.count(1 + len(d.FieldDefinitions) + len(d.DeveloperFieldDefinitions))
}

// OnMesg implements decoder.MesgListener.
func (a *fitActivity) OnMesg(m proto.Message) {
	a.count(a.defined[proto.LocalMesgNum(m.Header)&proto.LocalMesgNumMask])
	switch m.Num {
	case typedef.MesgNumFileId:
		a.kind = mesgdef.NewFileId(&m).Type
	case typedef.MesgNumFieldDescription:
		if a.descriptions++; a.descriptions > MaxDescriptions {
			a.stop(tooComplex("field descriptions", a.descriptions, MaxDescriptions))
		}
	case typedef.MesgNumRecord:
		a.record.Reset(&m)
		if err := a.takeRecord(&a.record); err != nil {
			a.stop(err)
		}
	case typedef.MesgNumEvent:
		a.takeEvent(mesgdef.NewEvent(&m))
	case typedef.MesgNumSession:
		a.takeSession(mesgdef.NewSession(&m))
	case typedef.MesgNumSport:
		s := mesgdef.NewSport(&m)
		a.sport = fitSport(s.Sport, s.SubSport)
	case typedef.MesgNumLap:
		if l := mesgdef.NewLap(&m); a.sport == "" {
			a.sport = fitSport(l.Sport, l.SubSport)
		}
	case typedef.MesgNumCourse:
		course := mesgdef.NewCourse(&m)
		a.name, a.sport = course.Name, fitSport(course.Sport, course.SubSport)
	}
}

// count counts a message, or a definition, and its fields.
func (a *fitActivity) count(fields int) {
	a.messages++
	a.fields += fields
	switch {
	case a.messages > MaxMessages:
		a.stop(tooComplex("messages", a.messages, MaxMessages))
	case a.fields > MaxFields:
		a.stop(tooComplex("fields", a.fields, MaxFields))
	}
}

// takeRecord keeps a record, with or without a place.
func (a *fitActivity) takeRecord(r *mesgdef.Record) error {
	f := blank()
	if f.HasTime = !r.Timestamp.IsZero(); f.HasTime {
		f.Timestamp = r.Timestamp.UnixMilli()
	}
	if r.PositionLat != basetype.Sint32Invalid && r.PositionLong != basetype.Sint32Invalid && !place(&f, r.PositionLatDegrees(), r.PositionLongDegrees()) {
		a.bad++
	}
	set(&f, altitude, first(r.EnhancedAltitudeScaled(), r.AltitudeScaled()))
	set(&f, speed, first(r.EnhancedSpeedScaled(), r.SpeedScaled()))
	set(&f, distance, r.DistanceScaled())
	if r.GpsAccuracy != basetype.Uint8Invalid {
		set(&f, accuracy, float64(r.GpsAccuracy))
	}
	if r.HeartRate != basetype.Uint8Invalid {
		set(&f, heartRate, float64(r.HeartRate))
	}
	if r.Cadence != basetype.Uint8Invalid {
		steps := float64(r.Cadence)
		if fraction := r.FractionalCadenceScaled(); run.Has(fraction) {
			steps += fraction
		}
		set(&f, cadence, steps)
	}
	says := run.Has(f.HeartRate) || run.Has(f.Cadence) || run.Has(f.Speed) || run.Has(f.Distance)
	if !f.HasPlace && !(f.HasTime && says) {
		return nil
	}
	_, err := a.add(f)
	return err
}

// first returns the first value that is there.
func first(a, b float64) float64 {
	if run.Has(a) {
		return a
	}
	return b
}

// takeEvent notes when the timer stops and starts.
func (a *fitActivity) takeEvent(e *mesgdef.Event) {
	if e.Event != typedef.EventTimer || e.Timestamp.IsZero() {
		return
	}
	at := timerEvent{at: e.Timestamp.UnixMilli()}
	switch e.EventType {
	case typedef.EventTypeStart:
	case typedef.EventTypeStop, typedef.EventTypeStopAll, typedef.EventTypeStopDisable, typedef.EventTypeStopDisableAll:
		at.stops = true
	default:
		return
	}
	if a.timer = append(a.timer, at); len(a.timer) > 2*MaxParts {
		a.stop(tooComplex("timer events", len(a.timer), 2*MaxParts))
	}
}

// takeSession keeps what a session says.
func (a *fitActivity) takeSession(m *mesgdef.Session) {
	s := fitSession{start: math.MinInt64, sport: fitSport(m.Sport, m.SubSport), totals: ports.DeviceTotals{
		TimerSeconds: known0(m.TotalTimerTimeScaled()), ElapsedSeconds: known0(m.TotalElapsedTimeScaled()), DistanceMeters: known0(m.TotalDistanceScaled()),
	}}
	if !m.StartTime.IsZero() {
		s.start, s.started = m.StartTime.UnixMilli(), true
	}
	if m.TotalAscent != basetype.Uint16Invalid {
		s.totals.AscentMeters = float64(m.TotalAscent)
	}
	if m.AvgHeartRate != basetype.Uint8Invalid {
		s.totals.AvgHeartRate = float64(m.AvgHeartRate)
	}
	if m.MaxHeartRate != basetype.Uint8Invalid {
		s.totals.MaxHeartRate = float64(m.MaxHeartRate)
	}
	if a.sessions = append(a.sessions, s); len(a.sessions) > MaxActivities {
		a.stop(errTooManyActivities.With("value", len(a.sessions)))
	}
}

// known0 is a total, 0 for one that is absent.
func known0(v float64) float64 {
	if v > 0 {
		return v
	}
	return 0
}

// fitSport reads a sport; a generic one may be told by its kind, as of a treadmill.
func fitSport(s typedef.Sport, sub typedef.SubSport) ports.Sport {
	switch s {
	case typedef.SportInvalid, typedef.SportAll:
		return ""
	case typedef.SportGeneric, typedef.SportFitnessEquipment:
		switch sub {
		case typedef.SubSportTreadmill, typedef.SubSportStreet, typedef.SubSportTrail, typedef.SubSportTrack, typedef.SubSportIndoorRunning:
			return ports.SportRun
		case typedef.SubSportIndoorWalking, typedef.SubSportCasualWalking, typedef.SubSportSpeedWalking:
			return ports.SportWalk
		}
		if s == typedef.SportGeneric {
			return sportOf(sub.String())
		}
	}
	if sport := sportOf(s.String()); sport != "" {
		return sport
	}
	return ports.Sport(s.String())
}
