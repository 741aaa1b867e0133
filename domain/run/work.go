package run

import "context"

// work counts the steps of measuring, and looks at the context now and then. The
// number of steps is how tests hold that they grow no faster than the run.
type work struct {
	ctx    context.Context
	rules  MeasureRules
	ground Ground
	steps  int
	err    error // the context's, once it has ended; what was made until then is worth nothing
}

func newWork(ctx context.Context) *work { return &work{ctx: ctx, rules: CurrentMeasure()} }

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

// Fixes returns how many fixes the chunks hold at most: one from before they were
// counted may hold as many as a chunk can.
func (l Ledger) Fixes() int {
	fixes := 0
	for _, e := range l.entries {
		if e.Fixes == 0 {
			e.Fixes = MaxChunkFixes
		}
		fixes += e.Fixes
	}
	return fixes
}

// What loading a chunk takes for each of its fixes beside their JSON, and what
// JSON a fix has that was never measured.
const (
	bytesPerLoadedFix = 2 * 80 // the fix, in a slice that grows
	bytesPerOldFix    = 300
)

// LoadBytes bounds the memory that it takes to load a session's chunks: their
// JSON twice, for a driver and a row both hold it, and their fixes.
func (l Ledger) LoadBytes() int64 {
	bytes := int64(0)
	for _, e := range l.entries {
		if e.Fixes == 0 {
			e.Fixes, e.Bytes = MaxChunkFixes, MaxChunkFixes*bytesPerOldFix
		}
		bytes += 2*int64(e.Bytes) + int64(e.Fixes)*bytesPerLoadedFix
	}
	return bytes
}
