package run

import (
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/strictjson"
)

// Limits of an upload.
const (
	MaxSequence    = 4999
	MaxChunkFixes  = 3600
	MaxChunkPauses = 1000
	MaxChunkSplits = 1000
	MaxFutureSkew  = 5 * time.Minute // a phone's clock may be this far ahead
)

// ChunkType says whether more chunks follow.
type ChunkType string

// The chunk types, as sent and stored.
const (
	Intermediate ChunkType = "intermediate"
	Final        ChunkType = "final"
)

// Pause is an interval in which the runner stood still on purpose.
type Pause struct {
	StartedAt time.Time
	EndedAt   time.Time
}

// ChunkInput is what NewChunk checks. Fixes must have passed Fix.Validate.
type ChunkInput struct {
	Sequence        int
	Type            ChunkType
	Fixes           []Fix
	Filtered        []Fix // the client's own filter's result, or nil
	Summary         Claim
	Cumulative      Claim
	CompletedSplits strictjson.Document // a JSON array, or nil
	Pauses          []Pause
}

// Chunk is one upload of a stretch of a run. Its own shape has been checked;
// Session.Accept decides what it means for its session.
type Chunk struct {
	in       ChunkInput
	digest   Digest
	raw      []byte // the fixes as their canonical JSON; nil of a chunk that storage kept
	filtered []byte
}

// NewChunk checks an upload's own shape and computes its digest. Every rule a
// chunk can break on its own fails here, with Invalid and a field path:
// sequence, type, number of fixes, pauses that end before they start or
// overlap, claims that are negative or too large, more filtered fixes than raw
// ones. Fixes that step back in time are kept: a record flags them. Readings
// smaller than SmallestReading become zero, in the slices given.
func NewChunk(in ChunkInput) (Chunk, error) {
	if in.Sequence < 0 || in.Sequence > MaxSequence {
		return Chunk{}, fault.InvalidField("sequence", "%d is outside [0, %d]", in.Sequence, MaxSequence)
	}
	if in.Type != Intermediate && in.Type != Final {
		return Chunk{}, fault.InvalidField("chunk_type", "must be %q or %q", Intermediate, Final)
	}
	if n := len(in.Fixes); n < 1 || n > MaxChunkFixes {
		return Chunk{}, fault.InvalidField("raw_gps_points", "%d points; a chunk has 1 to %d", n, MaxChunkFixes)
	}
	if len(in.Filtered) > len(in.Fixes) {
		return Chunk{}, fault.InvalidField("filtered_points", "%d points, more than the %d raw ones they were filtered from", len(in.Filtered), len(in.Fixes))
	}
	for _, c := range [...]struct {
		name  string
		claim Claim
	}{{"chunk_summary", in.Summary}, {"cumulative", in.Cumulative}} {
		if !(c.claim.DistanceMeters >= 0) {
			return Chunk{}, fault.InvalidField(c.name+".distance_meters", "must be 0 or more")
		}
		if !(c.claim.DurationSeconds >= 0) {
			return Chunk{}, fault.InvalidField(c.name+".duration_seconds", "must be 0 or more")
		}
		if err := CheckClaim(c.name, c.claim.Document); err != nil {
			return Chunk{}, err
		}
	}
	if err := checkSplits(in.CompletedSplits); err != nil {
		return Chunk{}, err
	}
	if err := checkPauses(in.Pauses); err != nil {
		return Chunk{}, err
	}
	zeroTiny(in.Fixes)
	zeroTiny(in.Filtered)
	c := Chunk{in: in, digest: digestOf(in), raw: AppendFixes(make([]byte, 0, 96*len(in.Fixes)), in.Fixes)}
	if in.Filtered != nil {
		c.filtered = AppendFixes(nil, in.Filtered)
	}
	return c, nil
}

// RestoreChunk rebuilds a chunk that storage kept, with no check of today's rules.
func RestoreChunk(in ChunkInput, digest Digest) Chunk { return Chunk{in: in, digest: digest} }

// Sequence returns the chunk's place in the run, from 0.
func (c Chunk) Sequence() int { return c.in.Sequence }

// Type returns whether more chunks follow.
func (c Chunk) Type() ChunkType { return c.in.Type }

// Fixes returns the raw fixes in the order sent. The slice is the chunk's own:
// read it, do not write it.
func (c Chunk) Fixes() []Fix { return c.in.Fixes }

// Filtered returns the client's own filtered fixes, or nil.
func (c Chunk) Filtered() []Fix { return c.in.Filtered }

// Summary returns the client's claim about this chunk.
func (c Chunk) Summary() Claim { return c.in.Summary }

// Cumulative returns the client's claim about the run up to and with this chunk.
func (c Chunk) Cumulative() Claim { return c.in.Cumulative }

// CompletedSplits returns the client's splits, a canonical JSON array or nil.
func (c Chunk) CompletedSplits() strictjson.Document { return c.in.CompletedSplits }

// Pauses returns the pauses the runner made.
func (c Chunk) Pauses() []Pause { return c.in.Pauses }

// RawJSON returns the raw fixes as their canonical JSON.
func (c Chunk) RawJSON() []byte {
	if c.raw == nil {
		return AppendFixes(nil, c.in.Fixes)
	}
	return c.raw
}

// FilteredJSON returns the client's own filtered fixes as their canonical JSON, or
// nil.
func (c Chunk) FilteredJSON() []byte {
	if c.filtered == nil && c.in.Filtered != nil {
		return AppendFixes(nil, c.in.Filtered)
	}
	return c.filtered
}

// Bytes returns how long the points and the claims are as JSON.
func (c Chunk) Bytes() int {
	return len(c.raw) + len(c.filtered) + len(c.in.Summary.Document) + len(c.in.Cumulative.Document) + len(c.in.CompletedSplits)
}

// Entry returns what a session remembers of the chunk.
func (c Chunk) Entry() Entry {
	return Entry{Sequence: c.Sequence(), Digest: c.Digest(), Final: c.Type() == Final, Fixes: len(c.Fixes()), Bytes: c.Bytes()}
}

// Digest identifies the chunk's content: equal digests are the same upload.
func (c Chunk) Digest() Digest { return c.digest }

// checkTimes refuses fixes later than now, with some leeway. Early ones are kept: a
// clock that was set back is no reason to lose what came behind it.
func (c Chunk) checkTimes(now time.Time) error {
	latest := now.Add(MaxFutureSkew).UnixMilli()
	for i, f := range c.in.Fixes {
		if f.Timestamp > latest {
			return fault.InvalidField(indexed("raw_gps_points", i, "timestamp"), "%d lies in the future: the server's clock says %d", f.Timestamp, now.UnixMilli())
		}
	}
	return nil
}
