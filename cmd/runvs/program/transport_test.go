package program_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// talk sends bytes that no client library would, and returns the answer.
func (s *server) talk(request string) (status int, header http.Header, body string) {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		s.t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(raw)
}

func bootInMemory(t *testing.T) *server {
	settings := settings(t)
	settings.DatabaseURL = "memory:"
	return boot(t, settings)
}

func TestRequestsThatNoLibrarySends(t *testing.T) {
	s := bootInMemory(t)
	const login = `{"provider":"dev","token":"mina"}`
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(login), login)
	const head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
		code    string
	}{
		"chunked alone":              {head + "Transfer-Encoding: chunked\r\n\r\n" + chunked, 200, ""},
		"cl_te_both":                 {head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked, 400, "malformed_body"},
		"cl_te_both, the other way":  {head + "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n\r\n" + chunked, 400, "malformed_body"},
		"a header with a space":      {"GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer SECRETTOKEN\r\nX-A : b\r\n\r\n", 400, "malformed_body"},
		"two lengths":                {head + "Authorization: Bearer SECRETTOKEN\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400, "malformed_body"},
		"a method that nobody knows": {"FOO /api/v1/users/me HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"},
		"a method in small letters":  {"get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"},
		"a length over the limit":    {head + "Content-Length: 1100000\r\n\r\n{", 413, `"limit":65536,"value":1100000`},
	} {
		status, header, body := s.talk(c.request)
		if status != c.status || !strings.Contains(body, c.code) {
			t.Errorf("%s: %d %s", name, status, body)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: an answer without protection: %v", name, header)
		}
		if header.Get("X-Request-Id") == "" || status >= 400 && header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v", name, header)
		}
		if strings.Contains(body, "SECRET") || strings.Contains(body, "Buffer size") {
			t.Errorf("%s: the answer holds the request: %s", name, body)
		}
	}
}

// A body over the limit is not held: the answer comes while it is being sent.
func TestABodyOverTheLimitIsRefusedOnTheWay(t *testing.T) {
	s := bootInMemory(t)
	for name, head := range map[string]string{"declared": "Content-Length: 40000000\r\n", "chunked": "Transfer-Encoding: chunked\r\n"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		answered := make(chan string, 1)
		go func() {
			status, _ := bufio.NewReader(conn).ReadString('\n')
			answered <- status
		}()
		_, _ = io.WriteString(conn, "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+head+"\r\n")
		block := "10000\r\n" + strings.Repeat(" ", 0x10000) + "\r\n"
		for range 32 { // 2 MiB: more than the limit, far less than declared
			_, _ = io.WriteString(conn, block) // it may be refused by now
		}
		if got := <-answered; !strings.Contains(got, "413") {
			t.Errorf("%s: %q", name, got)
		}
		conn.Close()
	}
}

func TestHeadAnswersAsGetWithoutABody(t *testing.T) {
	s := bootInMemory(t)
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json", "/docs", "/api/v1/courses", "/api/v1/courses/0199b0a2-0000-7000-8000-000000000000"} {
		get, head := "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HEAD "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
		want, wanted, _ := s.talk(get)
		got, header, body := s.talk(head)
		if got != want || body != "" {
			t.Errorf("%s: %d with %d bytes, GET %d", path, got, len(body), want)
		}
		for _, name := range []string{"Content-Type", "Content-Length", "Etag", "Vary"} {
			if header.Get(name) != wanted.Get(name) {
				t.Errorf("%s: %s is %q, with GET %q", path, name, header.Get(name), wanted.Get(name))
			}
		}
	}
	_, header, _ := s.talk("PUT /api/v1/users/me HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	for _, method := range []string{"GET", "HEAD", "PATCH", "DELETE"} {
		if !strings.Contains(header.Get("Allow"), method) {
			t.Errorf("Allow: %s", header.Get("Allow"))
		}
	}
}

func TestADigestIsOfTheBodyAsSentOrInflated(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	sid := s.session(mina, nil)
	digest := func(b []byte) string {
		sum := sha256.Sum256(b)
		return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	}
	for i, of := range []string{"sent", "inflated", "neither"} {
		plain, err := json.Marshal(chunkOf(i, "intermediate", i*10, i*10+10))
		if err != nil {
			t.Fatal(err)
		}
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		if _, err := z.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		want, header := 201, digest(zipped.Bytes())
		switch of {
		case "inflated":
			header = digest(plain)
		case "neither":
			want, header = 422, digest([]byte("x"))
		}
		a := s.do(call{method: "POST", path: "/runs/sessions/" + sid + "/chunks", token: mina, body: zipped.Bytes(), header: map[string]string{"Content-Encoding": "gzip", "Content-Digest": header}})
		if a.status != want {
			t.Errorf("the digest of %s: %d %s", of, a.status, a.raw)
		}
	}
}

func TestSmallThingsOfHTTP(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	login := func(header map[string]string) answer {
		return s.do(call{method: "POST", path: "/auth/login", body: object{"provider": "dev", "token": "joon"}, header: header})
	}
	same(t, "identity", login(map[string]string{"Content-Encoding": "identity"}).status, 200)
	same(t, "UTF-16", login(map[string]string{"Content-Type": "application/json; charset=utf-16"}).status, 415)
	same(t, "UTF-8", login(map[string]string{"Content-Type": "application/json; charset=UTF-8"}).status, 200)
	for _, path := range []string{"/docs?x=1", "/openapi.json?x=1", "/healthz?x=1"} {
		same(t, path, s.do(call{method: "GET", path: path}).status, 422)
	}
	same(t, "Vary", s.do(call{method: "GET", path: "/courses"}).header.Get("Vary"), "Accept-Encoding")
	sid := s.session(mina, nil)
	s.send(mina, sid, chunkOf(0, "final", 0, 100))
	a := s.want(201, call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: mina, body: completed, header: map[string]string{"Prefer": "respond-async, wait = 5; x=y"}})
	same(t, "Prefer", a.json["processing"], "done")
	same(t, "Preference-Applied", a.header.Get("Preference-Applied"), "wait=5")
}
