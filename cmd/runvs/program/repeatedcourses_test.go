package program_test

import (
	"strings"
	"sync"
	"testing"
)

// Whoever lost the answer to a new course asks again with the same key.
func TestACourseThatIsAskedForAgainIsMadeOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina, joon := s.login("mina"), s.login("joon")
		rec, joons := s.run(mina, nil), s.runIn(1, joon, nil)
		ask := func(token, key string, run any, title string) answer {
			return s.do(call{method: "POST", path: "/courses", token: token, header: map[string]string{"Idempotency-Key": key}, body: object{"run_record_id": run, "title": title}})
		}
		first := ask(mina, "k1", rec["id"], "way")
		same(t, "the first time", first.status, 201)
		again := ask(mina, "k1", rec["id"], "way")
		same(t, "once more", []any{again.status, again.id(), again.json["title"], again.json["hints"] != nil}, []any{200, first.id(), "way", true})
		another := ask(mina, "k1", rec["id"], "another way")
		same(t, "with another body", []any{another.status, another.code()}, []any{409, "idempotency_key_conflict"})
		same(t, "another's of this key", ask(joon, "k1", joons["id"], "way").status, 201)
		same(t, "another key", ask(mina, "k2", rec["id"], "way").status, 201)
		same(t, "no key", ask(mina, "", rec["id"], "way").status, 201)
		same(t, "a key of 256 letters", ask(mina, strings.Repeat("k", 256), rec["id"], "way").code(), "validation_failed")

		var at sync.WaitGroup
		var mu sync.Mutex
		ids := map[string]bool{}
		for range 8 {
			at.Go(func() {
				a := ask(mina, "k3", rec["id"], "at once")
				mu.Lock()
				defer mu.Unlock()
				if a.status != 200 && a.status != 201 {
					t.Errorf("at once: %d %s", a.status, a.raw)
				}
				ids[a.id()] = true
			})
		}
		at.Wait()
		same(t, "courses of one key at once", len(ids), 1)

		file := func(key, title string) answer {
			return s.formWith(mina, "/courses/import", aWay, map[string]string{"title": title}, map[string]string{"Idempotency-Key": key})
		}
		made := file("k4", "file")
		same(t, "a file", made.status, 201)
		same(t, "the file again", []any{file("k4", "file").status, file("k4", "file").id()}, []any{200, made.id()})
		same(t, "the file by another name", file("k4", "another").code(), "idempotency_key_conflict")
		same(t, "a file under a run's key", file("k1", "way").code(), "idempotency_key_conflict")
		same(t, "her courses", s.want(200, call{method: "GET", path: "/users/me/courses", token: mina}).json["total_count"], 5)
		s.want(204, call{method: "DELETE", path: "/courses/" + first.id(), token: mina})
		same(t, "one that was deleted meanwhile", ask(mina, "k1", rec["id"], "way").status, 201)
	})
}
