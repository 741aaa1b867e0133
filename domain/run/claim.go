package run

import (
	"strconv"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/strictjson"
)

// What a client claims is kept as it was sent, so only its size can be bounded.
// What counts is strictjson.Document.Size: what a store writes, not what was sent.
const (
	// MaxClaimBytes bounds chunk_summary, cumulative, device_info and filter_config:
	// about 100 members, five times what phones are known to send.
	MaxClaimBytes = 4 << 10
	// MaxSplitBytes bounds one completed split, which says a tenth of a claim.
	MaxSplitBytes = 1 << 10
	// MaxSplitsBytes bounds the completed splits of a chunk. Phones that repeat all
	// splits so far with each chunk, at 160 bytes each, fit up to 400 km.
	MaxSplitsBytes = 64 << 10
)

// ErrClaimTooLarge answers for a claim over its bound.
var ErrClaimTooLarge = fault.New(fault.Invalid, "claim_too_large",
	"what the client says beside its points is too large; a number counts with all its digits, without an exponent")

// CheckClaim refuses a document of a client that is larger than MaxClaimBytes,
// with claim_too_large at the field.
func CheckClaim(field string, d strictjson.Document) error {
	return checkSize(field, d, MaxClaimBytes)
}

func checkSize(field string, d strictjson.Document, limit int) error {
	size := d.Size()
	if size <= limit {
		return nil
	}
	f := ErrClaimTooLarge.With("value", size).With("limit", limit)
	f.Fields = []fault.Field{{Location: field, Message: strconv.Itoa(size) + " bytes; at most " + strconv.Itoa(limit)}}
	return f
}

// checkSplits refuses completed splits that are too large, as a whole or one alone.
func checkSplits(splits strictjson.Document) error {
	if err := checkSize("completed_splits", splits, MaxSplitsBytes); err != nil || splits == nil {
		return err
	}
	return eachSplit(splits, func(i int, split strictjson.Document) error {
		return checkSize("completed_splits["+strconv.Itoa(i)+"]", split, MaxSplitBytes)
	})
}

// eachSplit calls f for each element of completed splits.
func eachSplit(splits strictjson.Document, f func(i int, split strictjson.Document) error) error {
	r, err := strictjson.NewStoredReader(splits)
	if err != nil {
		return err
	}
	return r.Array(func(i int) error {
		split, err := r.Document()
		if err != nil {
			return err
		}
		return f(i, split)
	})
}

// Claim is what a client says of a stretch of the run. It is stored and
// compared, never believed. Document is the whole claim, written canonically.
type Claim struct {
	DistanceMeters  float64
	DurationSeconds float64
	Document        strictjson.Document
}

// ReadClaim reads a claim: an object with distance_meters, duration_seconds and
// whatever else the client likes. A fault's location is relative to the claim.
func ReadClaim(r *strictjson.Reader) (c Claim, err error) {
	if c.Document, err = r.Document(); err != nil {
		return c, err
	}
	hasDistance, hasDuration, err := c.readTotals()
	switch {
	case err != nil:
		return c, err
	case !hasDistance:
		return c, fault.InvalidField("distance_meters", "is required")
	case !hasDuration:
		return c, fault.InvalidField("duration_seconds", "is required")
	}
	return c, nil
}

// RestoreClaim rebuilds a claim of the document that storage kept; nil is none.
func RestoreClaim(d strictjson.Document) (Claim, error) {
	c := Claim{Document: d}
	if d == nil {
		return c, nil
	}
	_, _, err := c.readTotals()
	return c, err
}

// readTotals looks up the two numbers of the document that matter. Names are
// compared exactly: what else is in it may be called DISTANCE_METERS and be a text.
func (c *Claim) readTotals() (hasDistance, hasDuration bool, err error) {
	r, err := strictjson.NewStoredReader(c.Document)
	if err != nil {
		return false, false, err
	}
	err = r.Object(func(name []byte) (err error) {
		switch string(name) {
		case "distance_meters":
			hasDistance = true
			c.DistanceMeters, err = r.Float()
			return located(err, "distance_meters")
		case "duration_seconds":
			hasDuration = true
			c.DurationSeconds, err = r.Float()
			return located(err, "duration_seconds")
		}
		return r.Skip()
	})
	return hasDistance, hasDuration, err
}

// ReadSplits reads completed splits: an array of at most MaxChunkSplits objects,
// kept as they are. No splits are nil. A fault's location is relative to the array.
func ReadSplits(r *strictjson.Reader) (strictjson.Document, error) {
	doc, err := r.Document()
	if err != nil {
		return nil, err
	}
	inner, err := strictjson.NewStoredReader(doc)
	if err != nil {
		return nil, err
	}
	count := 0
	err = inner.Array(func(i int) error {
		if count++; count > MaxChunkSplits {
			return fault.InvalidField("", "more than %d splits", MaxChunkSplits)
		}
		return atIndex(inner.Object(func([]byte) error { return inner.Skip() }), i)
	})
	if count == 0 {
		return nil, err
	}
	return doc, err
}
