package program_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestAThumbnailLiesOverTheMap boots the program on a tile server that works, and
// on one that does not.
func TestAThumbnailLiesOverTheMap(t *testing.T) {
	const key = "hunter2"
	meadow := color.RGBA{150, 200, 120, 255}
	var agent atomic.Value
	up := true
	tiles := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		if !up {
			http.Error(w, "down for "+r.URL.String(), http.StatusBadGateway)
			return
		}
		_ = png.Encode(w, image.NewPaletted(image.Rect(0, 0, 256, 256), color.Palette{meadow}))
	}))
	defer tiles.Close()
	for _, up = range []bool{true, false} {
		settings := settings(t)
		settings.DatabaseURL, settings.TileURL, settings.TileAttribution = "memory:", tiles.URL+"/{z}/{x}/{y}.png?key="+key, "© somebody"
		s, p := start(t, settings)
		mina := s.login("mina")
		cid := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": s.run(mina, nil)["id"], "title": "Road"}}).id()
		picture, err := png.Decode(bytes.NewReader(s.thumbnail(mina, cid).raw))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "over the map", color.RGBAModel.Convert(picture.At(5, 5)) == meadow, up)
		same(t, "who asks", agent.Load(), "runvs/test (+http://runvs.test)")
		if err := p.Stop(); err != nil { // nobody writes to the log any more
			t.Fatal(err)
		}
		logs := s.logs.String()
		same(t, "the log says why", strings.Contains(logs, "a thumbnail is drawn without its map") && strings.Contains(logs, "status 502"), !up)
		if strings.Contains(logs, key) {
			t.Error("the log holds the key")
		}
	}
}
