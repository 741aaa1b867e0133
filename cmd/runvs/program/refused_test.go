package program_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// with returns a copy of an object with members changed; nil takes one away.
func with(o object, more object) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
		if v == nil {
			delete(out, k)
		}
	}
	return out
}

// points is a chunk with one point changed.
func points(more object) object {
	return with(chunkOf(0, "final", 0, 2), object{"raw_gps_points": []object{with(point(0, 0), more), point(1, 0)}})
}

func raw(o object) string {
	b, _ := json.Marshal(o)
	return string(b)
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// bomb is a gzip that inflates to so many MiB of blanks. A gzip may have many
// members (RFC 1952 §2.2), so one of them is enough to make.
func bomb(mebibytes int) []byte {
	return bytes.Repeat(gzipped(bytes.Repeat([]byte(" "), 1<<20)), mebibytes)
}

// TestBadInputsByName sends each bad input to the program, and looks that the
// answer is the named one and that nothing was stored.
func TestBadInputsByName(t *testing.T) {
	s := boot(t, settings(t))
	mina, joon := s.login("mina"), s.login("joon")
	sid := s.session(mina, nil)
	good := chunkOf(0, "final", 0, 2)
	text := raw(good)
	start := object{"started_at": "2026-05-01T06:30:00Z"}
	chunks := "/runs/sessions/" + sid + "/chunks"
	post := func(path string, body any) call { return call{method: "POST", path: path, token: mina, body: body} }
	chunk := func(body any) call { return post(chunks, body) }
	session := func(more object) call { return post("/runs/sessions", with(start, more)) }
	header := func(c call, name, value string) call { c.header = map[string]string{name: value}; return c }

	for _, c := range []struct {
		name   string
		call   call
		status int
		code   string
	}{
		{"json_empty_body", chunk(""), 400, "malformed_json"},
		{"json_null", chunk("null"), 400, "wrong_type"},
		{"json_array_top", chunk("[]"), 400, "wrong_type"},
		{"json_truncated", chunk(text[:len(text)/2]), 400, "malformed_json"},
		{"json_trailing_data", chunk(text + "x"), 400, "malformed_json"},
		{"json_two_objects", chunk(text + text), 400, "malformed_json"},
		{"json_bom", chunk("\xef\xbb\xbf" + text), 400, "malformed_json"},
		{"json_utf16", chunk("{\x00}\x00"), 400, "malformed_json"},
		{"json_invalid_utf8", chunk(strings.Replace(text, "final", "fin\xff", 1)), 400, "malformed_json"},
		{"json_lone_surrogate", chunk(strings.Replace(text, "final", `\ud800`, 1)), 400, "malformed_json"},
		{"json_u0000", chunk(strings.Replace(text, "final", `\u0000`, 1)), 400, "malformed_json"},
		{"json_depth_10001", chunk(strings.Repeat("[", 10001)), 400, "wrong_type"},
		{"json_depth_in_summary", chunk(strings.Replace(text, `"distance_meters":6`, `"x":`+strings.Repeat("[", 9)+strings.Repeat("]", 9)+`,"distance_meters":6`, 1)), 400, "malformed_json"},
		{"json_dup_keys", chunk(strings.Replace(text, `"sequence":0`, `"sequence":0,"sequence":0`, 1)), 400, "malformed_json"},
		{"json_key_other_case", chunk(strings.Replace(text, `"sequence"`, `"Sequence"`, 1)), 422, "validation_failed"},
		{"json_unknown_field", chunk(with(good, object{"sequnce": 1})), 422, "validation_failed"},
		{"json_comment", chunk("/* */" + text), 400, "malformed_json"},
		{"json_single_quotes", chunk(strings.ReplaceAll(text, `"`, `'`)), 400, "malformed_json"},
		{"json_nan_literal", chunk(strings.Replace(text, "127", "NaN", 1)), 400, "malformed_json"},
		{"json_infinity_literal", chunk(strings.Replace(text, "127", "Infinity", 1)), 400, "malformed_json"},
		{"json_1e400", chunk(strings.Replace(text, "127", "1e400", 1)), 400, "malformed_json"},
		{"json_1e100000_in_extra", chunk(strings.Replace(text, `"distance_meters":6`, `"x":1e100000,"distance_meters":6`, 1)), 400, "malformed_json"},
		{"json_int_as_1.0", chunk(strings.Replace(text, `"sequence":0`, `"sequence":1.0`, 1)), 400, "wrong_type"},
		{"json_int_as_string", chunk(strings.Replace(text, `"sequence":0`, `"sequence":"0"`, 1)), 400, "wrong_type"},
		{"json_2p63", chunk(strings.Replace(text, `"sequence":0`, `"sequence":9223372036854775808`, 1)), 400, "malformed_json"},
		{"start_json_dup_keys", post("/runs/sessions", `{"started_at":"2026-05-01T06:30:00Z","started_at":"2026-05-01T06:30:00Z"}`), 400, "malformed_json"},
		{"start_json_unknown_field", session(object{"startedAt": 1}), 422, "validation_failed"},
		{"start_json_int", session(object{"started_at": 5}), 400, "wrong_type"},
		{"body_over_limit", chunk(strings.Repeat(" ", 1<<20+1)), 413, "body_too_large"},
		{"body_30MB", chunk(strings.Repeat(" ", 30<<20)), 413, "body_too_large"},
		{"gzip_bomb_1GB", header(chunk(bomb(1024)), "Content-Encoding", "gzip"), 413, "body_too_large"},
		{"gzip_truncated", header(chunk(gzipped([]byte(text))[:40]), "Content-Encoding", "gzip"), 400, "malformed_body"},
		{"gzip_that_is_none", header(chunk(text), "Content-Encoding", "gzip"), 400, "malformed_body"},
		{"content_encoding_br", header(chunk(text), "Content-Encoding", "br"), 415, "unsupported_media_type"},
		{"content_type_form", header(chunk(text), "Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_media_type"},
		{"content_type_missing", header(chunk(text), "Content-Type", ""), 415, "unsupported_media_type"},
		{"digest_mismatch", header(chunk(text), "Content-Digest", "sha-256=:AAAA:"), 422, "digest_mismatch"},
		{"path_double_slash", call{method: "GET", path: "//api/v1/courses"}, 404, "not_found"},
		{"path_encoded_slash_id", call{method: "GET", path: "/runs/a%2Fb", token: mina}, 404, "run_not_found"},
		{"uuid_braces", call{method: "GET", path: "/runs/{" + sid + "}", token: mina}, 404, "run_not_found"},
		{"uuid_nil", call{method: "GET", path: "/runs/" + uuid.Nil.String(), token: mina}, 404, "run_not_found"},
		{"uuid_37_chars", call{method: "GET", path: "/runs/" + sid + "0", token: mina}, 404, "run_not_found"},
		{"method_not_allowed", call{method: "PUT", path: "/runs/sessions", token: mina}, 405, "method_not_allowed"},

		{"no_token", call{method: "POST", path: chunks, body: good}, 401, "token_invalid"},
		{"bad_token", call{method: "POST", path: chunks, body: good, token: "x.y.z"}, 401, "token_invalid"},
		{"bad_token_on_a_public_read", call{method: "GET", path: "/courses", token: "x"}, 401, "token_invalid"},
		{"token_in_query", call{method: "GET", path: "/users/me?access_token=" + mina}, 401, "token_invalid"},
		{"login_dev_empty", post("/auth/login", object{"provider": "dev", "token": " "}), 401, "invalid_social_token"},
		{"provider_google", post("/auth/login", object{"provider": "google", "token": "x"}), 401, "invalid_social_token"},
		{"provider_KAKAO_case", post("/auth/login", object{"provider": "KAKAO", "token": "x"}), 401, "invalid_social_token"},
		{"kakao_token_empty", post("/auth/login", object{"provider": "kakao", "token": ""}), 401, "invalid_social_token"},
		{"rt_empty", post("/auth/refresh", object{"refresh_token": ""}), 401, "refresh_token_invalid"},
		{"rt_null", post("/auth/refresh", object{"refresh_token": nil}), 401, "refresh_token_invalid"},
		{"rt_number", post("/auth/refresh", object{"refresh_token": 1}), 401, "refresh_token_invalid"},
		{"rt_access_jwt", post("/auth/refresh", object{"refresh_token": mina}), 401, "refresh_token_invalid"},

		{"sess_course_missing", session(object{"course_id": uuid.NewString()}), 404, "course_not_found"},
		{"sess_started_1970", session(object{"started_at": "1970-01-01T00:00:00Z"}), 422, "validation_failed"},
		{"sess_started_2100", session(object{"started_at": "2100-01-01T00:00:00Z"}), 422, "validation_failed"},
		{"sess_started_no_zone", session(object{"started_at": "2026-05-01T06:30:00"}), 422, "validation_failed"},
		{"sess_started_leap_60s", session(object{"started_at": "2026-06-30T23:59:60Z"}), 422, "validation_failed"},
		{"sess_device_info_big", session(object{"device_info": object{"x": strings.Repeat("y", 20_000)}}), 422, "claim_too_large"},

		{"chunk_seq_-1", chunk(with(good, object{"sequence": -1})), 422, "validation_failed"},
		{"chunk_seq_1.5", chunk(with(good, object{"sequence": 1.5})), 400, "wrong_type"},
		{"chunk_seq_5000", chunk(with(good, object{"sequence": 5000})), 422, "validation_failed"},
		{"chunk_seq_2p31", chunk(with(good, object{"sequence": 1 << 31})), 422, "validation_failed"},
		{"chunk_other_users_session", call{method: "POST", path: chunks, token: joon, body: good}, 404, "session_not_found"},
		{"chunk_unknown_session", post("/runs/sessions/"+uuid.NewString()+"/chunks", good), 404, "session_not_found"},
		{"chunk_type_FINAL_case", chunk(with(good, object{"chunk_type": "FINAL"})), 422, "validation_failed"},
		{"chunk_type_unknown", chunk(with(good, object{"chunk_type": "middle"})), 422, "validation_failed"},
		{"points_empty", chunk(with(good, object{"raw_gps_points": []object{}})), 422, "validation_failed"},
		{"points_null", chunk(strings.Replace(text, `"raw_gps_points":[`, `"raw_gps_points":null,"x":[`, 1)), 422, "validation_failed"},
		{"points_3601", chunk(chunkOf(0, "final", 0, 3601)), 422, "validation_failed"},
		{"filtered_more_than_raw", chunk(with(good, object{"filtered_points": []object{point(0, 0), point(1, 0), point(2, 0)}})), 422, "validation_failed"},
		{"summary_missing", chunk(with(good, object{"chunk_summary": nil})), 422, "validation_failed"},
		{"summary_without_distance", chunk(with(good, object{"chunk_summary": object{"duration_seconds": 1}})), 422, "validation_failed"},
		{"pause_overlap", chunk(with(good, object{"pause_intervals": []object{{"started_at": "2026-05-01T06:30:00Z", "ended_at": "2026-05-01T06:31:00Z"}, {"started_at": "2026-05-01T06:30:30Z", "ended_at": "2026-05-01T06:32:00Z"}}})), 422, "validation_failed"},
		{"pause_negative", chunk(with(good, object{"pause_intervals": []object{{"started_at": "2026-05-01T06:31:00Z", "ended_at": "2026-05-01T06:30:00Z"}}})), 422, "validation_failed"},

		{"lat_90.0001", chunk(points(object{"lat": 90.0001})), 422, "validation_failed"},
		{"lat_-91", chunk(points(object{"lat": -91})), 422, "validation_failed"},
		{"lng_180.0001", chunk(points(object{"lng": 180.0001})), 422, "validation_failed"},
		{"lng_-181", chunk(points(object{"lng": -181})), 422, "validation_failed"},
		{"lat_lng_swapped_korea", chunk(points(object{"lat": 127, "lng": 37.5})), 422, "validation_failed"},
		{"lat_missing", chunk(points(object{"lat": nil})), 422, "validation_failed"},
		{"lat_null", chunk(strings.Replace(text, `"lat":37.5`, `"lat":null`, 1)), 422, "validation_failed"},
		{"lat_string", chunk(points(object{"lat": "37.5"})), 400, "wrong_type"},
		{"lat_1e308", chunk(points(object{"lat": 1e308})), 422, "validation_failed"},
		{"alt_1e9", chunk(points(object{"altitude": 1e9})), 422, "validation_failed"},
		{"alt_-1e9", chunk(points(object{"altitude": -1e9})), 422, "validation_failed"},
		{"accuracy_negative", chunk(points(object{"accuracy": -1})), 422, "validation_failed"},
		{"speed_negative", chunk(points(object{"speed": -2})), 422, "validation_failed"},
		{"heading_361", chunk(points(object{"heading": 361})), 422, "validation_failed"},
		{"ts_missing", chunk(points(object{"timestamp": nil})), 422, "validation_failed"},
		{"ts_string_bad", chunk(points(object{"timestamp": "2026"})), 400, "wrong_type"},
		{"ts_ms_vs_s", chunk(points(object{"timestamp": started.Unix()})), 422, "validation_failed"},
		{"ts_zero", chunk(points(object{"timestamp": 0})), 422, "validation_failed"},
		{"ts_future", chunk(points(object{"timestamp": int64(4_102_444_800_000)})), 422, "validation_failed"},
		{"point_unknown_field", chunk(points(object{"latitude": 1})), 422, "validation_failed"},

		{"complete_no_chunks", post("/runs/sessions/"+sid+"/complete", completed), 409, "chunks_missing"},
		{"complete_other_user", call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: joon, body: completed}, 404, "session_not_found"},
		{"complete_no_body", post("/runs/sessions/"+sid+"/complete", object{}), 422, "validation_failed"},
		{"recover_empty", post("/runs/sessions/"+sid+"/recover", object{}), 422, "nothing_to_recover"},
		{"recover_other_user", call{method: "POST", path: "/runs/sessions/" + sid + "/recover", token: joon, body: object{}}, 404, "session_not_found"},
		{"recover_mode_unknown", post("/runs/sessions/"+sid+"/recover", object{"mode": "undo"}), 422, "validation_failed"},

		{"course_run_unknown", post("/courses", object{"run_record_id": uuid.NewString(), "title": "x"}), 404, "run_not_found"},
		{"near_lat_nan", call{method: "GET", path: "/courses/nearby?lat=NaN&lng=0"}, 422, "validation_failed"},
		{"near_lat_91", call{method: "GET", path: "/courses/nearby?lat=91&lng=0"}, 422, "validation_failed"},
		{"near_radius_-1", call{method: "GET", path: "/courses/nearby?lat=1&lng=0&radius=-1"}, 422, "validation_failed"},
		{"near_radius_0", call{method: "GET", path: "/courses/nearby?lat=1&lng=0&radius=0"}, 422, "validation_failed"},
		{"near_radius_1e12", call{method: "GET", path: "/courses/nearby?lat=1&lng=0&radius=1e12"}, 422, "validation_failed"},
		{"near_radius_nan", call{method: "GET", path: "/courses/nearby?lat=1&lng=0&radius=NaN"}, 422, "validation_failed"},
		{"near_limit_-1", call{method: "GET", path: "/courses/nearby?lat=1&lng=0&limit=-1"}, 422, "validation_failed"},
		{"near_limit_1e9", call{method: "GET", path: "/courses/nearby?lat=1&lng=0&limit=1000000000"}, 422, "validation_failed"},
		{"near_missing_lng", call{method: "GET", path: "/courses/nearby?lat=1"}, 422, "validation_failed"},
		{"near_swapped", call{method: "GET", path: "/courses/nearby?lat=127&lng=37"}, 422, "validation_failed"},
		{"bbox_inverted_lat", call{method: "GET", path: "/courses/bounds?sw_lat=2&sw_lng=0&ne_lat=1&ne_lng=1"}, 422, "validation_failed"},
		{"page_0", call{method: "GET", path: "/courses?page=0"}, 422, "validation_failed"},
		{"page_-1", call{method: "GET", path: "/courses?page=-1"}, 422, "validation_failed"},
		{"page_2p63", call{method: "GET", path: "/courses?page=9223372036854775808"}, 422, "validation_failed"},
		{"per_page_0", call{method: "GET", path: "/courses?per_page=0"}, 422, "validation_failed"},
		{"per_page_101", call{method: "GET", path: "/courses?per_page=101"}, 422, "validation_failed"},
		{"page_repeated_param", call{method: "GET", path: "/courses?page=1&page=2"}, 422, "validation_failed"},
		{"query_unknown", call{method: "GET", path: "/courses?pages=1"}, 422, "validation_failed"},
		{"cursor_bad", call{method: "GET", path: "/courses/" + uuid.NewString() + "/rankings?cursor=x"}, 422, "validation_failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := s.do(c.call)
			if a.status != c.status || a.code() != c.code {
				t.Errorf("%d %s, want %d %s: %.300s", a.status, a.code(), c.status, c.code, a.raw)
			}
			if got := a.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("Content-Type %q", got)
			}
			if path, _ := a.json["instance"].(string); !strings.HasPrefix(path, "/") {
				t.Errorf("instance %q", path)
			}
			for _, member := range []string{"type", "title", "status", "detail", "instance", "code"} {
				if _, there := a.json[member]; !there {
					t.Errorf("the problem has no %s: %s", member, a.raw)
				}
			}
		})
	}
	left := s.want(200, call{method: "GET", path: "/runs/sessions/" + sid, token: mina})
	same(t, "what was stored by all this", left.json["received"], "[]")
	same(t, "and it still works", s.send(mina, sid, good).status, 201)
	if err := s.logs; strings.Contains(err.String(), "panicked") {
		t.Error("a handler panicked")
	}
}

func TestWhatIsStrangeAndAccepted(t *testing.T) {
	s := boot(t, settings(t))
	for name, c := range map[string]object{
		"neg_zero":              points(object{"altitude": json.Number("-0.0")}),
		"pole_90":               points(object{"lat": 90, "lng": 180}),
		"alt_null":              with(points(nil), object{"raw_gps_points": []any{json.RawMessage(`{"lat":37.5,"lng":127,"timestamp":1777617000000,"altitude":null}`), point(1, 0)}}),
		"accuracy_5000":         points(object{"accuracy": 5000}),
		"speed_300":             points(object{"speed": 300}),
		"zero_zero":             points(object{"lat": 0, "lng": 0}),
		"25_decimal_digits":     points(object{"lat": json.Number("37.12345678901234567890123")}),
		"ts_equal_dup":          points(object{"timestamp": started.UnixMilli() + 1000}),
		"ts_backwards":          points(object{"timestamp": started.UnixMilli() + 5000}),
		"walks on in claims":    with(chunkOf(0, "final", 0, 2), object{"chunk_summary": object{"distance_meters": 1, "duration_seconds": 1, "mood": "good"}}),
		"unknown optional null": with(chunkOf(0, "final", 0, 2), object{"filtered_points": json.RawMessage("null")}),
	} {
		t.Run(name, func(t *testing.T) {
			mina := s.login(name) // somebody of their own: nobody has so many active sessions
			sid := s.session(mina, nil)
			if a := s.send(mina, sid, c); a.status != 201 {
				t.Fatalf("%d %s", a.status, a.raw)
			}
			if a := s.send(mina, sid, c); a.status != 200 || a.json["status"] != "replayed" {
				t.Errorf("again: %d %s", a.status, a.raw)
			}
		})
	}
	mina := s.login("mina")
	t.Run("gzip", func(t *testing.T) {
		sid := s.session(mina, nil)
		body := gzipped([]byte(raw(chunkOf(0, "final", 0, 60))))
		a := s.do(call{method: "POST", path: "/runs/sessions/" + sid + "/chunks", token: mina, body: body, header: map[string]string{"Content-Encoding": "gzip"}})
		same(t, "status", a.status, 201)
	})
	t.Run("uuid_upper", func(t *testing.T) {
		sid := s.session(mina, nil)
		s.want(200, call{method: "GET", path: "/runs/sessions/" + strings.ToUpper(sid), token: mina})
	})
}

func TestImportingAFileIsLikeSendingIt(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		upload := func(path, name string, data []byte, fields map[string]string) call {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			f, _ := w.CreateFormFile("file", name)
			_, _ = f.Write(data)
			for k, v := range fields {
				_ = w.WriteField(k, v)
			}
			_ = w.Close()
			return call{method: "POST", path: path, token: mina, body: b.Bytes(), header: map[string]string{"Content-Type": w.FormDataContentType(), "Prefer": "wait=10"}}
		}
		rec := s.run(mina, nil)
		gpx := s.want(200, call{method: "GET", path: "/runs/" + rec["id"].(string) + "/track?format=gpx", token: mina}).raw
		again := s.want(409, upload("/runs/import", "run.gpx", gpx, nil))
		same(t, "a recording of a run that is there", again.code(), "already_recorded")
		same(t, "which is", again.json["run_id"], rec["id"])
		first := s.want(201, upload("/runs/import?duplicate=keep", "run.gpx", gpx, nil))
		same(t, "what is kept is a duplicate of", first.json["duplicate_of"], rec["id"])
		same(t, "distance", first.json["distance_meters"], rec["distance_meters"])
		same(t, "moving time", first.json["duration_seconds"], rec["duration_seconds"])
		same(t, "the same file again", s.want(200, upload("/runs/import", "run.gpx", gpx, nil)).id(), first.id())
		same(t, "no track", s.do(upload("/runs/import", "run.gpx", []byte("hello"), nil)).code(), "unsupported_track")
		same(t, "a broken track", s.do(upload("/runs/import", "run.gpx", gpx[:len(gpx)/2], nil)).code(), "bad_track")
		course := s.want(201, upload("/courses/import", "course.gpx", gpx, map[string]string{"title": "from a file", "tags": "gpx"}))
		same(t, "title", course.json["title"], "from a file")
		same(t, "length", course.json["distance_meters"], rec["distance_meters"])
	})
}
