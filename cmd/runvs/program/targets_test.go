package program_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// badTexts are texts that PostgreSQL cannot take, as they stand in a target.
var badTexts = map[string]string{
	"no UTF-8": "%FF", "NUL": "%00", "NUL within": "a%00b", "an overlong NUL": "%C0%80", "a lone surrogate": "%ED%A0%80",
	"a pair of CESU-8": "%ED%A0%BD%ED%B8%80", "beyond Unicode": "%F4%90%80%80", "cut off": "%E2%82", "a raw byte": "\xff", "Latin-1": "caf\xe9",
}

// operation is one of the API's document.
type operation struct {
	method, path string
	query        []string // names of its parameters
}

var pathParameter = regexp.MustCompile(`\{[^}]+\}`)

// target is the operation's path with an id, or what is given, in it.
func (o operation) target(parameter string) string {
	return pathParameter.ReplaceAllLiteralString(o.path, parameter)
}

// operations are all of the API's document.
func (s *server) operations() (all []operation) {
	s.t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(s.want(200, call{method: "GET", path: "/openapi.json"}).raw, &document); err != nil {
		s.t.Fatal(err)
	}
	for path, methods := range document.Paths {
		for method, described := range methods {
			o := operation{method: strings.ToUpper(method), path: path}
			for _, p := range described.Parameters {
				if p.In == "query" {
					o.query = append(o.query, p.Name)
				}
			}
			all = append(all, o)
		}
	}
	if len(all) < 40 {
		s.t.Fatalf("only %d operations", len(all))
	}
	return all
}

// raw sends a request as it is written here, which net/http would refuse to.
func (s *server) raw(method, target, token string, header ...string) (status int, code string) {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	lines := append([]string{method + " " + target + " HTTP/1.1", "Host: runvs.test", "Connection: close", "Authorization: Bearer " + token}, header...)
	if method != http.MethodGet {
		lines = append(lines, "Content-Length: 0")
	}
	if _, err := fmt.Fprint(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.t.Fatalf("%s %q: %v", method, target, err)
	}
	defer resp.Body.Close()
	var problem struct{ Code string }
	_ = json.NewDecoder(resp.Body).Decode(&problem) // pages and pictures have none
	return resp.StatusCode, problem.Code
}

// No text that a database cannot take gets behind the door, in any parameter of
// any operation, known to it or not.
func TestNoOperationTakesAQueryThatIsNoText(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	refused := func(o operation, query string) {
		t.Helper()
		target := o.target(uuid.NewString()) + "?" + query
		if status, code := s.raw(o.method, target, mina); status != 422 || code != "validation_failed" {
			t.Errorf("%s %q: %d %s", o.method, target, status, code)
		}
	}
	for _, o := range append(s.operations(), operation{method: "GET", path: "/docs"}, operation{method: "GET", path: "/api/v1/nowhere"}) {
		for _, text := range badTexts {
			for _, name := range append(slices.Clone(o.query), "cursor", "tag", "q", "unknown", text) {
				refused(o, name+"="+text)
			}
			refused(o, text)
			refused(o, "q=good&q="+text)
			refused(o, "a=b&"+text+"=")
		}
		for _, query := range []string{"q=%zz", "%zz=q", "q=%4", "q=a;tag=b"} {
			refused(o, query)
		}
	}
	for _, o := range s.operations() {
		if slices.Contains(o.query, "q") {
			if status, _ := s.raw(o.method, o.target(uuid.NewString())+"?q=%ED%95%9C%20%F0%9F%8F%83+%26", mina); status != 200 {
				t.Errorf("a good query of %s: %d", o.path, status)
			}
		}
	}
}

// Whatever stands in a path or a header that is read, the fault is the caller's.
func TestNothingInAPathOrAHeaderIsAFaultOfTheServer(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		texts := []string{"%zz", "%", "..%2F..%2Fetc", "\x01", "%C0%AE", strings.Repeat("9", 4000), "%0d%0a", "-1", "99999999999999999999"}
		for _, text := range badTexts {
			texts = append(texts, text)
		}
		answered := func(o operation, target string, header ...string) {
			t.Helper()
			if status, code := s.raw(o.method, target, mina, header...); status >= 500 || status < 400 && len(header) == 0 {
				t.Errorf("%s %.100q %.100q: %d %s", o.method, target, header, status, code)
			}
		}
		for _, o := range s.operations() {
			for _, text := range texts {
				if strings.Contains(o.path, "{") {
					answered(o, o.target(text))
				}
				if o.method != "GET" && !strings.HasSuffix(o.path, "/auth/refresh") {
					continue // it would do something
				}
				for _, name := range []string{"Idempotency-Key", "X-Request-ID", "If-None-Match", "Prefer", "Content-Digest", "Accept", "X-Forwarded-For", "Content-Type"} {
					answered(o, o.target(uuid.NewString()), name+": "+text)
				}
			}
		}
	})
}

// A cursor is opaque, and can be made by anybody. No number in it is more than a
// database takes.
func TestACursorSaysOnlyWhatRowsCan(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		course := s.form(mina, "/courses/import", nil).id()
		id := uuid.NewString()
		good := object{"l": "", "n": 5, "r": 5, "t": started.UnixMicro(), "i": id}
		for list, path := range map[string]string{
			"history1": "/users/me/runs?", "board1": "/courses/" + course + "/rankings?", "recent1": "/courses/" + course + "/rankings?sort=recent&",
			"runs1": "/courses/" + course + "/rankings?sort=runs&", "courses-newest1": "/courses?", "courses-popular1": "/courses?sort=popular&", "courses-distance1": "/courses?sort=distance&",
		} {
			get := func(cursor object) answer {
				return s.do(call{method: "GET", path: path + "cursor=" + base64.RawURLEncoding.EncodeToString([]byte(raw(with(cursor, object{"l": list})))), token: mina})
			}
			if a := get(good); a.status != 200 {
				t.Errorf("a good cursor of %s: %d %s", list, a.status, a.raw)
			}
			for name, value := range map[string]object{
				"a large number": {"n": int64(1) << 40}, "a negative one": {"n": -1}, "runs": {"r": int64(1) << 40}, "the far future": {"t": int64(math.MaxInt64)},
				"the far past": {"t": int64(math.MinInt64)}, "no id": {"i": "x\u0000"},
			} {
				if a := get(with(good, value)); a.status != 422 || a.code() != "validation_failed" {
					t.Errorf("%s, %s: %d %s", list, name, a.status, a.raw)
				}
			}
		}
		for _, date := range []string{"0000-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "2026-5-1"} {
			if a := s.do(call{method: "GET", path: "/courses/" + course + "/rankings?period=week&date=" + date}); a.status >= 500 {
				t.Errorf("%s: %d %s", date, a.status, a.raw)
			}
		}
	})
}
