package mapimage

import (
	"context"
	"image"
	"image/color"
	"math"
)

// pens draw the route: a white casing sets it off from any map.
var pens = []struct {
	radius float64
	ink    color.RGBA
}{
	{4.5, color.RGBA{0xff, 0xff, 0xff, 0xff}},
	{2.5, color.RGBA{0x2f, 0x6f, 0xed, 0xff}},
}

// reach is how far from the line, in pixels, a pixel is still touched.
const reach = 4.5 + 0.5

// legsPerLook is after how many legs it is looked whether somebody still waits.
const legsPerLook = 256

// stroke draws a line with every pen, round at its ends and corners. For each
// pixel it works out how far the line is: this takes as long as the line has
// pixels, however often it crosses itself, where a rasterizer of outlines takes
// a minute for a scribble of 20,000 legs.
func stroke(ctx context.Context, dst *image.RGBA, line [][2]float64) error {
	away := make([]float64, Width*Height) // the square of the distance, in pixels
	for i := range away {
		away[i] = reach * reach
	}
	for i, from := range line[:len(line)-1] {
		if i%legsPerLook == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		approach(away, from, line[i+1])
	}
	for i, d := range away {
		if d = math.Sqrt(d); d < reach {
			for _, p := range pens {
				blend(dst.Pix[4*i:4*i+3], p.ink, p.radius+0.5-d)
			}
		}
	}
	return nil
}

// approach notes which pixels are nearer to a leg than to what was drawn before.
// Each row looks at what lies within reach of the leg alone.
func approach(away []float64, from, to [2]float64) {
	dx, dy := to[0]-from[0], to[1]-from[1]
	square := dx*dx + dy*dy
	left, right := math.Min(from[0], to[0])-reach, math.Max(from[0], to[0])+reach
	slant, half := 0.0, right-left
	if dy != 0 {
		slant = dx / dy
		half = reach * math.Sqrt(square) / math.Abs(dy) // of the band along the leg, in a row
	}
	top, bottom := math.Min(from[1], to[1])-reach, math.Max(from[1], to[1])+reach
	for y := max(0, int(top)); y <= min(Height-1, int(bottom)); y++ {
		py := float64(y) + 0.5
		middle := from[0] + slant*(py-from[1])
		first, last := max(0, int(math.Max(left, middle-half))), min(Width-1, int(math.Min(right, middle+half)))
		for x := first; x <= last; x++ {
			px := float64(x) + 0.5
			along := 0.0
			if square > 0 {
				along = math.Max(0, math.Min(1, ((px-from[0])*dx+(py-from[1])*dy)/square))
			}
			ex, ey := px-from[0]-along*dx, py-from[1]-along*dy
			if d := ex*ex + ey*ey; d < away[y*Width+x] {
				away[y*Width+x] = d
			}
		}
	}
}

// blend covers a share of a pixel with ink.
func blend(pixel []uint8, ink color.RGBA, share float64) {
	share = math.Max(0, math.Min(1, share))
	for i, c := range []uint8{ink.R, ink.G, ink.B} {
		pixel[i] = uint8(math.Round(float64(pixel[i]) + share*(float64(c)-float64(pixel[i]))))
	}
}
