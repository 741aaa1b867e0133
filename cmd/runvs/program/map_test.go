package program_test

import (
	"testing"

	"github.com/paulmach/orb/encoding/mvt"
	"golang.org/x/text/unicode/norm"
)

func TestMapTilesOverHTTP(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		token := s.login("mina")
		made := s.form(token, "/courses/import", map[string]string{"title": "강변"}).id()
		hidden := s.form(token, "/courses/import", map[string]string{"title": "secret", "is_public": "false"}).id()
		world := s.want(200, call{path: "/tiles/courses/0/0/0.mvt"})
		same(t, "type", world.header.Get("Content-Type"), "application/vnd.mapbox-vector-tile")
		same(t, "cache", world.header.Get("Cache-Control"), "public, max-age=60")
		same(t, "who may show it", world.header.Get("Access-Control-Allow-Origin"), "*")
		layers, err := mvt.Unmarshal(world.raw)
		if err != nil || len(layers) != 1 || len(layers[0].Features) != 1 {
			t.Fatalf("layers %v, %v; the private course %s must not be among them", layers, err, hidden)
		}
		same(t, "id", layers[0].Features[0].Properties["id"], made)
		same(t, "title", layers[0].Features[0].Properties["title"], "강변")
		again := s.do(call{path: "/tiles/courses/0/0/0.mvt", header: map[string]string{"If-None-Match": world.header.Get("ETag")}})
		same(t, "who has it", again.status, 304)
		same(t, "an empty one", len(s.want(200, call{path: "/tiles/courses/5/0/0.mvt"}).raw), 0)
		for _, path := range []string{"/0/1/0.mvt", "/-1/0/0.mvt", "/23/0/0.mvt", "/1/0/x.mvt", "/1/0/1.5.mvt", "/01/0/0.mvt", "/1/0/99999999999999999999.mvt"} {
			same(t, path, s.want(404, call{path: "/tiles/courses" + path}).code(), "tile_not_found")
		}
	})
}

func TestCoursesAreListedByCursor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		token := s.login("mina")
		for _, title := range []string{"한강 하나", "한강 둘", "남산", norm.NFD.String("한강 셋")} {
			s.form(token, "/courses/import", map[string]string{"title": title})
		}
		for _, sort := range []string{"newest", "popular", "distance"} {
			first := s.want(200, call{path: "/courses?per_page=2&q=한강&sort=" + sort})
			same(t, "in all", first.json["total_count"], 3.0)
			cursor, _ := first.json["next_cursor"].(string)
			rest := s.want(200, call{path: "/courses?per_page=2&q=" + norm.NFD.String("한강") + "&sort=" + sort + "&cursor=" + cursor})
			same(t, "there is no next", rest.json["next_cursor"], nil)
			titles := map[any]bool{}
			for _, page := range []answer{first, rest} {
				for _, item := range page.json["items"].([]any) {
					titles[item.(map[string]any)["title"]] = true
				}
			}
			if len(titles) != 3 || !titles["한강 셋"] {
				t.Errorf("%s: %v", sort, titles)
			}
			other := map[string]string{"newest": "popular", "popular": "distance", "distance": "newest"}[sort]
			same(t, "the cursor of another order", s.want(422, call{path: "/courses?sort=" + other + "&cursor=" + cursor}).code(), "validation_failed")
		}
	})
}
