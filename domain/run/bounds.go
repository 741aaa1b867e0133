package run

import (
	"time"

	"github.com/runvs/runvs/domain/bound"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

// The bounds of a run: what is beyond them is no run on foot.
const (
	// MaxRunSeconds is three days. Longer races are run in stages, each a run.
	MaxRunSeconds = 72 * 3600
	// MaxRunMeters is far beyond three days: the record of six is little more.
	MaxRunMeters = 1_000_000
	// MaxLegMeters is how far apart two neighbouring fixes may lie if the way between
	// them is to count as run. A longer way hides over half an hour of running.
	MaxLegMeters = 5_000
	// MaxFixesPerSecond is how many fixes of a second are measured. In a tenth of a
	// second the fastest runner moves 1.2 m, which is less than the error of a fix.
	MaxFixesPerSecond = 10
	// MaxSplits follows from MaxRunMeters.
	MaxSplits = MaxRunMeters / splitMeters
	// MaxPauses is how many sent pauses a record has: one in 26 s for three days. Of
	// more than that, only the longest count. Recording gaps need no bound of their
	// own: each takes over half a minute of MaxRunSeconds.
	MaxPauses = 10_000
)

// The bounds of a session: what a run within its bounds can be.
const (
	// MaxSessionFixes is one a second for MaxRunSeconds, and some to spare.
	MaxSessionFixes = 300_000
	// MaxSessionChunks is how many chunks a session may have at any time. An older
	// session may have ChunksPerMinute since it was made, by our clock. Phones send a
	// chunk a minute, so this is twice what they need; without it a run would be cut
	// off after 5 hours.
	MaxSessionChunks = 300
	ChunksPerMinute  = 2
	// MaxSessionBytes of points and claims, as JSON: 220 for each of MaxSessionFixes.
	MaxSessionBytes = 64 << 20
)

// The bounds of a runner.
const (
	// MaxActiveSessions is one for a phone, one for a watch, one for a tablet, and two
	// that were forgotten.
	MaxActiveSessions = 5
	// MaxImportsADay is how many files a person may import within 24 hours: years of
	// running fit in a week.
	MaxImportsADay = 500
	importWindow   = 24 * time.Hour
)

// The answers to what is beyond a bound; each says the "limit" and the "value"
// that is over it, or when to come again.
var (
	ErrRunTooLong      = fault.New(fault.Invalid, "run_too_long", "longer than any run on foot: no record is made of it")
	ErrSessionFull     = fault.New(fault.Conflict, "session_full", "the session holds as much as a run can: send later what is refused for its number, else complete it with total_chunks or recover it")
	ErrTooManySessions = fault.New(fault.Conflict, "too_many_sessions", "too many sessions are active; complete, recover or abandon one of them")
	ErrImportQuota     = fault.New(fault.RateLimited, "import_quota_exceeded", "as many files as may be imported in 24 hours were; the time in Retry-After says when the next may")
)

// checkRoom refuses a chunk that does not fit into its session any more. age is how
// long ago the session was made. A chunk that is refused because there are too many
// fits later; the answer says when.
func (l Ledger) checkRoom(c Chunk, age time.Duration) error {
	fixes, bytes := l.size()
	if most := max(MaxSessionChunks, ChunksPerMinute*int(age/time.Minute)); l.Len() >= most {
		wait := time.Duration(l.Len()/ChunksPerMinute+1)*time.Minute - age
		return ErrSessionFull.With("what", "chunks").With("value", l.Len()+1).With("limit", most).With("retry_after", int(wait/time.Second)+1)
	}
	for _, b := range [...]struct {
		what         string
		value, limit int
	}{
		{"fixes", fixes + len(c.Fixes()), MaxSessionFixes},
		{"bytes", bytes + c.Bytes(), MaxSessionBytes},
	} {
		if b.value > b.limit {
			return ErrSessionFull.With("what", b.what).With("value", b.value).With("limit", b.limit)
		}
	}
	return nil
}

// Crowded reports whether the session's chunks must be decided on one after
// another, because together they could break a bound that each alone keeps. Below
// a quarter of the bounds this is not needed: over 40 of the largest chunks would
// have to come at once, and a store does not decide on so many at once.
func (l Ledger) Crowded() bool {
	const part = 4
	fixes, bytes := l.size()
	return l.Len() > MaxSessionChunks/part || fixes > MaxSessionFixes/part || bytes > MaxSessionBytes/part
}

// CheckActive refuses one more active session of a runner beside others.
func CheckActive(others []id.Session) error {
	if len(others) < MaxActiveSessions {
		return nil
	}
	names := make([]string, len(others))
	for i, s := range others {
		names[i] = s.String()
	}
	return ErrTooManySessions.With("value", len(others)+1).With("limit", MaxActiveSessions).With("active", names)
}

// CheckImports refuses one more import of a runner at now. earliest is when the
// MaxImportsADay-th newest import was made; it is the zero time when there are
// fewer.
func CheckImports(earliest, now time.Time) error {
	wait := earliest.Add(importWindow).Sub(now)
	if earliest.IsZero() || wait <= 0 {
		return nil
	}
	return ErrImportQuota.With("value", MaxImportsADay+1).With("limit", MaxImportsADay).With("retry_after", int((wait+time.Second-1)/time.Second))
}

// Bounds lists the bounds of runs, sessions and claims for people.
func Bounds() []bound.Bound {
	full := ErrSessionFull.Code
	return []bound.Bound{
		{Name: "a run", Limit: MaxRunSeconds / 3600, Unit: "hours", Code: ErrRunTooLong.Code},
		{Name: "a run", Limit: MaxRunMeters / 1000, Unit: "km", Code: ErrRunTooLong.Code},
		{Name: "a run, measured", Limit: MaxFixesPerSecond, Unit: "fixes a second"},
		{Name: "a leg that counts", Limit: MaxLegMeters / 1000, Unit: "km"},
		{Name: "splits of a record", Limit: int(MaxSplits)},
		{Name: "sent pauses of a record", Limit: MaxPauses},
		{Name: "a session", Limit: MaxSessionFixes, Unit: "fixes", Code: full},
		{Name: "a session", Limit: MaxSessionBytes >> 20, Unit: "MiB of points and claims", Code: full},
		{Name: "a session", Limit: MaxSessionChunks, Unit: "chunks, or two for every minute since it was made", Code: full},
		{Name: "a chunk", Limit: MaxChunkFixes, Unit: "fixes", Code: fault.CodeValidation},
		{Name: "a claim", Limit: MaxClaimBytes >> 10, Unit: "KiB, with numbers written out", Code: "claim_too_large"},
		{Name: "completed splits of a chunk", Limit: MaxSplitsBytes >> 10, Unit: "KiB", Code: "claim_too_large"},
		{Name: "recordings that a run is merged of", Limit: MaxMerged, Code: ErrTooManyMerged.Code},
		{Name: "between two runs that are merged", Limit: int(MaxMergeGap / time.Hour), Unit: "hours", Code: ErrRunsApart.Code},
		{Name: "active sessions of a person", Limit: MaxActiveSessions, Code: ErrTooManySessions.Code},
		{Name: "imported files of a person within 24 hours, and runs split off", Limit: MaxImportsADay, Code: ErrImportQuota.Code},
	}
}
