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

	"github.com/fogleman/gg"
	"golang.org/x/image/draw"

	"github.com/runvs/runvs/domain/geo"
)

// Size of the picture, in pixels.
const (
	Width  = 640
	Height = 360
	margin = 44
)

// Renderer implements ports.RouteImages. It may be used by many goroutines.
type Renderer struct{ tiles *Tiles }

// New returns the renderer; without tiles (nil) the ground is plain.
func New(tiles *Tiles) *Renderer { return &Renderer{tiles} }

// Render implements ports.RouteImages. Equal routes over equal tiles give equal
// bytes.
func (r *Renderer) Render(ctx context.Context, route geo.Line) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	points := mercator(route)
	v := fit(route, points)
	dc := gg.NewContext(Width, Height)
	dc.SetHexColor("#eef1ec")
	dc.Clear()
	var patches []patch
	if r.tiles != nil {
		patches = r.tiles.under(ctx, v)
	}
	for _, p := range patches {
		p.draw(dc.Image().(draw.Image), v)
	}
	drawRoute(dc, v, points)
	drawMark(dc, v, points[len(points)-1], "#d43f3a", 12)
	drawMark(dc, v, points[0], "#2c9a4b", 6) // on top and smaller: a loop shows both
	overMap := len(patches) > 0
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
	err := dc.EncodePNG(&out)
	return out.Bytes(), err
}
