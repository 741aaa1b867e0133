package program_test

import (
	"database/sql"
	"fmt"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/domain/run"
)

func TestASixthSession(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		start := call{method: "POST", path: "/runs/sessions", token: mina, body: object{"started_at": started.Format(time.RFC3339)}}
		var mu sync.Mutex
		answers := map[string]int{}
		var refused answer
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				a := s.do(start)
				mu.Lock()
				defer mu.Unlock()
				answers[fmt.Sprint(a.status, a.code())]++
				if a.status != 201 {
					refused = a
				}
			})
		}
		wg.Wait()
		same(t, "answers", answers, map[string]int{"201": run.MaxActiveSessions, "409too_many_sessions": 20 - run.MaxActiveSessions})
		same(t, "value and limit", []any{refused.json["value"], refused.json["limit"]}, []any{6, 5})
		// A phone can end one of those that are named, and go on.
		active := refused.json["active"].([]any)
		same(t, "named", len(active), run.MaxActiveSessions)
		one := "/runs/sessions/" + active[0].(string)
		s.want(200, call{method: "POST", path: one + "/abandon", token: mina})
		s.want(201, start)
		resume := s.do(call{method: "POST", path: one + "/recover", token: mina, body: object{"mode": "resume"}})
		same(t, "resuming a sixth", resume.code(), "too_many_sessions")
		s.session(s.login("joon"), nil) // others are not in the way
	})
}

func TestASessionIsFull(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	sid := s.session(mina, nil)
	for i := range run.MaxSessionChunks {
		if a := s.send(mina, sid, chunkOf(i, "intermediate", 2*i, 2*i+2)); a.status != 201 {
			t.Fatalf("chunk %d: %d %s", i, a.status, a.raw)
		}
	}
	last := run.MaxSessionChunks
	full := s.send(mina, sid, chunkOf(last, "final", 2*last, 2*last+2))
	same(t, "one more", []any{full.status, full.code(), full.json["what"], full.json["value"], full.json["limit"]}, []any{409, "session_full", "chunks", 301, 300})
	same(t, "a repeat", s.send(mina, sid, chunkOf(0, "intermediate", 0, 2)).status, 200)
	rec := s.want(201, call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: mina, body: with(completed, object{"total_chunks": last})})
	same(t, "seconds", rec.json["total_elapsed_seconds"], 2*last-1)
}

// ninedays is a chunk of a thousand points, nine days and 1,200 km apart.
func ninedays() object {
	points := []object{}
	for i := range 1000 {
		lng := math.Mod(float64(i)*10.8, 360) - 180
		points = append(points, object{"lat": 0, "lng": lng, "timestamp": longAgo.AddDate(0, 0, 9*i).UnixMilli()})
	}
	return object{
		"sequence": 0, "chunk_type": "final", "raw_gps_points": points,
		"chunk_summary": object{"distance_meters": 0, "duration_seconds": 0}, "cumulative": object{"distance_meters": 0, "duration_seconds": 0},
	}
}

// longAgo is long enough before now for all of ninedays to lie between.
var longAgo = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

func TestARunThatIsTooLong(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		sid := s.session(mina, object{"started_at": longAgo.Format(time.RFC3339)})
		path := "/runs/sessions/" + sid
		if a := s.send(mina, sid, ninedays()); a.status != 201 {
			t.Fatalf("the chunk: %s", a.raw)
		}
		for _, end := range []call{
			{method: "POST", path: path + "/complete", token: mina, body: completed},
			{method: "POST", path: path + "/recover", token: mina, body: object{}},
		} {
			a := s.do(end)
			same(t, end.path, []any{a.status, a.code(), a.json["unit"], a.json["limit"]}, []any{422, "run_too_long", "seconds", run.MaxRunSeconds})
			if value, _ := a.json["value"].(float64); value < 8900*86400 {
				t.Errorf("value %v", a.json["value"])
			}
			same(t, "the session", s.want(200, call{method: "GET", path: path, token: mina}).json["status"], "abandoned")
		}
		s.run(mina, nil)
	})
}

// A session that cannot become a record falls silent: the program that starts
// then ends it, and others, and stays alive.
func TestASilentSessionThatIsTooLong(t *testing.T) {
	settings := settings(t)
	first, p := start(t, settings)
	mina := first.login("mina")
	poisoned, good := first.session(mina, object{"started_at": longAgo.Format(time.RFC3339)}), first.session(mina, nil)
	for sid, chunk := range map[string]object{poisoned: ninedays(), good: chunkOf(0, "final", 0, 120)} {
		if a := first.send(mina, sid, chunk); a.status != 201 {
			t.Fatalf("the chunk: %s", a.raw)
		}
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(sqlite.Driver, filepath.Join(settings.DataDir, "runvs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	long := time.Now().UTC().Add(-run.SilenceLimit - time.Hour).Format("2006-01-02 15:04:05.000000+00:00")
	for _, statement := range []string{"UPDATE run_sessions SET active_since = ?", "UPDATE run_chunks SET created_at = ?"} {
		if _, err := db.Exec(statement, long); err != nil {
			t.Fatal(err)
		}
	}
	second := boot(t, settings)
	mina = second.login("mina")
	status := func(sid string) any {
		return second.want(200, call{method: "GET", path: "/runs/sessions/" + sid, token: mina}).json["status"]
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline) && (status(poisoned) == "active" || status(good) == "active"); {
	}
	same(t, "the one that is too long", status(poisoned), "abandoned")
	same(t, "the other", status(good), "completed")
}
