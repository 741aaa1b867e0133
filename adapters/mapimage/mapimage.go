// Package mapimage draws a course for its thumbnail: the route on a plain
// ground, with its start, its finish and a scale.
package mapimage

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"github.com/fogleman/gg"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"

	"github.com/runvs/runvs/domain/geo"
)

// Size of the picture, in pixels.
const (
	Width  = 640
	Height = 360
	margin = 44
)

// Renderer implements ports.RouteImages.
type Renderer struct{}

// New returns the renderer.
func New() Renderer { return Renderer{} }

// view maps Web Mercator (x east, y south, the world being 1 wide) to pixels.
type view struct {
	x0, y0, scale float64 // scale: pixels per world
	lat           float64 // of the middle
}

// Render implements ports.RouteImages. Equal routes give equal bytes.
func (Renderer) Render(ctx context.Context, route geo.Line) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	points := mercator(route)
	v := fit(route, points)
	dc := gg.NewContext(Width, Height)
	dc.SetHexColor("#eef1ec")
	dc.Clear()
	dc.SetLineCapRound()
	dc.SetLineJoinRound()
	for _, pen := range []struct {
		width float64
		color string
	}{{9, "#ffffff"}, {5, "#2f6fed"}} {
		lastX, lastY := math.Inf(1), 0.0
		for i, p := range points {
			x, y := v.pixel(p)
			// Steps far below a pixel only cost time.
			if i > 0 && i < len(points)-1 && math.Hypot(x-lastX, y-lastY) < 0.3 {
				continue
			}
			dc.LineTo(x, y)
			lastX, lastY = x, y
		}
		dc.SetLineWidth(pen.width)
		dc.SetHexColor(pen.color)
		dc.Stroke()
	}
	mark(dc, v, points[len(points)-1], "#d43f3a", 12)
	mark(dc, v, points[0], "#2c9a4b", 6) // on top and smaller: a loop shows both
	if err := drawScale(dc, v); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := dc.EncodePNG(&out)
	return out.Bytes(), err
}

// mercator projects a route; longitudes run on across ±180°.
func mercator(route geo.Line) [][2]float64 {
	out := make([][2]float64, route.Len())
	lng := route.At(0).Lng()
	for i := range out {
		p := route.At(i)
		lng += math.Remainder(p.Lng()-lng, 360)
		lat := math.Max(-85.05, math.Min(85.05, p.Lat())) * math.Pi / 180
		out[i] = [2]float64{lng / 360, -math.Log(math.Tan(math.Pi/4+lat/2)) / (2 * math.Pi)}
	}
	return out
}

// fit centres the route within the margins; the shortest course is not blown
// up beyond 100 m across.
func fit(route geo.Line, points [][2]float64) view {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		minX, maxX = math.Min(minX, p[0]), math.Max(maxX, p[0])
		minY, maxY = math.Min(minY, p[1]), math.Max(maxY, p[1])
	}
	b := route.Bounds()
	v := view{lat: (b.South + b.North) / 2}
	least := 100 / metersPerWorld(v.lat)
	v.scale = math.Min((Width-2*margin)/math.Max(maxX-minX, least), (Height-2*margin)/math.Max(maxY-minY, least))
	v.x0 = (minX+maxX)/2 - Width/2/v.scale
	v.y0 = (minY+maxY)/2 - Height/2/v.scale
	return v
}

func (v view) pixel(p [2]float64) (x, y float64) {
	return (p[0] - v.x0) * v.scale, (p[1] - v.y0) * v.scale
}

// metersPerWorld is how many metres on the ground one world width of Web
// Mercator is at a latitude.
func metersPerWorld(lat float64) float64 {
	const equator = 40_075_016.7
	return equator * math.Cos(math.Max(-85, math.Min(85, lat))*math.Pi/180)
}

func mark(dc *gg.Context, v view, p [2]float64, color string, radius float64) {
	x, y := v.pixel(p)
	dc.DrawCircle(x, y, radius+2.5)
	dc.SetHexColor("#ffffff")
	dc.Fill()
	dc.DrawCircle(x, y, radius)
	dc.SetHexColor(color)
	dc.Fill()
}

// drawScale draws a bar of a round length with its name.
func drawScale(dc *gg.Context, v view) error {
	perPixel := metersPerWorld(v.lat) / v.scale
	meters := roundLength(120 * perPixel)
	name := fmt.Sprintf("%g m", meters)
	if meters >= 1000 {
		name = fmt.Sprintf("%g km", meters/1000)
	}
	font, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(font, &opentype.FaceOptions{Size: 13, DPI: 72})
	if err != nil {
		return err
	}
	defer face.Close() //nolint:errcheck // memory only
	dc.SetFontFace(face)
	const left, bottom = 16.0, Height - 14.0
	right := left + meters/perPixel
	dc.SetHexColor("#5a6570")
	dc.SetLineWidth(2)
	dc.MoveTo(left, bottom-5)
	dc.LineTo(left, bottom)
	dc.LineTo(right, bottom)
	dc.LineTo(right, bottom-5)
	dc.Stroke()
	dc.DrawString(name, left+4, bottom-6)
	return nil
}

// roundLength is the greatest of 1, 2, 5, 10, 20 … that is not above limit.
func roundLength(limit float64) float64 {
	k := math.Pow10(int(math.Floor(math.Log10(limit))))
	for _, f := range []float64{5, 2} {
		if f*k <= limit {
			return f * k
		}
	}
	return k
}
