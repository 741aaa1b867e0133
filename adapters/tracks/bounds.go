package tracks

import (
	"context"
	"errors"
	"unsafe"

	"github.com/runvs/runvs/domain/bound"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/run"
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

	// MaxZipEntries is how many names the directory of a zip has. Its reader keeps
	// all, and an album of pictures may lie beside the runs.
	MaxZipEntries = 1000
	// MaxActivities is how many runs are read of a file, or files of a zip: two
	// seasons of a runner. More come one by one.
	MaxActivities = 100
	// MaxUnpackedBytes is what is inflated of all files of a zip.
	MaxUnpackedBytes = 200 << 20
	// MaxNameRunes is how much of a file's name in a zip is kept: what disks allow.
	MaxNameRunes = 255

	// MaxParts is how many parts a file has: twice the pauses of the longest run.
	MaxParts = 2 * run.MaxPauses

	// MaxDepth is how deep elements stand in elements, or values in values of JSON;
	// those of GPX and TCX with all known extensions stand 12 deep.
	MaxDepth = 32
	// MaxElements is ten for each of a million fixes; a watch writes eight.
	MaxElements = 10 * MaxFixes
	// MaxAttributes is how many an element has; a root has about ten.
	MaxAttributes = 64
	// MaxTokenBytes is the longest tag, text, comment or declaration: the reader
	// of XML holds one at a time.
	MaxTokenBytes = 256 << 10
	// MaxLineBytes is the longest line of KML, which stands in one text: three times
	// the vertices of the longest course, written with all their digits.
	MaxLineBytes = 2 << 20

	// MaxListed is four times and values of JSON, which stand apart from their
	// points, for each of a million fixes.
	MaxListed = 4 * MaxFixes

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
	// entryBytes is what an entry of a zip's directory takes beside its name and
	// comments, which stand in the file.
	entryBytes = 1 << 10
)

// price is how many bytes reading takes, at most, of files that have so many
// fixes. The files themselves are their sender's.
func price(fixes int64) int64 {
	return workingBytes + 2*fixBytes*min(fixes, MaxFixes)
}

var (
	errUnsupported       = fault.New(fault.Unsupported, "unsupported_track", "the file is neither GPX, TCX, FIT, KML nor GeoJSON, nor one of them in a gzip or zip")
	errTooComplex        = fault.New(fault.Invalid, "track_too_complex", "the file is no recorded track, or was made to be hard to read")
	errTooMany           = fault.New(fault.TooLarge, "track_too_many_fixes", "the file has more than %d points", MaxFixes).With("limit", MaxFixes)
	errTooManyActivities = fault.New(fault.TooLarge, "track_too_many_activities", "the file has more than %d activities", MaxActivities).With("limit", MaxActivities)
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
		{Name: "a file", Limit: MaxActivities, Unit: "activities", Code: errTooManyActivities.Code},
		{Name: "a file", Limit: MaxParts, Unit: "parts", Code: code},
		{Name: "a zip, inflated", Limit: MaxUnpackedBytes >> 20, Unit: "MiB", Code: ports.ErrBodyTooLarge.Code},
		{Name: "a zip", Limit: MaxZipEntries, Unit: "names", Code: code},
		{Name: "an element of XML", Limit: MaxDepth, Unit: "deep", Code: code},
		{Name: "a value of JSON", Limit: MaxDepth, Unit: "deep", Code: code},
		{Name: "a file of JSON", Limit: MaxListed, Unit: "times and values", Code: code},
		{Name: "a line of KML", Limit: MaxLineBytes >> 10, Unit: "KiB", Code: code},
		{Name: "an element of XML", Limit: MaxAttributes, Unit: "attributes", Code: code},
		{Name: "a file of XML", Limit: MaxElements, Unit: "elements", Code: code},
		{Name: "a tag or text of XML, or a value of JSON", Limit: MaxTokenBytes >> 10, Unit: "KiB", Code: code},
		{Name: "a FIT file", Limit: MaxMessages, Unit: "messages", Code: code},
		{Name: "a FIT file", Limit: MaxFields, Unit: "fields", Code: code},
		{Name: "a FIT file", Limit: MaxDescriptions, Unit: "kinds of added fields", Code: code},
	}
}
