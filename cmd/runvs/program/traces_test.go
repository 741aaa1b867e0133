package program_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/runvs/runvs/adapters/providertest"
)

// TestTheFilesOfSQLiteForgetWhoLeft looks for what was personal in the bytes of the
// database and its log, where deleted rows stay as long as nobody overwrites them.
func TestTheFilesOfSQLiteForgetWhoLeft(t *testing.T) {
	providers := providertest.New()
	defer providers.Close()
	set := settings(t)
	set.KakaoAppID, set.KakaoBaseURL = fmt.Sprint(providertest.KakaoAppID), providers.URL()
	s := boot(t, set)
	mina := s.want(200, call{method: "POST", path: "/auth/login", body: object{"provider": "kakao", "token": providers.AddKakaoUser(
		providertest.KakaoUser{ID: 777000777000, Nickname: "떠나는러너", Email: "leaver@runners.example"})}}).json["access_token"].(string)
	joon := s.login("joon")
	first := s.run(mina, object{"device_info": object{"model": "LEAVERPHONE"}})
	s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": first["id"], "title": "my secret way", "is_public": false}})
	s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": first["id"], "title": "nobody's way"}})
	shared := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": first["id"], "title": "떠나는러너의 길"}}).id()
	s.runIn(1, joon, object{"course_id": shared})
	for range 40 { // so that rows of hers are on pages of their own, too
		sid := s.session(mina, object{"device_info": object{"model": "LEAVERPHONE"}})
		s.want(200, call{method: "POST", path: "/runs/sessions/" + sid + "/abandon", token: mina})
	}

	home := make([]byte, 8) // the longitude where she starts, as geography is kept
	binary.LittleEndian.PutUint64(home, math.Float64bits(127))
	lat := make([]byte, 8) // the latitude of her lane alone: joon's is another
	binary.LittleEndian.PutUint64(lat, math.Float64bits(37.5))
	traces := map[string][]byte{
		"nickname": []byte("떠나는러너"), "e-mail": []byte("leaver@runners.example"), "account": []byte("777000777000"), "phone": []byte("LEAVERPHONE"),
		"title": []byte("my secret way"), "title of a public course": []byte("nobody's way"), "points": []byte(`"lat":37.5,"lng":127.`), "line": append(home, lat...),
	}
	places := func() map[string]bool {
		found := map[string]bool{}
		for _, file := range []string{"runvs.db", "runvs.db-wal"} {
			data, err := os.ReadFile(filepath.Join(set.DataDir, file))
			if err != nil {
				t.Fatal(err)
			}
			for name, trace := range traces {
				if bytes.Contains(data, trace) {
					found[name+" in "+file] = true
				}
			}
		}
		return found
	}
	if found := places(); len(found) < len(traces) {
		t.Fatalf("while she is here, found are %v only: the search is blind", found)
	}
	same(t, "leaving", s.do(call{method: "DELETE", path: "/users/me", token: mina}).status, 204)
	eventually(t, func() (answer, bool) { // a job goes on when somebody was reading
		found := places()
		return answer{raw: []byte(fmt.Sprint(found))}, len(found) == 0
	})
	same(t, "what stays", s.want(200, call{method: "GET", path: "/courses/" + shared}).json["title"], "Course of 1.4 km")
}

// TestOthersOnTheHostReadNothing looks at the rights on all that the program makes,
// and on what an earlier version made with more.
func TestOthersOnTheHostReadNothing(t *testing.T) {
	set := settings(t)
	set.DataDir = filepath.Join(set.DataDir, "data")
	set.DatabaseURL, set.BlobURL = "sqlite:"+set.DataDir+"/runvs.db", "file:"+set.DataDir+"/blobs"
	for range 2 {
		s, p := start(t, set)
		mina := s.login("mina")
		s.upload(mina)
		s.run(mina, nil)
		if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		files := 0
		err := filepath.WalkDir(set.DataDir, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			if files++; info.Mode().Perm()&0o077 != 0 && (path == set.DataDir || filepath.Dir(path) == set.DataDir) {
				t.Errorf("%s is open to others: %v", path, info.Mode())
			}
			return nil
		})
		if err != nil || files < 6 {
			t.Fatalf("%d files, %v", files, err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		// As an earlier version left it, killed so that there is a log.
		for _, file := range []string{"runvs.db-wal", "runvs.db-shm"} {
			if err := os.WriteFile(filepath.Join(set.DataDir, file), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for file, mode := range map[string]fs.FileMode{"": 0o755, "runvs.db": 0o644, "runvs.db-wal": 0o644, "runvs.db-shm": 0o644, "blobs": 0o755} {
			if err := os.Chmod(filepath.Join(set.DataDir, file), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
}
