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
)

const (
	// Side is the width and height of a picture, in pixels.
	Side = 512
	// MaxBytes is the largest file that is looked at.
	MaxBytes = 5 << 20
	// MaxPixels is the largest picture that is decoded: 100 MB of memory.
	MaxPixels = 25_000_000

	quality = 85
	// atOnce is how many pictures are decoded at a time.
	atOnce = 2
)

var (
	errTooLarge    = fault.New(fault.TooLarge, "avatar_too_large", "the picture is too large: at most 5 MiB and 25 megapixels")
	errUnsupported = fault.New(fault.Unsupported, "unsupported_image", "the file is no JPEG, PNG or WebP picture")
	errBad         = fault.New(fault.Invalid, "bad_image", "the picture is broken")
)

// Maker implements ports.Avatars. It may be used by many goroutines.
type Maker struct{ slots chan struct{} }

// New makes a maker.
func New() *Maker { return &Maker{slots: make(chan struct{}, atOnce)} }

// Avatar implements ports.Avatars.
func (m *Maker) Avatar(ctx context.Context, file []byte) ([]byte, error) {
	if len(file) > MaxBytes {
		return nil, errTooLarge
	}
	if !known(file) || animatedWebP(file) {
		return nil, errUnsupported
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, errBad.Because(err)
	case format != "jpeg" && format != "png" && format != "webp":
		return nil, errUnsupported
	case size.Width < 1 || size.Height < 1:
		return nil, errBad
	case size.Width > MaxPixels/size.Height:
		return nil, errTooLarge
	}
	select {
	case m.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-m.slots }()
	return draw(file)
}

// draw decodes a picture, upright, and draws the middle of it anew. A decoder
// that panics has met a broken file.
func draw(file []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, errBad.Because(fmt.Errorf("a decoder panicked: %v", p))
		}
	}()
	picture, err := imaging.Decode(bytes.NewReader(file), imaging.AutoOrientation(true))
	if err != nil {
		return nil, errBad.Because(err)
	}
	// The middle is cut out first: a picture of 12,000,000×2 made 512 high is large.
	side := min(picture.Bounds().Dx(), picture.Bounds().Dy())
	square := imaging.Resize(imaging.CropCenter(picture, side, side), Side, Side, imaging.Linear)
	// What is transparent becomes white: a JPEG would make it black.
	ground := imaging.New(Side, Side, image.White.C)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, imaging.Overlay(ground, square, image.Point{}, 1), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("avatar: encode: %w", err)
	}
	return b.Bytes(), nil
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
