package tracks

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	pathpkg "path"
	"strings"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/text"
	"github.com/runvs/runvs/ports"
)

// The marks of a zip: of a file in it, of an empty one, and of a name in its
// directory.
var (
	zipMagic      = []byte("PK\x03\x04")
	emptyZipMagic = []byte("PK\x05\x06")
	zipNameMagic  = []byte("PK\x01\x02")
)

func isZip(data []byte) bool {
	return bytes.HasPrefix(data, zipMagic) || bytes.HasPrefix(data, emptyZipMagic)
}

// packed is a file in a zip.
type packed struct {
	file  *zip.File
	kind  format
	fixes int64 // that it has at most
	err   error // why it is not read
}

// readZip reads the files in a zip one after another. One that cannot be read is
// told with its fault, and the others go on.
func (f Files) readZip(ctx context.Context, data []byte) ([]ports.Activity, error) {
	files, err := unpack(ctx, data)
	if err != nil {
		return nil, err
	}
	fixes := int64(0)
	for _, p := range files {
		fixes += p.fixes
	}
	release, err := f.budget.Take(ctx, price(fixes)+MaxZipEntries*entryBytes+int64(len(data)))
	if err != nil {
		return nil, err
	}
	defer release()
	var c content
	left := int64(MaxUnpackedBytes)
	for _, p := range files {
		if err := p.read(ctx, &c, &left); err != nil {
			return nil, err
		}
	}
	return some(c.activities())
}

// unpack looks at the files of a zip. Directories, and what macOS adds, are none;
// the pictures of a KMZ are not told.
func unpack(ctx context.Context, data []byte) ([]packed, error) {
	if n := bytes.Count(data, zipNameMagic); n > MaxZipEntries {
		return nil, tooComplex("names of a zip", n, MaxZipEntries)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, badTrack("the zip is cut off or broken").Because(err)
	}
	var files []packed
	sizes, kmz := uint64(0), false
	for _, file := range z.File {
		base := pathpkg.Base(file.Name)
		if file.FileInfo().IsDir() || strings.HasPrefix(base, ".") || strings.HasPrefix(file.Name, "__MACOSX/") {
			continue
		}
		kmz = kmz || strings.EqualFold(pathpkg.Ext(base), ".kml")
		files = append(files, packed{file: file})
		sizes += min(file.UncompressedSize64, MaxUnpackedBytes+1) // the sum of so many is a number
	}
	if limit := uint64(inflatableZip(len(data))); sizes > limit {
		return nil, ports.ErrBodyTooLarge.With("value", sizes).With("limit", limit)
	}
	looked, tracks := files[:0], 0
	for _, p := range files {
		p.look(ctx)
		other := errors.Is(p.err, errUnsupported) // a picture, a page
		if !other {
			tracks++
		}
		if !kmz || !other {
			looked = append(looked, p)
		}
	}
	if tracks > MaxActivities {
		return nil, errTooManyActivities.With("value", tracks)
	}
	return looked, ctx.Err()
}

// inflatableZip is how many bytes the files of a zip may have.
func inflatableZip(size int) int64 {
	return min(max(MaxInflation*int64(size), FreeInflation), MaxUnpackedBytes)
}

// look tells the format of a file by its first bytes.
func (p *packed) look(ctx context.Context) {
	left := int64(MaxUnpackedBytes)
	p.err = p.with(ctx, &left, func(src *source) (err error) {
		p.kind, err = sniff(src)
		if err == nil {
			p.fixes = src.most() / p.kind.leastFixBytes
		}
		return err
	})
}

// with opens a file and closes it again.
func (p *packed) with(ctx context.Context, left *int64, use func(*source) error) error {
	const encrypted = 1
	if p.file.Flags&encrypted != 0 {
		return badTrack("the file is encrypted")
	}
	body, err := p.file.Open()
	if err != nil {
		return badTrack("the file cannot be inflated").Because(err)
	}
	defer func() { _ = body.Close() }() // nothing was written
	src, err := open(ctx, body, int64(min(p.file.UncompressedSize64, MaxInflatedBytes)), left)
	if err != nil {
		return err
	}
	return use(src)
}

// read reads a file. What is wrong with it is told under its name; an error is
// the caller's who left.
func (p *packed) read(ctx context.Context, c *content, left *int64) error {
	samples, recordings, parts := c.n, len(c.recordings), c.parts
	own := content{samples: c.samples, parts: parts}
	err := p.err
	if err == nil {
		err = p.with(ctx, left, func(src *source) error { return p.kind.read(src, &own) })
	}
	if err == nil && len(own.recordings) == 0 {
		err = errNoPoints
	}
	if err == nil && recordings+len(own.recordings) > MaxActivities {
		err = errTooManyActivities.With("value", recordings+len(own.recordings))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.samples, c.parts = own.samples, own.parts
	if err != nil {
		c.drop(samples)
		c.parts = parts
		own.recordings = []*recording{{activity: ports.Activity{Err: err}}}
	}
	for _, r := range own.recordings {
		r.activity.File = text.Cut(p.file.Name, MaxNameRunes)
	}
	c.recordings = append(c.recordings, own.recordings...)
	return nil
}

// message is what a fault says to a person.
func message(err error) string {
	if f := fault.As(err); f != nil {
		return f.Message
	}
	return "it cannot be read"
}
