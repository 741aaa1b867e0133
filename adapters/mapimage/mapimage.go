// Package mapimage draws a course for its thumbnail: the route with its start,
// its finish and a scale, over tiles of a map where a tile server is set up and
// over a plain ground otherwise.
//
// A tile server that fails costs a picture its map, and never the picture: it
// is drawn over the plain ground, at once, and stays so.
package mapimage

import (
	"bytes"
	"context"
	"image"

	"github.com/fogleman/gg"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

// Size of the picture, in pixels.
const (
	Width  = 640
	Height = 360
	margin = 44
)

const (
	// pictureBytes is what a picture takes: its pixels, how far each is from the
	// line, the line's points, the file.
	pictureBytes = 12 << 20
	// tileBytes is what the largest tile takes while it is drawn; they are drawn
	// one by one.
	tileBytes = 24 << 20
)

// Renderer implements ports.RouteImages. It may be used by many goroutines.
type Renderer struct {
	tiles  *Tiles
	budget ports.Budget
}

// New returns the renderer; without tiles (nil) the ground is plain. Drawing
// takes shares of a budget.
func New(tiles *Tiles, budget ports.Budget) *Renderer { return &Renderer{tiles, budget} }

// Render implements ports.RouteImages. Equal routes over equal tiles give equal
// bytes.
func (r *Renderer) Render(ctx context.Context, route geo.Line) ([]byte, error) {
	points := mercator(route)
	v := fit(route, points)
	var patches []patch
	if r.tiles != nil { // no share is held while a server is waited for
		patches = r.tiles.under(ctx, v)
	}
	price := int64(pictureBytes)
	if len(patches) > 0 {
		price += tileBytes
	}
	release, err := r.budget.Take(ctx, price)
	if err != nil {
		return nil, err
	}
	defer release()
	canvas := image.NewRGBA(image.Rect(0, 0, Width, Height))
	dc := gg.NewContextForRGBA(canvas)
	dc.SetHexColor("#eef1ec")
	dc.Clear()
	overMap := len(patches) > 0 && r.tiles.draw(canvas, v, patches)
	if len(patches) > 0 && !overMap {
		dc.Clear()
	}
	pixels := v.pixels(points)
	if err := stroke(ctx, canvas, pixels); err != nil {
		return nil, err
	}
	drawMark(dc, pixels[len(pixels)-1], "#d43f3a", 12)
	drawMark(dc, pixels[0], "#2c9a4b", 6) // on top and smaller: a loop shows both
	if err := drawScale(dc, v, overMap); err != nil {
		return nil, err
	}
	if overMap {
		if err := drawAttribution(dc, r.tiles.attribution); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = dc.EncodePNG(&out)
	return out.Bytes(), err
}
