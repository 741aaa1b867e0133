package mapimage

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/color"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/budget/budgettest"
	"github.com/runvs/runvs/domain/geo"
)

func loop(t *testing.T) geo.Line { return circle(t, 37.56, 126.98, 0.005, 100) }

var gray = plainTiles(func(tileID) color.RGBA { return color.RGBA{200, 200, 200, 255} })

// plain is the loop without a map.
var plain = sync.OnceValue(func() []byte {
	data, _ := New(nil, &budgettest.Purse{}).Render(context.Background(), loop(new(testing.T)))
	return data
})

// bomb is the head of a PNG of a size, with nothing behind it.
func bomb(width, height uint32) []byte {
	header := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)...)
	header = append(header, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(header))
}

// isPlain fails the test unless a picture is what it would be without tiles, and
// the log says why.
func isPlain(t *testing.T, wd *world, says string) {
	t.Helper()
	_, got := render(t, wd.tiles, loop(t))
	if !bytes.Equal(got, plain()) {
		t.Error("the picture is not the plain one")
	}
	if !strings.Contains(wd.log.String(), says) || strings.Count(wd.log.String(), "\n") != 1 {
		t.Errorf("the log says not %q alone: %s", says, wd.log)
	}
}

func TestAServerThatFailsCostsTheMapAndNotThePicture(t *testing.T) {
	body := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) }
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("went to %s", r.URL.Path) }))
	defer elsewhere.Close()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"an error":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "status 500"},
		"a refused key":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, "status 403"},
		"too many requests":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, "status 429"},
		"a page":             {body([]byte("<!doctype html><title>tiles</title>")), "no PNG, JPEG or WebP"},
		"a GIF":              {body([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;")), "no PNG, JPEG or WebP"},
		"a broken PNG":       {body(bomb(256, 256)), "broken"},
		"a bomb":             {body(bomb(60_000, 60_000)), "60000×60000"},
		"a bomb of one line": {body(bomb(1_000_000, 1)), "1000000×1"},
		"nothing":            {body(nil), "empty"},
		"a file too large":   {body(make([]byte, maxTileBytes+1)), "more than 2097152 bytes"},
		"another host": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/map/x", http.StatusFound)
		}, "status 302"},
		"a bad redirect": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://[?key="+secret)
			w.WriteHeader(302)
		}, "status 302"},
		"half a file": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("\x89PNG"))
		}, "breaks off"},
		"a broken connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			// One tile that fails is enough: the others are good.
			wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
				if tile.x%2 == 0 {
					c.answer(w, r)
					return
				}
				gray(w, r, tile)
			})
			isPlain(t, wd, c.says)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		wd := newWorld(t, gray)
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		wd.tiles = wd.mapOf(t, server.URL+"/map/{z}/{x}/{y}?key="+secret)
		isPlain(t, wd, "does not answer")
	})
}

func TestWhatBreaksOnceIsAskedForAgain(t *testing.T) {
	var mu sync.Mutex
	broken := map[tileID]bool{}
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		mu.Lock()
		first := !broken[tile]
		broken[tile] = true
		mu.Unlock()
		if first {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		gray(w, r, tile)
	})
	img, _ := render(t, wd.tiles, loop(t))
	if count(img, color.RGBA{200, 200, 200, 255}) < 100_000 {
		t.Error("there is no map")
	}
}

func TestASlowServerIsNotWaitedFor(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request, _ tileID) { <-r.Context().Done() }
	t.Run("a tile has its time", func(t *testing.T) {
		wd := newWorld(t, hang)
		wd.tiles.server.tileTime = time.Millisecond
		isPlain(t, wd, "does not answer")
	})
	t.Run("a picture has its time", func(t *testing.T) {
		wd := newWorld(t, hang)
		wd.tiles.pictureTime = time.Millisecond
		wd.tiles.server.tileTime = 100 * time.Millisecond // what is under way ends by itself
		isPlain(t, wd, "did not all come in time")
	})
	t.Run("a turn has its time", func(t *testing.T) {
		wd := newWorld(t, gray)
		for range atOnce {
			wd.tiles.server.slots <- struct{}{}
		}
		wd.tiles.server.patience = time.Millisecond
		isPlain(t, wd, "did not all come in time")
		if len(wd.requests()) > 0 {
			t.Error("more were asked for at once")
		}
	})
	if pictureTime > 5*time.Second || tileTime > pictureTime {
		t.Errorf("a publication waits for %v", pictureTime)
	}
}

func TestACallerWhoLeavesEndsTheWait(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	wd := newWorld(t, func(_ http.ResponseWriter, r *http.Request, _ tileID) { leave(); <-r.Context().Done() })
	wd.tiles.server.tileTime = 100 * time.Millisecond
	if _, err := New(wd.tiles, &budgettest.Purse{}).Render(ctx, loop(t)); err == nil {
		t.Error("drawn all the same")
	}
	if strings.Contains(wd.log.String(), "without its map") {
		t.Error("that is no fault of the server, and was logged")
	}
}

func TestAServerThatFailedIsLeftAloneForAWhile(t *testing.T) {
	down := true
	var mu sync.Mutex
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		mu.Lock()
		defer mu.Unlock()
		if down {
			w.WriteHeader(503)
			return
		}
		gray(w, r, tile)
	})
	render(t, wd.tiles, loop(t))
	asked := len(wd.requests())
	if asked > 2*atOnce {
		t.Errorf("a server that is down was asked %d times for one picture", asked)
	}
	render(t, wd.tiles, loop(t))
	if n := len(wd.requests()); n != asked {
		t.Errorf("it was asked again %d times at once", n-asked)
	}
	mu.Lock()
	down = false
	mu.Unlock()
	wd.clock.advance(restTime)
	img, _ := render(t, wd.tiles, loop(t))
	if count(img, color.RGBA{200, 200, 200, 255}) < 100_000 {
		t.Error("there is no map after the rest")
	}
	wd.clock.advance(-time.Hour)
	wd.tiles.server.note(fmt.Errorf("down"))
	wd.clock.advance(-time.Hour)
	if wd.tiles.server.resting() != nil {
		t.Error("a clock that was set back keeps the server resting")
	}
}

func TestPingSaysWhetherTilesCanBeHad(t *testing.T) {
	status := 200
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		if status != 200 {
			w.WriteHeader(status)
			return
		}
		gray(w, r, tile)
	})
	if has, err := wd.tiles.Ping(t.Context()); !has || err != nil {
		t.Errorf("%v, %v", has, err)
	}
	wd.clock.advance(cacheTime)
	status = 404
	if has, err := wd.tiles.Ping(t.Context()); has || err != nil {
		t.Errorf("%v, %v", has, err)
	}
	wd.clock.advance(cacheTime)
	status = 401
	if _, err := wd.tiles.Ping(t.Context()); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}
