package mapimage

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// maxTileSide is the most pixels a tile may have on a side: 4 MB of memory.
const maxTileSide = 1024

// format is a way to write a picture.
type format struct {
	header func(io.Reader) (image.Config, error)
	pixels func(io.Reader) (image.Image, error)
}

// formats are told by content.
var formats = map[string]format{
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// formatOf tells a tile's format and judges its size, by its header.
func formatOf(file []byte) (f format, err error) {
	defer unbroken(&err)
	f, ok := formats[http.DetectContentType(file)]
	if !ok {
		return f, errors.New("a tile is no PNG, JPEG or WebP picture")
	}
	size, err := f.header(bytes.NewReader(file))
	if err != nil {
		return f, fmt.Errorf("a tile is broken: %w", err)
	}
	if size.Width != size.Height || size.Width < 1 || size.Width > maxTileSide {
		return f, fmt.Errorf("a tile has %d×%d pixels; it must be a square of at most %d", size.Width, size.Height, maxTileSide)
	}
	return f, nil
}

// unbroken ends a panic: a decoder that panics has met a broken file.
func unbroken(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("a tile is broken: a decoder panicked: %v", p)
	}
}

// decode returns a tile's pixels.
func decode(file []byte) (pixels *image.RGBA, err error) {
	defer unbroken(&err)
	f, err := formatOf(file)
	if err != nil {
		return nil, err
	}
	p, err := f.pixels(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("a tile is broken: %w", err)
	}
	// Scaling is quick from RGBA alone; tiles often have palettes.
	pixels = image.NewRGBA(image.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(pixels, pixels.Bounds(), p, p.Bounds().Min, draw.Src)
	return pixels, nil
}
