package program_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/adapters/sqlite"
)

// TestNothingOfWhoLeftIsLeft reads every column of every row of every table, so
// that a table that is made one day is walked as well.
func TestNothingOfWhoLeftIsLeft(t *testing.T) {
	providers := providertest.New()
	defer providers.Close()
	for name, tables := range map[string]string{
		sqlite.Driver: `SELECT name FROM sqlite_master WHERE type = 'table'`,
		"pgx":         `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'spatial_ref_sys'`,
	} {
		t.Run(name, func(t *testing.T) {
			set := settings(t)
			source := set.DataDir + "/runvs.db"
			if name == "pgx" {
				set.DatabaseURL = migrated.Copy(t)
				source = set.DatabaseURL
			}
			set.KakaoAppID, set.KakaoBaseURL = fmt.Sprint(providertest.KakaoAppID), providers.URL()
			s := boot(t, set)
			login := s.want(200, call{method: "POST", path: "/auth/login", body: object{"provider": "kakao", "token": providers.AddKakaoUser(
				providertest.KakaoUser{ID: 777000777000, Nickname: "떠나는러너", Email: "leaver@runners.example"})}})
			mina, joon := login.json["access_token"].(string), s.login("joon")
			uid := login.json["user"].(map[string]any)["id"].(string)
			s.refresh(login.json["refresh_token"].(string), "key")
			rec := s.run(mina, nil)
			shared := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{
				"run_record_id": rec["id"], "title": "떠나는러너의 길", "description": "ask leaver@runners.example", "tags": []string{"flat", "떠나는러너"}}}).id()
			own := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "own", "is_public": false}}).id()
			thumbnail := eventually(t, func() (answer, bool) {
				a := s.do(call{method: "GET", path: "/courses/" + shared + "/thumbnail.png"})
				return a, a.status == 200
			}).raw
			ranked := s.run(mina, object{"course_id": shared})
			s.runIn(1, joon, object{"course_id": shared})
			s.session(mina, object{"device_info": object{"model": "LEAVERPHONE"}})
			s.upload(mina)

			db, err := sql.Open(name, source)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			personal := []string{uid, strings.ReplaceAll(uid, "-", ""), "777000777000", "떠나는러너", "leaver@runners.example", "LEAVERPHONE", rec["id"].(string), ranked["id"].(string)}
			if places := placesOf(t, db, tables, personal); len(places) < 8 {
				t.Fatalf("while she is here, she is found in %v only: the search is blind", places)
			}
			same(t, "leaving", s.do(call{method: "DELETE", path: "/users/me", token: mina}).status, 204)
			// Jobs name runs and users by id alone, and are gone within the hour.
			for place := range placesOf(t, db, tables, personal) {
				if !strings.Contains(place, "river_job") {
					t.Errorf("she is still in %s", place)
				}
			}
			eventually(t, func() (answer, bool) {
				pictures, err := filepath.Glob(filepath.Join(set.DataDir, "blobs", "avatars", "*"))
				if err != nil {
					t.Fatal(err)
				}
				return answer{}, len(pictures) == 0
			})
			eventually(t, func() (answer, bool) {
				a := s.do(call{method: "GET", path: "/courses/" + shared + "/thumbnail.png"})
				_, gone := os.Stat(filepath.Join(set.DataDir, "blobs", "thumbnails", own+".png"))
				return a, a.status == 200 && !bytes.Equal(a.raw, thumbnail) && os.IsNotExist(gone)
			})
			course := s.want(200, call{method: "GET", path: "/courses/" + shared}).json
			same(t, "what stays says", []any{course["title"], course["description"], course["tags"], course["run_record_id"], course["estimated_duration_seconds"]}, "[Course of 1.4 km <nil> [flat] <nil> <nil>]")
			if _, err := os.Stat(filepath.Join(set.DataDir, "blobs")); err != nil {
				t.Error(err)
			}
		})
	}
}

// placesOf returns the columns that hold any of the words.
func placesOf(t *testing.T, db *sql.DB, tables string, words []string) map[string]bool {
	t.Helper()
	places := map[string]bool{}
	eachRow(t, db, tables, func(_ []string, table []any) {
		name := fmt.Sprint(table[0])
		eachRow(t, db, "SELECT * FROM "+name, func(columns []string, values []any) {
			for i, v := range values {
				text := readable(v)
				for _, w := range words {
					if strings.Contains(text, w) {
						places[name+"."+columns[i]] = true
					}
				}
			}
		})
	})
	return places
}

// eachRow calls f with every row of a query.
func eachRow(t *testing.T, db *sql.DB, query string, f func(columns []string, values []any)) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		f(columns, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// readable returns a column's value as text; a UUID may be 16 bytes.
func readable(v any) string {
	switch b := v.(type) {
	case []byte:
		return fmt.Sprintf("%s %x", b, b)
	case [16]byte:
		return fmt.Sprintf("%x", b)
	}
	return fmt.Sprint(v)
}

// upload gives somebody a picture.
func (s *server) upload(token string) {
	s.t.Helper()
	var picture, form bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		s.t.Fatal(err)
	}
	w := multipart.NewWriter(&form)
	f, err := w.CreateFormFile("file", "me.png")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.Write(picture.Bytes()); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.want(200, call{method: "POST", path: "/uploads/avatar", token: token, body: form.Bytes(), header: map[string]string{"Content-Type": w.FormDataContentType()}})
}

// TestATokenOfWhoLeftElsewhere: another process believes the token for some seconds,
// and what it does not find then is its caller.
func TestATokenOfWhoLeftElsewhere(t *testing.T) {
	set := settings(t)
	set.DatabaseURL = migrated.Copy(t)
	one := boot(t, set)
	two := boot(t, set)
	mina := one.login("mina")
	two.want(200, call{method: "GET", path: "/users/me", token: mina})
	one.want(204, call{method: "DELETE", path: "/users/me", token: mina})
	for _, path := range []string{"/users/me", "/users/me/export"} {
		if got := two.do(call{method: "GET", path: path, token: mina}); got.status != 401 || got.code() != "token_invalid" {
			t.Errorf("%s: %d %s", path, got.status, got.raw)
		}
	}
}
