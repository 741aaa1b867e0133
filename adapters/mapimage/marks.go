package mapimage

import (
	"fmt"
	"math"

	"github.com/fogleman/gg"
)

// ink is the colour of letters and of the scale.
const ink = "#4a545e"

func drawMark(dc *gg.Context, at [2]float64, color string, radius float64) {
	dc.DrawCircle(at[0], at[1], radius+2.5)
	dc.SetHexColor("#ffffff")
	dc.Fill()
	dc.DrawCircle(at[0], at[1], radius)
	dc.SetHexColor(color)
	dc.Fill()
}

// drawScale draws a bar of a round length with its name; over a map, on a box.
func drawScale(dc *gg.Context, v view, overMap bool) error {
	perPixel := metersPerWorld(v.lat) / v.scale
	meters := roundLength(120 * perPixel)
	name := fmt.Sprintf("%g m", meters)
	if meters >= 1000 {
		name = fmt.Sprintf("%g km", meters/1000)
	}
	if err := letters(dc, 13); err != nil {
		return err
	}
	const left, bottom = 16.0, Height - 14.0
	right := left + meters/perPixel
	if overMap {
		text, _ := dc.MeasureString(name)
		drawBox(dc, left-8, bottom-23, math.Max(right, left+4+text)+8, bottom+7)
	}
	dc.SetHexColor(ink)
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

// drawBox draws the half-transparent ground of what must be read over a map.
func drawBox(dc *gg.Context, left, top, right, bottom float64) {
	dc.SetRGBA(1, 1, 1, 0.78)
	dc.DrawRoundedRectangle(left, top, right-left, bottom-top, 4)
	dc.Fill()
}
