package program_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/httpapi"
	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/adapters/sqlite"
)

// noExport are columns that tell nothing more of a user: hashes and secrets, copies
// for indexes, and keys that only tie rows together.
var noExport = map[string]string{
	"users.nickname_folded":               "a copy for the index",
	"users.course_quota_from":             "a quota's",
	"users.course_quota_used":             "a quota's",
	"users.avatar_id":                     "avatar_url leads to it",
	"courses.thumbnail_drawn":             "thumbnail_url is there then",
	"courses.retired":                     "a retired course is nobody's",
	"social_accounts.id":                  "ties nothing",
	"social_accounts.user_id":             "the account's own",
	"refresh_tokens.id":                   "part of the token",
	"refresh_tokens.user_id":              "the account's own",
	"refresh_tokens.token_hash":           "a secret's",
	"refresh_tokens.successor_id":         "part of a token",
	"refresh_tokens.sealed_successor":     "a secret",
	"refresh_tokens.idempotency_key_hash": "a hash",
	"refresh_tokens.created_at":           "used_at of a sign-in is the newest",
	"run_sessions.user_id":                "the account's own",
	"run_sessions.body_digest":            "a hash",
	"run_sessions.final_sequence":         "has_final and the chunks say it",
	"run_chunks.id":                       "ties nothing",
	"run_chunks.fixes":                    "how many points there are",
	"run_chunks.bytes":                    "how long the points are",
	"run_chunks.session_id":               "the file's",
	"run_chunks.digest":                   "a hash",
	"run_records.route_geometry":          "the GPX",
	"run_records.track_digest":            "a hash",
	"run_records.edited_digest":           "a hash",
	"rankings.id":                         "ties nothing",
	"rankings.user_id":                    "the account's own",
	"rankings.rank":                       "counted from everybody's",
	"period_rankings.user_id":             "the account's own",
	"user_periods.user_id":                "the account's own",
	"user_periods.period":                 "by_week and by_month say it",
	"user_periods.starts_on":              "week and month say it",
	"user_bests.user_id":                  "the account's own",
	"user_bests.run_record_id":            "run_id",
}

// notTheirs are tables that belong to courses: what others ran there, indexes, and by
// which keys they were asked for.
var notTheirs = map[string]string{
	"course_stats": "what everybody ran", "board_counts": "what everybody ran",
	"course_requests": "hashes, for a day", "course_shapes": "worked out of lines", "course_outlines": "an index of lines", "course_map": "an index of lines",
}

// derived are columns that are copies of others, or times of the row alone.
func derived(table, column string) bool {
	if table == "courses" {
		return column == "spatial_key" || column == "title_folded" || strings.HasPrefix(column, "start_l") || strings.HasPrefix(column, "map_") ||
			strings.HasPrefix(column, "route_") && column != "route_geometry"
	}
	return (column == "created_at" || column == "updated_at") && slices.Contains([]string{"rankings", "period_rankings", "user_periods", "user_bests", "run_chunks"}, table)
}

// TestTheExportHasEveryTable walks the foreign keys from the users on: a table with
// something of a user that is in no file of the archive, or a column, is missing
// there as soon as it is made.
func TestTheExportHasEveryTable(t *testing.T) {
	providers := providertest.New()
	defer providers.Close()
	set := settings(t)
	set.KakaoAppID, set.KakaoBaseURL = fmt.Sprint(providertest.KakaoAppID), providers.URL()
	s := boot(t, set)
	login := s.want(200, call{method: "POST", path: "/auth/login", body: object{"provider": "kakao", "token": providers.AddKakaoUser(
		providertest.KakaoUser{ID: 777000777000, Nickname: "내보내기", Email: "mine@runners.example"})}}).json
	mina, joon := login["access_token"].(string), s.login("joon")
	s.refresh(login["refresh_token"].(string), "key")
	s.upload(mina)
	rec := s.run(mina, nil)
	course := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "hidden", "is_public": false}}).id()
	public := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "shown"}}).id()
	ranked := s.run(mina, object{"course_id": public})
	joons := s.runIn(1, joon, object{"course_id": public})
	var unfinished []string
	for range 2 {
		sid := s.session(mina, object{"device_info": object{"model": "MYPHONE"}, "client_session_id": fmt.Sprintf("0199b0a2-0000-7000-8000-00000000000%d", len(unfinished))})
		chunk := chunkOf(0, "intermediate", 0, 60)
		chunk["filtered_points"], chunk["completed_splits"] = []object{point(1, 0)}, []object{{"split": "mine"}}
		chunk["chunk_summary"] = object{"distance_meters": 180, "duration_seconds": 60, "mood": "SUMMARY"}
		chunk["cumulative"] = object{"distance_meters": 180, "duration_seconds": 60, "mood": "CUMULATIVE"}
		chunk["pause_intervals"] = []object{{"started_at": "2026-05-01T06:30:10.000Z", "ended_at": "2026-05-01T06:30:20.000Z"}}
		same(t, "a chunk", s.send(mina, sid, chunk).status, 201)
		unfinished = append(unfinished, sid)
	}
	s.want(200, call{method: "POST", path: "/runs/sessions/" + unfinished[1] + "/abandon", token: mina})

	a := s.want(200, call{method: "GET", path: "/users/me/export", token: mina})
	files := unzip(t, a.raw)
	var index []struct {
		Path  string
		Holds string
	}
	if err := json.Unmarshal([]byte(files["index.json"]), &index); err != nil {
		t.Fatal(err)
	}
	exported := map[string]string{} // by table
	tables := httpapi.ExportTables()
	for _, part := range index {
		if !strings.Contains(files["README.txt"], part.Path) {
			t.Errorf("README.txt does not say what %s is", part.Path)
		}
		text := ""
		for name, content := range files {
			if ok, err := path.Match(part.Path, name); err != nil {
				t.Fatal(err)
			} else if ok {
				text += content
			}
		}
		if text == "" {
			t.Errorf("%s is in no file", part.Path)
		}
		for _, table := range tables[part.Path] {
			exported[table] += text
		}
	}

	db, err := sql.Open(sqlite.Driver, set.DataDir+"/runvs.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for table, columns := range tablesOfUsers(t, db) {
		if notTheirs[table] != "" {
			continue
		}
		text, ok := exported[table]
		if !ok {
			t.Errorf("%s has something of users, and is in no file of the export", table)
		}
		for _, column := range columns {
			if name := table + "." + column; noExport[name] == "" && !derived(table, column) && !strings.Contains(text, fmt.Sprintf("%q:", column)) {
				t.Errorf("%s is not in the export", name)
			}
		}
	}

	all := ""
	for name, content := range files {
		all += name + content
	}
	for what, word := range map[string]string{
		"account": "내보내기", "e-mail": "mine@runners.example", "account at a provider": "777000777000", "device": "MYPHONE", "client_session_id": "0199b0a2-0000-7000-8000-000000000001",
		"claim": "SUMMARY", "running claim": "CUMULATIVE", "split": `"split":"mine"`, "pause": "2026-05-01T06:30:10.000Z", "raw point": `"lat":37.5,"lng":127`,
		"private course": course, "run": rec["id"].(string), "ranked run": ranked["id"].(string), "active session": unfinished[0], "abandoned session": unfinished[1],
	} {
		if !strings.Contains(all, word) {
			t.Errorf("the %s is missing", what)
		}
	}
	for what, word := range map[string]string{"joon's run": joons["id"].(string), "joon": "joon", "a hash": "$2a$", "a token": login["refresh_token"].(string)} {
		if strings.Contains(all, word) {
			t.Errorf("%s is in it", what)
		}
	}
	for _, sid := range unfinished {
		same(t, "points of an unfinished session", strings.Count(files["sessions/"+sid+".json"], `"timestamp"`), 61)
	}
	same(t, "avatar.jpg", strings.HasPrefix(files["avatar.jpg"], "\xff\xd8\xff"), true)
	same(t, "places", strings.Count(files["rankings.json"], "best_duration_seconds"), 4)
}

// tablesOfUsers returns the tables that foreign keys lead from to the users, or that
// name a user without one, with their columns.
func tablesOfUsers(t *testing.T, db *sql.DB) map[string][]string {
	t.Helper()
	columns, parents := map[string][]string{}, map[string][]string{}
	text := func(query string, row func(values []string)) {
		eachRow(t, db, query, func(_ []string, values []any) {
			var words []string
			for _, v := range values {
				words = append(words, fmt.Sprint(v))
			}
			row(words)
		})
	}
	text("SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'river%'", func(v []string) {
		columns[v[0]] = append(columns[v[0]], v[1])
		if strings.HasSuffix(v[1], "user_id") || strings.HasSuffix(v[1], "creator_id") {
			parents[v[0]] = append(parents[v[0]], "users")
		}
	})
	text(`SELECT m.name, f."table" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'`, func(v []string) {
		parents[v[0]] = append(parents[v[0]], v[1])
	})
	theirs := map[string][]string{"users": columns["users"]}
	for grown := true; grown; {
		grown = false
		for table, of := range parents {
			for _, parent := range of {
				if theirs[table] == nil && theirs[parent] != nil {
					theirs[table], grown = columns[table], true
				}
			}
		}
	}
	if len(theirs) < 12 {
		t.Fatalf("the walk is blind: %v", theirs)
	}
	return theirs
}
