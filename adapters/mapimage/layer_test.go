package mapimage

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"net/http"
	"os"
	"testing"

	"github.com/runvs/runvs/domain/geo"
)

// Routes leave their middle free, where the map is looked at.
var places = map[string]struct{ lat, lng, radius float64 }{
	"1 km":         {37.56, 126.98, 0.0014},
	"10 km":        {37.5665, 126.978, 0.0143},
	"100 km":       {-46.5, -8.25, 0.143},
	"across ±180°": {-17, 180, 0.02},
	"at 80° north": {80, 20, 0.01},
}

// The map shows a red dot; it must lie where the route's coordinates put it.
func TestTheMapLiesExactlyUnderTheRoute(t *testing.T) {
	for name, at := range places {
		for _, side := range []int{256, 512} {
			if side == 512 && name != "10 km" {
				continue
			}
			// Off the middle: another tile, and no symmetry hides a mistake.
			dot := geo.MustPoint(at.lat+at.radius*0.31, math.Remainder(at.lng-at.radius*0.43/math.Cos(at.lat*math.Pi/180), 360))
			dotX, dotY := place(dot)
			wd := newWorld(t, painted(side, func(tile tileID, x, y float64) color.RGBA {
				if math.Hypot(math.Remainder(x-dotX, 1), y-dotY)*float64(int(1)<<tile.z)*tileSide < 8 {
					return color.RGBA{255, 0, 0, 255}
				}
				return color.RGBA{255, 255, 255, 255}
			}))
			route := circle(t, at.lat, at.lng, at.radius, 400)
			img, _ := render(t, wd.tiles, route)
			v := fit(route, mercator(route))
			// The route's longitudes run on from its first point.
			near := route.At(0).Lng() + math.Remainder(dot.Lng()-route.At(0).Lng(), 360)
			wantX, wantY := v.pixel([2]float64{near / 360, dotY - 0.5})
			var sumX, sumY, sum float64
			for y := range Height {
				for x := range Width {
					r, g, b, _ := img.At(x, y).RGBA()
					if math.Hypot(float64(x)-wantX, float64(y)-wantY) > 30 || r < 0xf000 || g != b {
						continue
					}
					redness := float64(r-g) / 0xffff
					sumX, sumY, sum = sumX+redness*(float64(x)+0.5), sumY+redness*(float64(y)+0.5), sum+redness
				}
			}
			if off := math.Hypot(sumX/sum-wantX, sumY/sum-wantY); !(off < 0.5) {
				t.Errorf("%s, tiles of %d: the dot is at %.2f, %.2f; the route's coordinates put it at %.2f, %.2f", name, side, sumX/sum, sumY/sum, wantX, wantY)
			}
		}
	}
}

// Each tile has a colour of its own; every place must show that of the tile it
// lies on by OpenStreetMap's formula.
func TestEveryPlaceShowsItsTile(t *testing.T) {
	code := func(tile tileID) color.RGBA {
		return color.RGBA{uint8(tile.x%8*30 + 20), uint8(tile.y%8*30 + 20), uint8(tile.z%19*13 + 5), 255}
	}
	for name, at := range places {
		wd := newWorld(t, plainTiles(code))
		route := circle(t, at.lat, at.lng, at.radius, 400)
		img, _ := render(t, wd.tiles, route)
		v := fit(route, mercator(route))
		zoom := wd.requests()[0].z
		n := float64(int(1) << zoom)
		if side := v.scale / n; side <= 150 || side > 305 {
			t.Errorf("%s: tiles are drawn %.0f pixels wide", name, side)
		}
		looked := 0
		for y := 3; y < 320; y += 7 {
			for x := 3; x < Width; x += 7 {
				r, g, b, _ := img.At(x, y).RGBA()
				wx, wy := ((float64(x)+0.5)/v.scale+v.x0+0.5)*n, ((float64(y)+0.5)/v.scale+v.y0+0.5)*n
				onEdge := math.Abs(wx-math.Round(wx))*v.scale/n < 1.5 || math.Abs(wy-math.Round(wy))*v.scale/n < 1.5
				onRoute := math.Abs(math.Hypot(float64(x)-Width/2, float64(y)-Height/2)-136) < 40
				if onEdge || onRoute {
					continue
				}
				looked++
				want := code(tileID{zoom, int(math.Floor(wx)+n) % int(n), int(math.Floor(wy))})
				if got := (color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}); got != want {
					t.Fatalf("%s: at %d, %d is %v, not %v", name, x, y, got, want)
				}
			}
		}
		if looked < 1000 {
			t.Errorf("%s: only %d places were looked at", name, looked)
		}
		for _, tile := range wd.requests() {
			if tile.x < 0 || tile.y < 0 || tile.x >= int(n) || tile.y >= int(n) {
				t.Errorf("%s: asked for %v", name, tile)
			}
		}
		if asked := len(wd.requests()); asked < 6 || asked > maxPatches {
			t.Errorf("%s: asked for %d tiles", name, asked)
		}
		if !wd.agents["runvs/test (+https://runvs.test)"] || len(wd.agents) != 1 {
			t.Errorf("the server was told %v", wd.agents)
		}
	}
}

func TestBeyondTheWorldIsGround(t *testing.T) {
	wd := newWorld(t, plainTiles(func(tileID) color.RGBA { return color.RGBA{0, 0, 0, 255} }))
	img, _ := render(t, wd.tiles, circle(t, 85, 0, 0.04, 100))
	if got := color.NRGBAModel.Convert(img.At(300, 5)); got != (color.NRGBA{0xee, 0xf1, 0xec, 255}) {
		t.Errorf("north of the map is %v", got)
	}
	if got := color.NRGBAModel.Convert(img.At(300, 290)); got != (color.NRGBA{0, 0, 0, 255}) {
		t.Errorf("south of its edge is %v", got)
	}
}

// Any view that a line can have needs few tiles, or none is asked for.
func TestNoViewNeedsManyTiles(t *testing.T) {
	for scale := 100.0; scale < 1e9; scale *= 1.07 {
		v := view{scale: scale, x0: -0.3071, y0: -0.2113}
		if n := len(v.cover(v.zoom())); n > maxPatches && scale > 600 {
			t.Errorf("%d tiles at %.0f pixels a world", n, scale)
		}
	}
}

func TestACoarserMapStandsInWhereThereIsNoFiner(t *testing.T) {
	paint := plainTiles(func(tileID) color.RGBA { return color.RGBA{200, 210, 180, 255} })
	const deepest = 15
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		if tile.z > deepest {
			http.NotFound(w, r)
			return
		}
		paint(w, r, tile)
	})
	img, _ := render(t, wd.tiles, circle(t, 37.56, 126.98, 0.0014, 300))
	if got := color.NRGBAModel.Convert(img.At(320, 180)); got != (color.NRGBA{200, 210, 180, 255}) {
		t.Errorf("the middle is %v", got)
	}
}

func TestWhereTheServerHasNoTileTheGroundShows(t *testing.T) {
	paint := plainTiles(func(tileID) color.RGBA { return color.RGBA{200, 210, 180, 255} })
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		switch (tile.x + tile.y) % 4 {
		case 0:
			http.NotFound(w, r)
		case 1:
			w.WriteHeader(http.StatusNoContent)
		default:
			paint(w, r, tile)
		}
	})
	img, _ := render(t, wd.tiles, circle(t, 37.56, 126.98, 0.005, 300))
	if n := count(img, color.RGBA{200, 210, 180, 255}); n < 20_000 {
		t.Errorf("only %d pixels are map", n)
	}
	if n := count(img, color.RGBA{0xee, 0xf1, 0xec, 255}); n < 20_000 {
		t.Errorf("only %d pixels are ground", n)
	}
	if wd.log.Len() > 0 {
		t.Errorf("logged: %s", wd.log)
	}
}

func TestEqualRoutesGiveEqualPicturesOverAMap(t *testing.T) {
	for name, at := range places {
		if name != "1 km" && os.Getenv("RUNVS_TEST_PICTURES") == "" {
			continue // the others are for the eye
		}
		route := circle(t, at.lat, at.lng, at.radius, 300)
		wd := newWorld(t, streets(route))
		_, first := render(t, wd.tiles, route)
		asked := len(wd.requests())
		_, again := render(t, wd.tiles, route)
		if !bytes.Equal(first, again) {
			t.Errorf("%s: the same route gave another picture", name)
		}
		if len(wd.requests()) != asked {
			t.Errorf("%s: tiles were asked for again", name)
		}
		if wd.log.Len() > 0 {
			t.Errorf("%s: there is no map: %s", name, wd.log)
		}
		show(t, "map "+name, first)
	}
}

func count(img image.Image, c color.RGBA) (n int) {
	for y := range Height {
		for x := range Width {
			if color.RGBAModel.Convert(img.At(x, y)) == c {
				n++
			}
		}
	}
	return n
}
