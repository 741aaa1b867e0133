package program_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

// A run whose claims hold every way to write a number can be read, sent again,
// completed and left, on every store.
func TestARunWithAnyLegalNumberIsNeverLost(t *testing.T) {
	const numbers = `[1e25,-1e25,1E+308,1e-25,5e-324,1234567890123456789012345,0.1000,1.50,-0,1e21,1e-7]`
	const totals = `{"distance_meters":1.5e2,"duration_seconds":1e-25,"Distance_Meters":"far","n":` + numbers + `}`
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		start := `{"started_at":"2026-05-01T06:30:00Z","client_session_id":"` + uuid.NewString() + `","device_info":{"n":` + numbers + `}}`
		send := func(path, body string) answer { return s.do(call{method: "POST", path: path, token: mina, body: body}) }
		sid := s.want(201, call{method: "POST", path: "/runs/sessions", token: mina, body: start}).id()
		same(t, "the session again", send("/runs/sessions", start).status, 200)

		chunk := strings.NewReplacer(`"cumulative":{`, `"completed_splits":[{"n":1e25}],"cumulative":{"n":`+numbers+`,"cadence":null,"CUMULATIVE":1e25,`,
			`"chunk_summary":{"distance_meters":180,"duration_seconds":60}`, `"chunk_summary":`+totals).Replace(raw(chunkOf(0, "final", 0, 60)))
		if !strings.Contains(chunk, totals) || !strings.Contains(chunk, "completed_splits") {
			t.Fatal(chunk)
		}
		same(t, "the chunk", send("/runs/sessions/"+sid+"/chunks", chunk).status, 201)
		same(t, "the chunk again", send("/runs/sessions/"+sid+"/chunks", chunk).json["status"], "replayed")
		got := s.want(200, call{method: "GET", path: "/runs/sessions/" + sid, token: mina})
		if !strings.Contains(string(got.raw), `"n":[1e+25,-1e+25,1e+308,1e-25,5e-324,1.2345678901234568e+24,0.1,1.5,0,1e+21,1e-07]`) {
			t.Errorf("device_info came back as %s", got.raw)
		}
		same(t, "the list", s.want(200, call{method: "GET", path: "/runs/sessions?status=active", token: mina}).json["total_count"], 1)
		record := send("/runs/sessions/"+sid+"/complete", `{"finished_at":"2026-05-01T06:40:00Z","filter_config":{"n":`+numbers+`}}`)
		if record.status != 201 {
			t.Fatalf("%d %s", record.status, record.raw)
		}
		s.want(200, call{method: "GET", path: "/runs/" + record.id(), token: mina})

		given := s.session(mina, object{"device_info": object{"x": 1e25}})
		s.want(200, call{method: "POST", path: "/runs/sessions/" + given + "/abandon", token: mina})
		s.want(204, call{method: "DELETE", path: "/users/me", token: mina})
	})
}

// What a store would write is bounded before it is written, and the answer says
// where, how large it is and how large it may be.
func TestClaimsThatAreTooLargeAreRefused(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	good := raw(chunkOf(0, "final", 0, 60))
	sid := s.session(mina, nil)
	large := `{"distance_meters":1,"duration_seconds":1,"x":[` + strings.TrimSuffix(strings.Repeat("1e300,", 20), ",") + `]}` // 170 bytes, 6 KiB written out
	start := `{"started_at":"2026-05-01T06:30:00Z","device_info":`
	swap := func(field, value string) string {
		_, rest, _ := strings.Cut(good, `"`+field+`":{`)
		old, _, _ := strings.Cut(rest, "}")
		return strings.Replace(good, `"`+field+`":{`+old+"}", `"`+field+`":`+value, 1)
	}
	splits := strings.Replace(good, `"sequence"`, `"completed_splits":[{},`+large+`],"sequence"`, 1)
	many := strings.Replace(good, `"sequence"`, `"completed_splits":[`+strings.TrimSuffix(strings.Repeat(`{"x":"`+strings.Repeat("x", 900)+`"},`, 100), ",")+`],"sequence"`, 1)
	for name, c := range map[string]struct {
		path, body, location string
		limit                int
	}{
		"device_info":      {"/runs/sessions", start + large + "}", "body.device_info", 4096},
		"chunk_summary":    {"/runs/sessions/" + sid + "/chunks", swap("chunk_summary", large), "body.chunk_summary", 4096},
		"cumulative":       {"/runs/sessions/" + sid + "/chunks", swap("cumulative", large), "body.cumulative", 4096},
		"completed_splits": {"/runs/sessions/" + sid + "/chunks", splits, "body.completed_splits[1]", 1024},
		"all splits":       {"/runs/sessions/" + sid + "/chunks", many, "body.completed_splits", 65536},
		"filter_config":    {"/runs/sessions/" + sid + "/complete", `{"finished_at":"2026-05-01T06:40:00Z","filter_config":` + large + `}`, "body.filter_config", 4096},
	} {
		a := s.do(call{method: "POST", path: c.path, token: mina, body: c.body})
		if a.status != 422 || a.code() != "claim_too_large" {
			t.Errorf("%s: %d %.200s", name, a.status, a.raw)
			continue
		}
		same(t, name+" is where", a.json["errors"].([]any)[0].(object)["location"], c.location)
		same(t, name+"'s limit", a.json["limit"], c.limit)
		if value, _ := a.json["value"].(float64); value <= float64(c.limit) {
			t.Errorf("%s: a value of %v", name, a.json["value"])
		}
	}
	// Blanks are not kept, so they do not count.
	blank := swap("chunk_summary", `{"distance_meters":1,`+strings.Repeat(" ", 20_000)+`"duration_seconds":1}`)
	same(t, "blanks", s.send(mina, sid, blank).status, 201)
}

// A pause of a year that JSON cannot write was a 500, for ever.
func TestAPauseOutsideOfTimeIsRefused(t *testing.T) {
	s := boot(t, settings(t))
	mina := s.login("mina")
	sid := s.session(mina, nil)
	for _, p := range []object{
		{"started_at": "0000-01-01T00:00:00+01:00", "ended_at": "2026-05-01T06:31:00Z"}, {"started_at": "2026-05-01T06:31:00Z", "ended_at": "9999-12-31T23:59:59-01:00"},
		{"started_at": "2026-05-01T06:31:00Z", "ended_at": "2026-05-01T06:31:00+24:00"}, {"started_at": "2026-05-01T06:31:00Z", "ended_at": "2026-05-01T06:31:60Z"},
	} {
		if a := s.send(mina, sid, with(chunkOf(0, "final", 0, 2), object{"pause_intervals": []object{p}})); a.status != 422 {
			t.Errorf("%v: %d %s", p, a.status, a.raw)
		}
	}
	for _, at := range []string{"2026-05-01T06:30:00+24:00", "2026-05-01T06:30:00,5Z", "2026-05-01t06:30:00z"} {
		same(t, "a start at "+at, s.do(call{method: "POST", path: "/runs/sessions", token: mina, body: object{"started_at": at}}).status, 422)
		same(t, "an end at "+at, s.do(call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: mina, body: object{"finished_at": at}}).status, 422)
	}
}
