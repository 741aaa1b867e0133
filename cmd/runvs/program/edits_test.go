package program_test

import (
	"strings"
	"testing"
	"time"
)

// clockAt is a time of the made-up runs.
func clockAt(seconds int) string {
	return started.Add(time.Duration(seconds) * time.Second).Format("2006-01-02T15:04:05.000Z07:00")
}

func TestRunsAreEditedAndEditsUndone(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina, joon := s.login("mina"), s.login("joon")
		whole := s.run(mina, nil)
		path := "/runs/" + whole["id"].(string)
		wait := map[string]string{"Prefer": "wait=10"}
		edit := func(status int, c call) answer {
			t.Helper()
			c.token, c.header = mina, wait
			return s.want(status, c)
		}
		total := func(want int) {
			t.Helper()
			same(t, "total_runs", s.want(200, call{path: "/users/me", token: mina}).json["total_runs"], want)
			same(t, "runs in the list", s.want(200, call{path: "/users/me/runs", token: mina}).json["total_count"], want)
		}

		cropped := edit(200, call{method: "POST", path: path + "/crop", body: object{"from": clockAt(100), "to": clockAt(300)}}).json
		same(t, "distance", cropped["distance_meters"], 600)
		same(t, "processing", cropped["processing"], "done")
		same(t, "edited, version", []any{cropped["edited"], cropped["version"]}, []any{true, 1})
		take := cropped["edits"].(object)["takes"].([]any)[0].(object)
		same(t, "what is left", []any{take["session_id"], take["from"], take["to"]}, []any{whole["session_id"], clockAt(100), clockAt(300)})
		again := edit(200, call{method: "POST", path: path + "/crop", body: object{"from": clockAt(100), "to": clockAt(300)}})
		same(t, "the same crop again", again.json["version"], 1)
		same(t, "a run in the list", s.want(200, call{path: "/users/me/runs", token: mina}).json["items"].([]any)[0].(object)["edited"], true)
		undone := edit(200, call{method: "DELETE", path: path + "/edits"}).json
		same(t, "undone", []any{undone["distance_meters"], undone["edited"], undone["edits"], undone["version"]}, []any{whole["distance_meters"], false, nil, 2})

		split := edit(201, call{method: "POST", path: path + "/split", body: object{"at": clockAt(200)}})
		first, second := split.json["first"].(object), split.json["second"].(object)
		same(t, "Location", split.header.Get("Location"), "/api/v1/runs/"+second["id"].(string))
		same(t, "halves", []any{first["id"], first["distance_meters"], second["split_from"]}, []any{whole["id"], 600, whole["id"]})
		same(t, "split there again", edit(200, call{method: "POST", path: path + "/split", body: object{"at": clockAt(200)}}).json["second"].(object)["id"], second["id"])
		total(2)
		ids := []any{second["id"], first["id"]}
		merged := edit(200, call{method: "POST", path: "/runs/merge", body: object{"ids": ids}}).json
		same(t, "merged", []any{merged["id"], merged["distance_meters"]}, []any{whole["id"], whole["distance_meters"]})
		total(1)
		part := s.want(200, call{path: "/runs/" + second["id"].(string), token: mina}).json
		same(t, "merged_into", part["merged_into"], whole["id"])
		a := s.do(call{method: "DELETE", path: "/runs/" + second["id"].(string), token: mina})
		same(t, "deleting a part", []any{a.status, a.code(), a.json["run_id"]}, []any{409, "run_merged", whole["id"]})
		edit(200, call{method: "DELETE", path: path + "/edits"})
		total(1)

		for name, c := range map[string]struct {
			call
			status int
			code   string
		}{
			"a crop of another's":      {call{method: "POST", path: path + "/crop", token: joon, body: object{"from": clockAt(100), "to": clockAt(300)}}, 404, "run_not_found"},
			"a split of another's":     {call{method: "POST", path: path + "/split", token: joon, body: object{"at": clockAt(100)}}, 404, "run_not_found"},
			"a merge of another's":     {call{method: "POST", path: "/runs/merge", token: joon, body: object{"ids": ids}}, 404, "run_not_found"},
			"edits of another's":       {call{method: "DELETE", path: path + "/edits", token: joon}, 404, "run_not_found"},
			"a crop of no run":         {call{method: "POST", path: "/runs/x/crop", token: mina, body: object{"from": clockAt(100), "to": clockAt(300)}}, 404, "run_not_found"},
			"a crop outside":           {call{method: "POST", path: path + "/crop", token: mina, body: object{"from": clockAt(-1), "to": clockAt(300)}}, 422, "outside_run"},
			"a crop the wrong way":     {call{method: "POST", path: path + "/crop", token: mina, body: object{"from": clockAt(300), "to": clockAt(100)}}, 422, "validation_failed"},
			"a crop to one point":      {call{method: "POST", path: path + "/crop", token: mina, body: object{"from": clockAt(100), "to": started.Add(100*time.Second + time.Millisecond).Format(time.RFC3339Nano)}}, 422, "run_too_short"},
			"a crop without an end":    {call{method: "POST", path: path + "/crop", token: mina, body: object{"from": clockAt(300)}}, 422, "validation_failed"},
			"a crop at no time":        {call{method: "POST", path: path + "/crop", token: mina, body: object{"from": "noon", "to": clockAt(100)}}, 422, "validation_failed"},
			"a split outside":          {call{method: "POST", path: path + "/split", token: mina, body: object{"at": clockAt(6000)}}, 422, "outside_run"},
			"a merge of one":           {call{method: "POST", path: "/runs/merge", token: mina, body: object{"ids": ids[1:]}}, 422, "validation_failed"},
			"a merge of one, twice":    {call{method: "POST", path: "/runs/merge", token: mina, body: object{"ids": []any{ids[1], ids[1]}}}, 422, "validation_failed"},
			"a merge of what is no id": {call{method: "POST", path: "/runs/merge", token: mina, body: object{"ids": []any{ids[1], "x"}}}, 422, "validation_failed"},
			"a merge with what went":   {call{method: "POST", path: "/runs/merge", token: mina, body: object{"ids": ids}}, 404, "run_not_found"},
		} {
			a := s.do(c.call)
			same(t, name, []any{a.status, a.code()}, []any{c.status, c.code})
		}
		same(t, "what is left of it all", s.want(200, call{path: path, token: mina}).json["distance_meters"], whole["distance_meters"])
	})
}

// What was recorded, and what became of it, is in the export.
func TestEditsAreExported(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	whole := s.run(mina, nil)
	wait := map[string]string{"Prefer": "wait=10"}
	split := s.want(201, call{method: "POST", path: "/runs/" + whole["id"].(string) + "/split", token: mina, header: wait, body: object{"at": clockAt(200)}}).json
	second := split["second"].(object)
	files := unzip(t, s.want(200, call{path: "/users/me/export", token: mina}).raw)
	for name, want := range map[string]struct {
		word  string
		times int
	}{
		"sessions/" + whole["session_id"].(string) + ".json":  {`"timestamp"`, 600},
		"sessions/" + second["session_id"].(string) + ".json": {`"timestamp"`, 400},
		"runs/" + whole["id"].(string) + ".gpx":               {"<trkpt", 201},
		"runs/" + second["id"].(string) + ".gpx":              {"<trkpt", 400},
		"runs/" + whole["id"].(string) + ".json":              {`"takes"`, 1},
		"runs/" + second["id"].(string) + ".json":             {`"split_from": "` + whole["id"].(string), 1},
	} {
		same(t, name, strings.Count(files[name], want.word), want.times)
	}
}
