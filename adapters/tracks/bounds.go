package tracks

import (
	"context"
	"errors"
	"unsafe"

	"github.com/runvs/runvs/domain/bound"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// What is technical about a file is bounded here; how long a run or a course
// may be is the domain's, and is checked later.
const (
	// MaxFixes is what is read of a file at most: three times the longest run.
	MaxFixes = 1_000_000

	// MaxInflatedBytes is the largest file behind a gzip: a million fixes of 64
	// bytes, or three days once a second with all that a watch adds.
	MaxInflatedBytes = 64 << 20
	// MaxInflation is how many times its size a gzip'd file may have; recorded
	// tracks shrink to a tenth, seldom to a twentieth.
	MaxInflation = 50
	// FreeInflation is what is inflated whatever the file's size: small files of
	// equal lines shrink more.
	FreeInflation = 1 << 20

	// MaxDepth is how deep elements stand in elements; those of GPX and TCX with
	// all known extensions stand 12 deep.
	MaxDepth = 32
	// MaxElements is ten for each of a million fixes; a watch writes eight.
	MaxElements = 10 * MaxFixes
	// MaxAttributes is how many an element has; a root has about ten.
	MaxAttributes = 64
	// MaxTokenBytes is the longest tag, text, comment or declaration: the reader
	// of XML holds one at a time.
	MaxTokenBytes = 256 << 10

	// MaxMessages is four for each of a million fixes: watches write one or two of
	// their own beside each record.
	MaxMessages = 4 * MaxFixes
	// MaxFields is what the messages of a file hold in all: twenty for each of a
	// million fixes.
	MaxFields = 20 * MaxFixes
	// MaxDescriptions is how many kinds of fields apps may add to a FIT file. The
	// decoder keeps each, of up to 75 KB, and looks through all for every value.
	MaxDescriptions = 100
)

const (
	// fixBytes is what one fix takes. It is held twice when the last one is read.
	fixBytes = int64(unsafe.Sizeof(ports.TrackFix{}))
	// workingBytes is what the readers take beside the fixes: the inflater, one
	// token, the descriptions of a FIT file.
	workingBytes = 12 << 20
)

// price is how many bytes reading takes, at most, of a file of so many bytes
// whose fixes have so many bytes at least. The file itself is its sender's.
func price(most, leastFixBytes int64) int64 {
	return workingBytes + 2*fixBytes*min(most/leastFixBytes, MaxFixes)
}

var (
	errUnsupported = fault.New(fault.Unsupported, "unsupported_track", "the file is neither GPX, TCX nor FIT")
	errTooComplex  = fault.New(fault.Invalid, "track_too_complex", "the file is no recorded track, or was made to be hard to read")
	errTooMany     = fault.New(fault.TooLarge, "track_too_many_fixes", "the file has more than %d points", MaxFixes).With("limit", MaxFixes)
)

// tooComplex says what a file has more of than it may.
func tooComplex(what string, value, limit int) *fault.Error {
	return errTooComplex.With("what", what).With("value", value).With("limit", limit)
}

func badTrack(format string, args ...any) *fault.Error {
	return ports.ErrBadTrack.Saying(format, args...)
}

// known reports whether an error says already what is wrong: it is a fault, or
// nobody waits any more.
func known(err error) bool {
	return fault.As(err) != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// broken takes an error of a reader for a broken file, unless it is known.
func broken(err error, message string) error {
	if known(err) {
		return err
	}
	return badTrack("%s", message).Because(err)
}

// Bounds lists the bounds of files for people.
func Bounds() []bound.Bound {
	code := errTooComplex.Code
	return []bound.Bound{
		{Name: "a file", Limit: MaxFixes, Unit: "points read", Code: errTooMany.Code},
		{Name: "a file, inflated", Limit: MaxInflatedBytes >> 20, Unit: "MiB", Code: ports.ErrBodyTooLarge.Code},
		{Name: "a file, inflated", Limit: MaxInflation, Unit: "times its size after the first MiB", Code: ports.ErrBodyTooLarge.Code},
		{Name: "an element of XML", Limit: MaxDepth, Unit: "deep", Code: code},
		{Name: "an element of XML", Limit: MaxAttributes, Unit: "attributes", Code: code},
		{Name: "a file of XML", Limit: MaxElements, Unit: "elements", Code: code},
		{Name: "a tag or text of XML", Limit: MaxTokenBytes >> 10, Unit: "KiB", Code: code},
		{Name: "a FIT file", Limit: MaxMessages, Unit: "messages", Code: code},
		{Name: "a FIT file", Limit: MaxFields, Unit: "fields", Code: code},
		{Name: "a FIT file", Limit: MaxDescriptions, Unit: "kinds of added fields", Code: code},
	}
}
