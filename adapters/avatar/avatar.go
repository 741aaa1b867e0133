// Package avatar makes the picture of a person out of a file that somebody sent.
//
// What a file claims to be is not believed: it is told by its first bytes, its
// size is judged by its header, and what is kept is drawn anew, so that places,
// names, scripts and whatever else was hidden in it are gone.
package avatar

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // decoders of what is taken

	"github.com/disintegration/imaging"
	_ "golang.org/x/image/webp"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

const (
	// Side is the width and height of a picture, in pixels.
	Side = 512
	// MaxBytes is the largest file that is looked at.
	MaxBytes = 5 << 20
	// MaxPixels is the largest picture that is decoded.
	MaxPixels = 25_000_000
	// MaxMemory is what a picture may take to be drawn: a photo of 25 megapixels
	// in any usual way to write it. Some ways take ten times their pixels.
	MaxMemory = 256 << 20

	quality = 85
)

var (
	errTooLarge    = fault.New(fault.TooLarge, "avatar_too_large", "the picture is too large: at most 5 MiB, 25 megapixels, and 256 MiB of memory to decode it")
	errUnsupported = fault.New(fault.Unsupported, "unsupported_image", "the file is no JPEG, PNG or WebP picture")
	errBad         = fault.New(fault.Invalid, "bad_image", "the picture is broken")
)

func tooLarge(what string, value, limit int64) error {
	return errTooLarge.With("what", what).With("value", value).With("limit", limit)
}

// Maker implements ports.Avatars. It may be used by many goroutines.
type Maker struct{ budget ports.Budget }

// New makes a maker that takes shares of a budget.
func New(budget ports.Budget) *Maker { return &Maker{budget} }

// Avatar implements ports.Avatars.
func (m *Maker) Avatar(ctx context.Context, file []byte) ([]byte, error) {
	if len(file) > MaxBytes {
		return nil, tooLarge("bytes", int64(len(file)), MaxBytes)
	}
	if !known(file) || animatedWebP(file) {
		return nil, errUnsupported
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, errBad.Because(err)
	}
	if size.Width < 1 || size.Height < 1 {
		return nil, errBad
	}
	if pixels := int64(size.Width) * int64(size.Height); pixels > MaxPixels {
		return nil, tooLarge("pixels", pixels, MaxPixels)
	}
	memory := price(file, format, size)
	if memory > MaxMemory {
		return nil, tooLarge("bytes of memory", memory, MaxMemory)
	}
	release, err := m.budget.Take(ctx, memory)
	if err != nil {
		return nil, err
	}
	defer release()
	return draw(file)
}

// draw decodes a picture and draws the middle of it anew, upright. A decoder
// that panics has met a broken file.
func draw(file []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, errBad.Because(fmt.Errorf("a decoder panicked: %v", p))
		}
	}()
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, errBad.Because(err)
	}
	square := upright(imaging.Resize(middle(picture), Side, Side, imaging.Linear), orientation(file))
	// What is transparent becomes white: a JPEG would make it black.
	ground := imaging.New(Side, Side, image.White.C)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, imaging.Overlay(ground, square, image.Point{}, 1), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("avatar: encode: %w", err)
	}
	return b.Bytes(), nil
}

// middle is the square in the middle of a picture, without a copy. Every picture
// of the standard library and of WebP has parts.
func middle(picture image.Image) image.Image {
	b := picture.Bounds()
	side := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	return picture.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(image.Rectangle{corner, corner.Add(image.Pt(side, side))})
}

// known reports whether a file begins as a JPEG, PNG or WebP does.
func known(file []byte) bool {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")),
		bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return true
	}
	return isWebP(file)
}

func isWebP(file []byte) bool {
	return len(file) >= 16 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP"
}

// animatedWebP reports whether a file is a WebP of several pictures, which the
// decoder does not read. Source: RFC 9649, §2.7: the flags of the VP8X chunk.
func animatedWebP(file []byte) bool {
	return isWebP(file) && len(file) > 20 && string(file[12:16]) == "VP8X" && file[20]&0x02 != 0
}
