package tracks

import (
	"context"

	"github.com/muktihari/fit/decoder"
	"github.com/muktihari/fit/profile/basetype"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
	"github.com/muktihari/fit/proto"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// leastFITBytes is a record of a header and two coordinates that are cut short.
const leastFITBytes = 3

var errNoActivity = badTrack("the FIT file is no activity")

// readFIT reads the records of an activity that have a place. The decoder hands
// over one message after another and keeps none.
func readFIT(src *source) (ports.Track, error) {
	ctx, stop := context.WithCancelCause(src.in.ctx)
	defer stop(nil)
	a := &activity{stop: stop}
	dec := decoder.New(src, decoder.WithMesgListener(a), decoder.WithMesgDefListener(a), decoder.WithBroadcastOnly())
	_, err := dec.DecodeWithContext(ctx)
	switch cause := context.Cause(ctx); {
	case cause != nil: // the decoder was stopped, or ended before it could be
		return ports.Track{}, cause
	case err != nil:
		return ports.Track{}, broken(err, "the FIT file is cut off or broken")
	case !a.is:
		return ports.Track{}, errNoActivity
	}
	return ports.Track{Fixes: a.fixes.all()}, nil
}

// activity counts the messages of a FIT file and keeps its places.
type activity struct {
	stop func(error) // before the next message
	is   bool        // the file says that it is one

	defined      [proto.LocalMesgNumMask + 1]int // fields of the messages to come
	messages     int
	fields       int
	descriptions int
	record       mesgdef.Record
	fixes        fixes
}

// OnMesgDef implements decoder.MesgDefListener.
func (a *activity) OnMesgDef(d proto.MessageDefinition) {
	a.defined[d.Header&proto.LocalMesgNumMask] = len(d.FieldDefinitions) + len(d.DeveloperFieldDefinitions)
	a.count(1 + len(d.FieldDefinitions) + len(d.DeveloperFieldDefinitions))
}

// OnMesg implements decoder.MesgListener.
func (a *activity) OnMesg(m proto.Message) {
	a.count(a.defined[proto.LocalMesgNum(m.Header)&proto.LocalMesgNumMask])
	switch m.Num {
	case typedef.MesgNumFileId:
		if a.is = mesgdef.NewFileId(&m).Type == typedef.FileActivity; !a.is {
			a.stop(errNoActivity)
		}
	case typedef.MesgNumFieldDescription:
		if a.descriptions++; a.descriptions > MaxDescriptions {
			a.stop(tooComplex("field descriptions", a.descriptions, MaxDescriptions))
		}
	case typedef.MesgNumRecord:
		a.record.Reset(&m)
		if err := a.add(&a.record); err != nil {
			a.stop(err)
		}
	}
}

// count counts a message, or a definition, and its fields.
func (a *activity) count(fields int) {
	a.messages++
	a.fields += fields
	switch {
	case a.messages > MaxMessages:
		a.stop(tooComplex("messages", a.messages, MaxMessages))
	case a.fields > MaxFields:
		a.stop(tooComplex("fields", a.fields, MaxFields))
	}
}

func (a *activity) add(r *mesgdef.Record) error {
	if r.PositionLat == basetype.Sint32Invalid || r.PositionLong == basetype.Sint32Invalid {
		return nil
	}
	f := ports.TrackFix{
		Timestamp: r.Timestamp.UnixMilli(), HasTime: !r.Timestamp.IsZero(),
		Altitude:  first(r.EnhancedAltitudeScaled(), r.AltitudeScaled()),
		Speed:     first(r.EnhancedSpeedScaled(), r.SpeedScaled()),
		HeartRate: run.Absent, Cadence: run.Absent,
	}
	if r.HeartRate != basetype.Uint8Invalid {
		f.HeartRate = float64(r.HeartRate)
	}
	if r.Cadence != basetype.Uint8Invalid {
		f.Cadence = 2 * float64(r.Cadence) // FIT counts strides of one leg
	}
	return a.fixes.add(r.PositionLatDegrees(), r.PositionLongDegrees(), f)
}
