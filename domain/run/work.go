package run

import "context"

// work counts the steps of measuring, and looks at the context now and then. The
// number of steps is how tests hold that they grow no faster than the run.
type work struct {
	ctx   context.Context
	steps int
	err   error // the context's, once it has ended; what was made until then is worth nothing
}

// stepsBetweenLooks is under a millisecond of work.
const stepsBetweenLooks = 4096

// step counts one step and reports whether to go on.
func (w *work) step() bool {
	if w.steps++; w.steps%stepsBetweenLooks == 0 {
		w.look()
	}
	return w.err == nil
}

// look is apart from step so that step costs no call.
func (w *work) look() { w.err = w.ctx.Err() }

// What measuring takes, as a test holds it: bytes for each fix, and for what the
// pauses of the most chunks take.
const (
	bytesPerFix    = 224
	bytesForPauses = 12 << 20
)

// MeasureBytes bounds the memory that NewRecord, Measure or Filter take for so
// many fixes, beside the chunks that they are given.
func MeasureBytes(fixes int) int64 { return bytesForPauses + int64(fixes)*bytesPerFix }
