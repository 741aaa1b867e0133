package program_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/runvs/runvs/adapters/providertest"
)

// signIn signs in with the development login and returns the whole answer.
func (s *server) signIn(name string) map[string]any {
	s.t.Helper()
	return s.want(200, call{method: "POST", path: "/auth/login", body: object{"provider": "dev", "token": name}}).json
}

func (s *server) refresh(token, key string) answer {
	c := call{method: "POST", path: "/auth/refresh", body: object{"refresh_token": token}}
	if key != "" {
		c.header = map[string]string{"Idempotency-Key": key}
	}
	return s.do(c)
}

func TestSigningInRefreshingAndTheft(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		login := s.signIn("mina")
		same(t, "token_type", login["token_type"], "Bearer")
		same(t, "expires_in", login["expires_in"], 1800)
		same(t, "refresh_expires_in", login["refresh_expires_in"].(float64) == 2592000, true)
		same(t, "is_new_user", login["is_new_user"], true)
		same(t, "again", s.signIn("mina")["is_new_user"], false)
		same(t, "nickname", login["user"].(map[string]any)["nickname"], "mina")

		// Three refreshes; the second answer is lost and asked for again.
		tokens := []string{login["refresh_token"].(string)}
		for i := range 3 {
			a := s.refresh(tokens[i], "key")
			same(t, "refresh", a.status, 200)
			tokens = append(tokens, a.json["refresh_token"].(string))
			if i == 1 {
				again := s.refresh(tokens[i], "key")
				same(t, "the answer that was lost", again.json["refresh_token"], tokens[i+1])
			}
			me := s.want(200, call{method: "GET", path: "/users/me", token: a.json["access_token"].(string)})
			same(t, "who", me.id(), login["user"].(map[string]any)["id"])
		}
		// Two generations back: theft, and everything of mina's is revoked.
		other := s.signIn("mina")
		stranger := s.signIn("joon")
		theft := s.refresh(tokens[1], "key")
		same(t, "theft", theft.status, 401)
		same(t, "code", theft.code(), "refresh_token_reused")
		for _, token := range []string{tokens[3], other["refresh_token"].(string), tokens[1]} {
			same(t, "a token after the theft", s.refresh(token, "key").code(), "refresh_token_revoked")
		}
		same(t, "an access token after the theft", s.do(call{method: "GET", path: "/users/me", token: other["access_token"].(string)}).code(), "token_invalid")
		same(t, "another's token", s.refresh(stranger["refresh_token"].(string), "").status, 200)
		same(t, "signing in again", s.refresh(s.signIn("mina")["refresh_token"].(string), "").status, 200)
	})
}

func TestLoggingOut(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		phone, watch, joon := s.signIn("mina"), s.signIn("mina"), s.signIn("joon")
		out := func(access, refresh any) answer {
			return s.do(call{method: "POST", path: "/auth/logout", token: access.(string), body: object{"refresh_token": refresh}})
		}
		same(t, "no refresh token", out(joon["access_token"], "x").code(), "refresh_token_invalid")
		for _, access := range []any{"", "dead", phone["access_token"], ""} { // again when it has ended
			same(t, "logout", out(access, phone["refresh_token"]).status, 204)
		}
		same(t, "rt_after_logout", s.refresh(phone["refresh_token"].(string), "").code(), "refresh_token_revoked")
		next := s.refresh(watch["refresh_token"].(string), "")
		same(t, "the other device", next.status, 200)
		leaver := s.signIn("leaver")
		same(t, "leaving", s.do(call{method: "DELETE", path: "/users/me", token: leaver["access_token"].(string)}).status, 204)
		same(t, "logout of who left", out("", leaver["refresh_token"]).status, 204)
		own := joon["refresh_token"].(string)
		same(t, "logout with another secret", out("", own[:len(own)-43]+strings.Repeat("A", 43)).code(), "refresh_token_invalid")
		same(t, "logout-all", s.do(call{method: "POST", path: "/auth/logout-all", token: watch["access_token"].(string)}).status, 204)
		same(t, "the other device after all", s.refresh(next.json["refresh_token"].(string), "").code(), "refresh_token_revoked")
		same(t, "its access token", s.do(call{method: "GET", path: "/users/me", token: next.json["access_token"].(string)}).status, 401)
		same(t, "another's", s.do(call{method: "GET", path: "/users/me", token: joon["access_token"].(string)}).status, 200)
	})
}

func TestProfiles(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina, joon := s.login("mina"), s.login("joon")
		patch := func(token string, body any) answer {
			return s.do(call{method: "PATCH", path: "/users/me", token: token, body: body})
		}
		a := patch(mina, object{"nickname": "  한강러너 ", "weight_kg": 61.5})
		same(t, "nickname", a.json["nickname"], "한강러너")
		same(t, "weight", a.json["weight_kg"], 61.5)
		same(t, "cleared", patch(mina, object{"weight_kg": nil}).json["weight_kg"], nil)
		same(t, "kept", patch(mina, object{"avatar_url": nil}).json["nickname"], "한강러너")
		same(t, "nick_nfd_hangul", patch(mina, object{"nickname": "\u1112\u1161\u11ab\u1100\u1161\u11bc"}).json["nickname"], "한강")
		for name, c := range map[string]struct {
			body   any
			status int
			code   string
		}{
			"nick_empty": {object{"nickname": ""}, 422, "validation_failed"}, "nick_1": {object{"nickname": "m"}, 422, "validation_failed"},
			"nick_13": {object{"nickname": strings.Repeat("m", 13)}, 422, "validation_failed"}, "nick_zwsp": {object{"nickname": "mi\u200bna"}, 422, "validation_failed"},
			"nick_rtl_override": {object{"nickname": "mi\u202ena"}, 422, "validation_failed"}, "nick_emoji_zwj_family": {object{"nickname": "👨‍👩‍👧‍👦"}, 422, "validation_failed"},
			"fillers": {object{"nickname": "\u3164\u3164"}, 422, "validation_failed"}, "empty Braille": {object{"nickname": "\u2800\u2800"}, 422, "validation_failed"},
			"marks alone":      {object{"nickname": "\u0301\u0301"}, 422, "validation_failed"},
			"nick_number":      {object{"nickname": 12}, 400, "wrong_type"},
			"patch_total_runs": {object{"total_runs": 9}, 422, "validation_failed"}, "patch_email": {object{"email": "a@b.c"}, 422, "validation_failed"},
			"patch_id": {object{"id": "x"}, 422, "validation_failed"}, "patch_TOTAL_RUNS_case": {object{"TOTAL_RUNS": 9}, 422, "validation_failed"},
			"patch_avatar_url_169_254": {object{"avatar_url": "http://169.254.169.254/"}, 422, "validation_failed"},
			"weight of a mouse":        {object{"weight_kg": 0.02}, 422, "validation_failed"}, "a word for a weight": {object{"weight_kg": "x"}, 400, "wrong_type"},
		} {
			got := patch(joon, c.body)
			if got.status != c.status || got.code() != c.code {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
		for name, twins := range map[string][2]string{"nick_case_twin": {"Runner", "rUNNER"}, "nick_space_twin": {"run ner", "run  ner"}} {
			owner, other := s.login("owner, "+name), s.login("twin, "+name)
			same(t, name, patch(owner, object{"nickname": twins[0]}).status, 200)
			if got := patch(other, object{"nickname": twins[1]}); got.status != 409 || got.code() != "nickname_taken" {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
		for _, reserved := range []string{"admin", "R U N V S", "운영자", "\uff21dmin"} {
			if got := patch(joon, object{"nickname": reserved}); got.status != 409 || got.code() != "nickname_taken" {
				t.Errorf("%s: %d %s", reserved, got.status, got.raw)
			}
		}
		same(t, "whom a provider calls so", s.signIn("admin")["user"].(map[string]any)["nickname"], nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		for i := range 50 { // nick_parallel_50
			token := s.login("racer " + string(rune('A'+i)))
			wg.Go(func() {
				a := patch(token, object{"nickname": "the one"})
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
			})
		}
		wg.Wait()
		if statuses[200] != 1 || statuses[409] != 49 {
			t.Errorf("50 who want one nickname: %v", statuses)
		}
		me := s.want(200, call{method: "GET", path: "/users/me", token: mina})
		profile := s.want(200, call{method: "GET", path: "/users/" + me.id()})
		same(t, "a public profile", len(profile.json), 5)
		same(t, "of", profile.json["nickname"], "한강")
		same(t, "nobody's profile", s.do(call{method: "GET", path: "/users/0199b0a2-0000-7000-8000-000000000000"}).code(), "user_not_found")
	})
}

func TestStatisticsAndExport(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		run := s.run(mina, nil)
		course := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": run["id"], "title": "Road"}})
		s.run(mina, object{"course_id": course.id()})
		stats := s.want(200, call{method: "GET", path: "/users/me/stats", token: mina}).json
		same(t, "runs", stats["total_runs"], 2)
		same(t, "metres", stats["total_distance_meters"], 2*1798)
		same(t, "weeks", stats["by_week"], "[map[distance_meters:3596 duration_seconds:1198 runs:2 week:2026-W18]]")
		same(t, "months", stats["by_month"], "[map[distance_meters:3596 duration_seconds:1198 month:2026-05 runs:2]]")
		efforts := stats["best_efforts"].(map[string]any)
		same(t, "5k", efforts["5k"], nil)
		if k := efforts["1k"].(map[string]any); k["duration_seconds"].(float64) < 333 || k["duration_seconds"].(float64) > 333.5 {
			t.Errorf("the best kilometre at 3 m/s: %v", k)
		}
		a := s.want(200, call{method: "GET", path: "/users/me/export", token: mina})
		files := unzip(t, a.raw)
		id := run["id"].(string)
		for _, name := range []string{"account.json", "statistics.json", "README.txt", "sessions/" + run["session_id"].(string) + ".json", "runs/" + id + ".json", "runs/" + id + ".gpx", "courses/" + course.id() + ".json"} {
			if files[name] == "" {
				t.Errorf("%s is missing", name)
			}
		}
		same(t, "files", len(files), 7+2*3+1)
		same(t, "points", strings.Count(files["runs/"+id+".gpx"], "<trkpt"), 600)
		same(t, "an export of nobody", s.do(call{method: "GET", path: "/users/me/export"}).status, 401)
	})
}

// unzip returns the files of an archive.
func unzip(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name] != "" {
			t.Errorf("%s comes twice", f.Name)
		}
		files[f.Name] = string(content)
		if strings.HasSuffix(f.Name, ".json") && !json.Valid(content) {
			t.Errorf("%s is no JSON", f.Name)
		}
	}
	return files
}

// TestLeaving follows what others keep when somebody leaves.
func TestLeaving(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		login := s.signIn("mina")
		mina, joon := login["access_token"].(string), s.login("joon")
		first := s.run(mina, nil)
		shared := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": first["id"], "title": "shared"}}).id()
		own := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": first["id"], "title": "own"}}).id()
		s.run(mina, object{"course_id": shared})
		kept := s.runIn(1, joon, object{"course_id": shared})
		same(t, "joon's place", s.want(200, call{method: "GET", path: "/courses/" + shared + "/rankings/me", token: joon}).json["me"].(map[string]any)["rank"], 1)
		same(t, "on the board", s.want(200, call{method: "GET", path: "/courses/" + shared + "/rankings"}).json["total_count"], 2)

		s.session(mina, nil) // delete_with_active_session
		same(t, "leaving", s.do(call{method: "DELETE", path: "/users/me", token: mina}).status, 204)
		same(t, "delete_me_twice", s.do(call{method: "DELETE", path: "/users/me", token: mina}).status, 401)
		same(t, "jwt_sub_deleted_user", s.do(call{method: "GET", path: "/users/me", token: mina}).code(), "token_invalid")
		same(t, "rt_after_user_delete", s.refresh(login["refresh_token"].(string), "").code(), "refresh_token_invalid")

		course := s.want(200, call{method: "GET", path: "/courses/" + shared})
		same(t, "creator", course.json["creator"], nil)
		same(t, "rows", s.want(200, call{method: "GET", path: "/courses/" + shared + "/rankings"}).json["total_count"], 1)
		stats := s.want(200, call{method: "GET", path: "/courses/" + shared + "/stats"}).json
		same(t, "runs", stats["total_runs"], 1)
		same(t, "runners", stats["unique_runners"], 1)
		same(t, "joon's run", s.want(200, call{method: "GET", path: "/runs/" + kept["id"].(string), token: joon}).id(), kept["id"])
		same(t, "a course that nobody else ran", s.do(call{method: "GET", path: "/courses/" + own}).status, 404)
		again := s.signIn("mina")
		same(t, "login_after_delete", again["is_new_user"], true)
		same(t, "her runs then", s.want(200, call{method: "GET", path: "/users/me/runs", token: again["access_token"].(string)}).json["total_count"], 0)
	})
}

func TestTooManyRequests(t *testing.T) {
	settings := settings(t)
	settings.DatabaseURL, settings.SignInRate, settings.UserRate = "memory:", 5, 3
	s := boot(t, settings)
	mina, joon := s.login("mina"), s.login("joon")
	for i := range 4 {
		a := s.do(call{method: "GET", path: "/users/me", token: mina})
		if limited := a.status == 429; limited != (i == 3) {
			t.Errorf("request %d: %d", i, a.status)
		}
		same(t, "RateLimit-Limit", a.header.Get("RateLimit-Limit"), "3")
		same(t, "RateLimit-Remaining", a.header.Get("RateLimit-Remaining"), max(0, 2-i))
		if i == 3 {
			same(t, "code", a.code(), "rate_limited")
			same(t, "Retry-After", a.header.Get("Retry-After"), "20")
		}
	}
	same(t, "another user", s.do(call{method: "GET", path: "/users/me", token: joon}).status, 200)
	for i := range 4 {
		a := s.do(call{method: "POST", path: "/auth/refresh", body: object{"refresh_token": "x"}, header: map[string]string{"X-Forwarded-For": string(rune('1'+i)) + ".1.1.1"}})
		if limited := a.status == 429; limited != (i == 3) {
			t.Errorf("sign-in %d: %d", i+2, a.status)
		}
	}
	same(t, "a public read", s.do(call{method: "GET", path: "/courses"}).status, 200)
}

func TestKakaoSaysThatSomebodyLeft(t *testing.T) {
	settings := settings(t)
	settings.DatabaseURL, settings.KakaoAppID, settings.KakaoAdminKey = "memory:", "777", "the-admin-key"
	s := boot(t, settings)
	unlink := func(key, form string) answer {
		header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
		if key != "" {
			header["Authorization"] = key
		}
		return s.do(call{method: "POST", path: "/hooks/kakao/unlink", body: form, header: header})
	}
	const good = "KakaoAK the-admin-key"
	for name, c := range map[string]struct {
		key, form string
		status    int
	}{
		"unlink_no_key": {"", "app_id=777&user_id=1", 401}, "unlink_bad_key": {"KakaoAK x", "app_id=777&user_id=1", 401},
		"another scheme": {"Bearer the-admin-key", "app_id=777&user_id=1", 401}, "unlink_other_app": {good, "app_id=778&user_id=1", 401},
		"unlink_unknown_user": {good, "app_id=777&user_id=1", 200}, "no number": {good, "app_id=777&user_id=x", 200},
	} {
		if a := unlink(c.key, c.form); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	same(t, "unlink_GET", s.do(call{method: "GET", path: "/hooks/kakao/unlink?app_id=777&user_id=1", header: map[string]string{"Authorization": good}}).status, 200)
	same(t, "JSON", s.do(call{method: "POST", path: "/hooks/kakao/unlink", body: object{}, header: map[string]string{"Authorization": good}}).status, 415)
}

// TestSigningInWithKakaoAndApple goes through the real verifiers, against a
// stand-in that speaks the providers' formats.
func TestSigningInWithKakaoAndApple(t *testing.T) {
	providers := providertest.New()
	defer providers.Close()
	settings := settings(t)
	settings.DatabaseURL = "memory:"
	settings.KakaoAppID, settings.KakaoBaseURL = strconv.FormatInt(providertest.KakaoAppID, 10), providers.URL()
	settings.AppleBundleIDs, settings.AppleBaseURL = "com.example.other, "+providertest.AppleBundleID, providers.URL()
	settings.KakaoAdminKey = "the-admin-key"
	settings.AppleTeamID, settings.AppleKeyID = providertest.AppleTeamID, providertest.AppleKeyID
	settings.ApplePrivateKey = strings.ReplaceAll(providers.ApplePrivateKey(), "\n", `\n`)
	s := boot(t, settings)
	login := func(provider, token, nonce string) answer {
		body := object{"provider": provider, "token": token}
		if nonce != "" {
			body["nonce"] = nonce
		}
		return s.do(call{method: "POST", path: "/auth/login", body: body})
	}
	kakao := providers.AddKakaoUser(providertest.KakaoUser{ID: 9007199254740993, Nickname: "달리는 사람들의 모임 회장님", Email: "a@b.kr"})
	first := login("kakao", kakao, "")
	same(t, "kakao", first.status, 200)
	me := first.json["user"].(map[string]any)
	same(t, "nickname", me["nickname"], "달리는 사람들의 모임")
	same(t, "email", me["email"], "a@b.kr")
	twin := login("kakao", providers.AddKakaoUser(providertest.KakaoUser{ID: 2, Nickname: "달리는 사람들의 모임 회장님"}), "")
	same(t, "kakao_nickname_taken", twin.json["user"].(map[string]any)["nickname"], "달리는 사람들의 모임2")
	same(t, "signing in again", login("kakao", kakao, "").json["is_new_user"], false)
	same(t, "another token", login("kakao", "nonsense", "").code(), "invalid_social_token")

	apple := providers.AppleToken(map[string]any{"nonce": "n-1", "sub": "apple-user"})
	signedIn := login("apple", apple, "n-1")
	same(t, "apple", signedIn.status, 200)
	same(t, "apple_replay_same_token", login("apple", apple, "n-1").code(), "invalid_social_token")
	issued := 0
	fresh := func() string {
		issued++
		return providers.AppleToken(map[string]any{"nonce": "n-1", "sub": "apple-user", "c_hash": strconv.Itoa(issued)})
	}
	same(t, "apple_nonce_other", login("apple", fresh(), "n-2").code(), "invalid_social_token")
	same(t, "apple_nonce_missing", login("apple", fresh(), "").code(), "invalid_social_token")
	same(t, "apple's token for kakao", login("kakao", apple, "").code(), "invalid_social_token")

	// Kakao says that the first one left: the account goes, in a job.
	form := call{method: "POST", path: "/hooks/kakao/unlink", body: "app_id=" + settings.KakaoAppID + "&user_id=9007199254740993",
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Authorization": "KakaoAK the-admin-key"}}
	s.want(200, form)
	eventually(t, func() (answer, bool) {
		a := s.do(call{method: "GET", path: "/users/" + me["id"].(string)})
		return a, a.status == 404
	})
	s.want(200, form)

	// Who signed in with Apple leaves, and the grant is revoked there.
	leave := func(body any) answer {
		return s.do(call{method: "DELETE", path: "/users/me", token: signedIn.json["access_token"].(string), body: body})
	}
	code := providers.AppleCode(providertest.AppleBundleID)
	same(t, "a code that is none", leave(object{"authorization_code": 5}).status, 400)
	same(t, "a code too long", leave(object{"authorization_code": strings.Repeat("c", 1025)}).status, 422)
	same(t, "leaving", leave(object{"authorization_code": code}).status, 204)
	eventually(t, func() (answer, bool) { return answer{}, providers.AppleGrants() == 0 })
	same(t, "a used token after leaving makes no account", login("apple", apple, "n-1").code(), "invalid_social_token")
	same(t, "a fresh one does", login("apple", fresh(), "n-1").json["is_new_user"], true)

	providers.Break(providertest.Status500)
	down := login("kakao", kakao, "")
	same(t, "kakao_info_500", down.code(), "provider_unavailable")
	if down.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	logs := s.logs.String()
	for _, secret := range []string{kakao, apple, "a@b.kr", first.json["refresh_token"].(string), first.json["access_token"].(string), "the-admin-key", code} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %.12s…", secret)
		}
	}
}

func TestAvatars(t *testing.T) {
	settings := settings(t)
	settings.DatabaseURL = "memory:"
	s := boot(t, settings)
	mina := s.login("mina")
	upload := func(files ...[]byte) answer {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, data := range files {
			f, err := w.CreateFormFile("file", "../../etc/passwd\r\n.png") // ava_name_traversal, ava_name_crlf: names say nothing
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write(data); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return s.do(call{method: "POST", path: "/uploads/avatar", token: mina, body: b.Bytes(), header: map[string]string{"Content-Type": w.FormDataContentType()}})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	fetch := func(link any) answer {
		path, ours := strings.CutPrefix(link.(string), "http://runvs.test/api/v1")
		same(t, "the link is ours", ours, true)
		return s.do(call{method: "GET", path: path})
	}
	first := upload(file.Bytes())
	same(t, "status", first.status, 200)
	got := fetch(first.json["avatar_url"])
	same(t, "type", got.header.Get("Content-Type"), "image/jpeg")
	if !strings.HasPrefix(string(got.raw), "\xff\xd8\xff") || got.header.Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("%d bytes, %v", len(got.raw), got.header)
	}
	second := upload(file.Bytes())
	eventually(t, func() (answer, bool) { a := fetch(first.json["avatar_url"]); return a, a.status == 404 })
	same(t, "the new one", fetch(second.json["avatar_url"]).status, 200)
	for name, c := range map[string]struct {
		files  [][]byte
		status int
	}{"ava_no_file": {nil, 422}, "ava_two_files": {[][]byte{file.Bytes(), file.Bytes()}, 422}, "ava_zero_bytes": {[][]byte{{}}, 422}, "ava_svg": {[][]byte{[]byte("<svg/>")}, 415}, "ava_5MB_plus_1": {[][]byte{make([]byte, 5<<20+1)}, 413}} {
		if a := upload(c.files...); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	same(t, "removed", s.do(call{method: "PATCH", path: "/users/me", token: mina, body: object{"avatar_url": nil}}).json["avatar_url"], nil)
	eventually(t, func() (answer, bool) { a := fetch(second.json["avatar_url"]); return a, a.status == 404 })
	same(t, "no picture", s.do(call{method: "GET", path: "/avatars/..%2f..%2fjwt_secrets"}).status, 404)
}

// TestPicturesInS3 boots the program on a bucket.
func TestPicturesInS3(t *testing.T) {
	bucket := os.Getenv("RUNVS_TEST_S3_URL")
	if bucket == "" {
		if os.Getenv("RUNVS_REQUIRE_S3") != "" {
			t.Fatal("RUNVS_TEST_S3_URL is not set, and a server is required here")
		}
		t.Skip("RUNVS_TEST_S3_URL is not set; make test starts a server")
	}
	settings := settings(t)
	settings.DatabaseURL, settings.BlobURL = "memory:", bucket
	s := boot(t, settings)
	mina := s.login("mina")
	rec := s.run(mina, nil)
	cid := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "Road"}}).id()
	picture := eventually(t, func() (answer, bool) {
		a := s.do(call{method: "GET", path: "/courses/" + cid + "/thumbnail.png"})
		return a, a.status == 200
	})
	if !strings.HasPrefix(string(picture.raw), "\x89PNG") {
		t.Error("the thumbnail is no PNG")
	}
	ready := s.want(200, call{method: "GET", path: "/readyz"}).json
	same(t, "ready", []any{ready["status"], ready["workers"]}, []any{"ok", "here"})
}
