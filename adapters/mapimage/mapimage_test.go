package mapimage

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"math"
	"os"
	"testing"

	"github.com/runvs/runvs/adapters/budget/budgettest"
	"github.com/runvs/runvs/domain/geo"
)

func line(t *testing.T, points ...geo.Point) geo.Line {
	t.Helper()
	l, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// circle is a loop of n points around a place.
func circle(t *testing.T, lat, lng, radiusDegrees float64, n int) geo.Line {
	points := make([]geo.Point, n)
	for i := range points {
		s, c := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		points[i] = geo.MustPoint(lat+radiusDegrees*s, math.Remainder(lng+radiusDegrees*c/math.Cos(lat*math.Pi/180), 360))
	}
	return line(t, points...)
}

func render(t *testing.T, tiles *Tiles, l geo.Line) (image.Image, []byte) {
	t.Helper()
	data, err := New(tiles, &budgettest.Purse{}).Render(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img, data
}

// show keeps a picture to be looked at: RUNVS_TEST_PICTURES names the folder.
func show(t *testing.T, name string, data []byte) {
	t.Helper()
	if dir := os.Getenv("RUNVS_TEST_PICTURES"); dir != "" {
		if err := os.WriteFile(dir+"/"+name+".png", data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPictureShowsRouteStartAndFinish(t *testing.T) {
	routes := map[string]geo.Line{
		"a city loop":           circle(t, 37.56, 126.98, 0.005, 300),
		"across ±180°":          circle(t, -17, 180, 0.02, 200),
		"at 80° north":          circle(t, 80, 20, 0.01, 200),
		"a straight north line": line(t, geo.MustPoint(37, 127), geo.MustPoint(37.001, 127)),
		"100 km":                circle(t, 46, 8, 0.14, 20_000),
	}
	for name, l := range routes {
		t.Run(name, func(t *testing.T) {
			img, data := render(t, nil, l)
			if img.Bounds().Dx() != Width || img.Bounds().Dy() != Height {
				t.Fatalf("the picture is %v", img.Bounds())
			}
			count := map[string]int{}
			for y := 0; y < Height; y++ {
				for x := 0; x < Width; x++ {
					r, g, b, _ := img.At(x, y).RGBA()
					switch [3]uint32{r >> 8, g >> 8, b >> 8} {
					case [3]uint32{0x2f, 0x6f, 0xed}:
						count["route"]++
					case [3]uint32{0x2c, 0x9a, 0x4b}:
						count["start"]++
					case [3]uint32{0xd4, 0x3f, 0x3a}:
						count["finish"]++
					}
				}
			}
			if count["route"] < 300 || count["start"] < 60 || count["finish"] < 20 {
				t.Errorf("pixels seen: %v", count)
			}
			if _, again := render(t, nil, l); !bytes.Equal(data, again) {
				t.Error("the same route gave another picture")
			}
			show(t, name, data)
		})
	}
}

func TestACanceledRenderingEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(nil, &budgettest.Purse{}).Render(ctx, circle(t, 0, 0, 1, 10)); err == nil {
		t.Error("rendered all the same")
	}
}

func TestScalesHaveRoundLengths(t *testing.T) {
	for limit, want := range map[float64]float64{120: 100, 260: 200, 99: 50, 6400: 5000, 1000: 1000} {
		if got := roundLength(limit); got != want {
			t.Errorf("roundLength(%v) = %v, want %v", limit, got, want)
		}
	}
}
