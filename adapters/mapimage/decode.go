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

// formats are told by content.
var formats = map[string]struct {
	header func(io.Reader) (image.Config, error)
	pixels func(io.Reader) (image.Image, error)
}{
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// decode returns a tile's pixels, and nil of an empty file. The size is judged
// by the header, before there is memory for it; a decoder that panics has met a
// broken file.
func decode(file []byte) (pixels *image.RGBA, err error) {
	if len(file) == 0 {
		return nil, nil
	}
	defer func() {
		if p := recover(); p != nil {
			pixels, err = nil, fmt.Errorf("a tile is broken: a decoder panicked: %v", p)
		}
	}()
	format, ok := formats[http.DetectContentType(file)]
	if !ok {
		return nil, errors.New("a tile is no PNG, JPEG or WebP picture")
	}
	size, err := format.header(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("a tile is broken: %w", err)
	}
	if size.Width != size.Height || size.Width < 1 || size.Width > maxTileSide {
		return nil, fmt.Errorf("a tile has %d×%d pixels; it must be a square of at most %d", size.Width, size.Height, maxTileSide)
	}
	p, err := format.pixels(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("a tile is broken: %w", err)
	}
	// Scaling is quick from RGBA alone; tiles often have palettes.
	pixels = image.NewRGBA(image.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(pixels, pixels.Bounds(), p, p.Bounds().Min, draw.Src)
	return pixels, nil
}
