package mapimage

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fogleman/gg"

	"github.com/runvs/runvs/domain/geo"
)

// clock is set by the test.
type clock struct{ at atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

// world is a tile server for tests.
type world struct {
	tiles *Tiles
	clock *clock
	log   *bytes.Buffer

	mu     sync.Mutex
	asked  []tileID
	agents map[string]bool
}

// secret stands for a key in the address, which nothing may log.
const secret = "hunter2"

// newWorld serves tiles; answer is called for each.
func newWorld(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, tile tileID)) *world {
	t.Helper()
	wd := &world{clock: &clock{}, log: &bytes.Buffer{}, agents: map[string]bool{}}
	wd.clock.advance(1e9)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var tile tileID
		if _, err := fmt.Sscanf(r.URL.Path, "/map/%d/%d/%d.png", &tile.z, &tile.x, &tile.y); err != nil || r.URL.Query().Get("key") != secret {
			t.Errorf("asked for %s", r.URL)
		}
		wd.mu.Lock()
		wd.asked = append(wd.asked, tile)
		wd.agents[r.UserAgent()] = true
		wd.mu.Unlock()
		answer(w, r, tile)
	}))
	t.Cleanup(server.Close)
	wd.tiles = wd.mapOf(t, server.URL+"/map/{z}/{x}/{y}.png?key="+secret)
	t.Cleanup(func() {
		if strings.Contains(wd.log.String(), secret) || strings.Contains(wd.log.String(), "/map/") {
			t.Errorf("the log holds the address: %s", wd.log)
		}
	})
	return wd
}

func (wd *world) mapOf(t *testing.T, template string) *Tiles {
	t.Helper()
	tiles, err := NewTiles(TilesConfig{
		URL: template, Attribution: "© OpenStreetMap contributors", UserAgent: "runvs/test (+https://runvs.test)",
		Clock: wd.clock, Log: slog.New(slog.NewTextHandler(&locked{b: wd.log}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	// However slow the machine: tests of patience set their own.
	tiles.pictureTime, tiles.server.patience, tiles.server.tileTime = time.Minute, time.Minute, time.Minute
	return tiles
}

func (wd *world) requests() []tileID {
	wd.mu.Lock()
	defer wd.mu.Unlock()
	return append([]tileID{}, wd.asked...)
}

// locked may be written by many; it is read when they are done.
type locked struct {
	mu sync.Mutex
	b  *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// painted answers with pictures of a side whose pixels paint colours, given
// their middle in the world: x eastwards from 0 to 1, y southwards.
func painted(side int, paint func(tile tileID, x, y float64) color.RGBA) func(http.ResponseWriter, *http.Request, tileID) {
	return func(w http.ResponseWriter, _ *http.Request, tile tileID) { send(w, paintTile(side, tile, paint)) }
}

func paintTile(side int, tile tileID, paint func(tile tileID, x, y float64) color.RGBA) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, side, side))
	n := float64(int(1)<<tile.z) * float64(side)
	for y := range side {
		for x := range side {
			p.SetRGBA(x, y, paint(tile, (float64(tile.x*side+x)+0.5)/n, (float64(tile.y*side+y)+0.5)/n))
		}
	}
	return p
}

// plainTiles answers with tiles of one colour, quickly.
func plainTiles(colour func(tileID) color.RGBA) func(http.ResponseWriter, *http.Request, tileID) {
	return func(w http.ResponseWriter, _ *http.Request, tile tileID) {
		send(w, image.NewPaletted(image.Rect(0, 0, tileSide, tileSide), color.Palette{colour(tile)}))
	}
}

func send(w http.ResponseWriter, p image.Image) {
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	_ = e.Encode(w, p)
}

// place is where a point is in the world, by the formula of OpenStreetMap's wiki
// ("Slippy map tilenames").
func place(p geo.Point) (x, y float64) {
	lat := p.Lat() * math.Pi / 180
	return (p.Lng() + 180) / 360, (1 - math.Log(math.Tan(lat)+1/math.Cos(lat))/math.Pi) / 2
}

// streets answers with blocks, and the route as a wide yellow road, so that an
// eye sees whether the drawn line follows it.
func streets(route geo.Line) func(http.ResponseWriter, *http.Request, tileID) {
	block := func(tile tileID, x, y float64) color.RGBA {
		n := float64(int(1) << tile.z)
		u, v := math.Mod(x*n*4, 1), math.Mod(y*n*4, 1)
		switch {
		case math.Mod(x*n, 1) < 0.012 || math.Mod(y*n, 1) < 0.012:
			return color.RGBA{120, 120, 190, 255} // where a tile begins
		case u < 0.12 || v < 0.12:
			return color.RGBA{255, 255, 255, 255}
		case u > 0.5 && v > 0.5:
			return color.RGBA{190, 222, 170, 255}
		}
		return color.RGBA{226, 220, 210, 255}
	}
	return func(w http.ResponseWriter, _ *http.Request, tile tileID) {
		dc := gg.NewContextForRGBA(paintTile(tileSide, tile, block))
		dc.SetLineWidth(24)
		dc.SetHexColor("#fad660")
		n := float64(int(1) << tile.z)
		for i := range route.Len() {
			x, y := place(route.At(i))
			x = (math.Remainder(x-(float64(tile.x)+0.5)/n, 1) + 0.5/n) * n * tileSide
			dc.LineTo(x, (y*n-float64(tile.y))*tileSide)
		}
		dc.Stroke()
		dc.SetHexColor("#334")
		dc.DrawString(tile.String(), 8, 20)
		send(w, dc.Image())
	}
}

func BenchmarkOverAMap(b *testing.B) {
	t := new(testing.T)
	route := circle(t, 37.5665, 126.978, 0.0143, 3000)
	v := fit(route, mercator(route))
	patches := v.cover(v.zoom())
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, tileSide, tileSide))); err != nil {
		b.Fatal(err)
	}
	for i := range patches {
		patches[i].file = file.Bytes()
	}
	for b.Loop() {
		dst := image.NewRGBA(image.Rect(0, 0, Width, Height))
		for _, p := range patches {
			if err := p.draw(dst, v); err != nil {
				b.Fatal(err)
			}
		}
	}
}
