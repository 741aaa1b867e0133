package program_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// dial opens a connection of its own and sends the beginning of a request.
func (s *server) dial(beginning string) net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(15 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, beginning); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

// heard reads the next answer of a connection, and whether it is the last.
func heard(t *testing.T, r *bufio.Reader) (status int, closes bool, body string) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Close, string(raw)
}

// posting is the header of a POST; length is a header line.
func posting(path, token, length string) string {
	h := "POST /api/v1" + path + " HTTP/1.1\r\nHost: x\r\n" + length + "\r\n"
	if token != "" {
		h += "Authorization: Bearer " + token + "\r\n"
	}
	media := "application/json"
	if strings.HasSuffix(path, "/import") || strings.HasSuffix(path, "/avatar") {
		media = "multipart/form-data; boundary=x"
	}
	return h + "Content-Type: " + media + "\r\n\r\n"
}

// inUse is the memory that the process holds after a collection.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

const uploadOf26MiB = "Content-Length: 27262976"

// Three hundred connections that announce 26 MiB each and send a byte cost less
// than 10 MiB in all, whoever they are; our ends of them are in the figure, too.
func TestWhatIsAnnouncedCostsNothing(t *testing.T) {
	s := bootInMemory(t)
	for name, token := range map[string]string{"strangers": "", "users": s.login("mina")} {
		before := inUse()
		var last net.Conn
		for range 300 {
			last = s.dial(posting("/runs/import", token, uploadOf26MiB) + "x")
		}
		if token == "" {
			status, _, _ := heard(t, bufio.NewReader(last))
			same(t, "a stranger", status, 401)
		}
		// Connections are served in the order in which they come: 300 are there when
		// one that came later is answered.
		s.want(200, call{method: "GET", path: "/healthz", header: map[string]string{"Connection": "close"}})
		if grown := inUse() - before; grown > 10<<20 {
			t.Errorf("%s: 300 announcements cost %d KiB", name, grown>>10)
		} else {
			t.Logf("%s: %d KiB", name, grown>>10)
		}
	}
}

// Before the route and the token are known nothing of a body is read.
func TestABodyIsNotReadForWhoMayNotSendIt(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	const chunked = "Transfer-Encoding: chunked"
	for name, c := range map[string]struct {
		request string
		status  int
		code    string
	}{
		"an upload without a token":      {posting("/runs/import", "", uploadOf26MiB), 401, "token_invalid"},
		"an upload with a bad token":     {posting("/runs/import", mina+"x", uploadOf26MiB), 401, "token_invalid"},
		"an upload to nowhere":           {posting("/x/import", mina, uploadOf26MiB), 404, "not_found"},
		"an upload to nowhere, no token": {posting("/x/import", "", uploadOf26MiB), 404, "not_found"},
		"a chunk without a token":        {posting("/runs/sessions/x/chunks", "", "Content-Length: 1000000"), 401, "token_invalid"},
		"chunks without an end":          {posting("/courses/import", "", chunked), 401, "token_invalid"},
		"JSON of 26 MiB":                 {posting("/courses", mina, uploadOf26MiB), 413, `"limit":1048576,"value":27262976`},
		"an upload of 27 MiB":            {posting("/runs/import", mina, "Content-Length: 28311552"), 413, `"limit":27262976,"value":28311552`},
		"a sign-in of 65 KiB":            {posting("/auth/login", mina, "Content-Length: 66560"), 413, `"limit":65536,"value":66560`},
		"a sign-out of 65 KiB":           {posting("/auth/logout", mina, "Content-Length: 66560"), 413, `"limit":65536`},
		"a call without a body":          {posting("/auth/logout-all", mina, "Content-Length: 66560"), 413, `"limit":65536`},
		"a hook":                         {posting("/hooks/kakao/unlink", "", uploadOf26MiB), 401, "token_invalid"},
		"an unknown encoding":            {posting("/courses", mina, "Content-Length: 100000\r\nContent-Encoding: br"), 415, "unsupported_media_type"},
	} {
		conn := s.dial(c.request + "2\r\n")
		status, closes, body := heard(t, bufio.NewReader(conn))
		if status != c.status || !strings.Contains(body, c.code) {
			t.Errorf("%s: %d %s", name, status, body)
		}
		same(t, name+": the connection closes", closes, true)
	}
}

// What was not taken of a body is no request.
func TestTheRestOfABodyIsNoRequest(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	const hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	whole := fmt.Sprintf("Content-Length: %d", len(hidden))
	// A small body that is here is passed over, and the next request answered.
	r := bufio.NewReader(s.dial(posting("/courses", "", whole) + hidden + "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"))
	for i, want := range []int{401, 404} {
		if status, _, body := heard(t, r); status != want {
			t.Errorf("answer %d: %d %s", i, status, body)
		}
	}
	// What was taken ends where it ends.
	zipped := gzipped([]byte(`{"provider":"dev","token":"mina"}`))
	r = bufio.NewReader(s.dial(posting("/auth/login", "", "Transfer-Encoding: chunked\r\nContent-Encoding: gzip") +
		fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(zipped), zipped) + hidden + "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"))
	for i, want := range []int{200, 200, 404} {
		if status, _, body := heard(t, r); status != want {
			t.Errorf("answer %d: %d %s", i, status, body)
		}
	}
	for name, beginning := range map[string]string{
		"half of it is here":          posting("/courses", "", "Content-Length: 1000") + hidden,
		"chunks":                      posting("/courses", "", "Transfer-Encoding: chunked") + "0\r\n\r\n" + hidden,
		"a chunk that is none":        posting("/courses", mina, "Transfer-Encoding: chunked") + "x\r\n" + hidden,
		"gzip in chunks that is none": posting("/courses", mina, "Transfer-Encoding: chunked\r\nContent-Encoding: gzip") + "2\r\nno\r\n0\r\n\r\n" + hidden,
		"more than may come":          posting("/auth/login", "", "Transfer-Encoding: chunked") + "10001\r\n" + strings.Repeat(" ", 0x10001) + "\r\n0\r\n\r\n" + hidden,
	} {
		conn := s.dial(beginning)
		r := bufio.NewReader(conn)
		if status, closes, body := heard(t, r); status < 400 || !closes {
			t.Errorf("%s: %d %v %s", name, status, closes, body)
		}
		if more, err := io.ReadAll(r); err != nil || len(more) > 0 {
			t.Errorf("%s: another answer: %s, %v", name, more, err)
		}
	}
}

// The end of a connection is not the end of a body.
func TestABodyThatIsCutOffIsNone(t *testing.T) {
	s := bootInMemory(t)
	const login = `{"provider":"dev","token":"mina"}`
	for name, beginning := range map[string]string{
		"shorter than announced": posting("/auth/login", "", "Content-Length: 500") + login,
		"chunks without an end":  posting("/auth/login", "", "Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n%s\r\n", len(login), login),
	} {
		conn := s.dial(beginning)
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if status, _, body := heard(t, bufio.NewReader(conn)); status != 400 || !strings.Contains(body, "malformed_body") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// Large bodies share a budget, of which nobody gets all; small ones need none.
func TestLargeBodiesShareABudget(t *testing.T) {
	s := bootInMemory(t)
	uploading := func(token string) *bufio.Reader {
		return bufio.NewReader(s.dial(posting("/runs/import", token, uploadOf26MiB) + strings.Repeat("x", 70<<10)))
	}
	tokens := make([]string, 5)
	for i := range tokens {
		tokens[i] = s.login(fmt.Sprint("runner", i))
	}
	sid := s.session(tokens[4], nil)
	// Of two uploads of a user one is refused: whichever comes second.
	refused := make(chan string, 2)
	for range 2 {
		r := uploading(tokens[0])
		go func() {
			if resp, err := http.ReadResponse(r, nil); err == nil {
				defer resp.Body.Close()
				body, _ := io.ReadAll(resp.Body)
				refused <- fmt.Sprintf("%d %s %s", resp.StatusCode, resp.Header.Get("Retry-After"), body)
			}
		}()
	}
	if got := <-refused; !strings.HasPrefix(got, "429 2 ") || !strings.Contains(got, `"limit":33554432`) {
		t.Errorf("two uploads at once: %s", got)
	}
	// Four uploads of 26 MiB fill the budget of 128 MiB; the fifth, whichever that is, must wait.
	answers := make(chan string, 5)
	for _, token := range tokens[1:] {
		r := uploading(token)
		go func() {
			if resp, err := http.ReadResponse(r, nil); err == nil {
				defer resp.Body.Close()
				body, _ := io.ReadAll(resp.Body)
				answers <- fmt.Sprintf("%d %s %s", resp.StatusCode, resp.Header.Get("Retry-After"), body)
			}
		}()
	}
	if got := <-answers; !strings.HasPrefix(got, "503 2 ") || !strings.Contains(got, "server_busy") {
		t.Errorf("five uploads at once: %s", got)
	}
	same(t, "a chunk meanwhile", s.send(tokens[4], sid, chunkOf(0, "intermediate", 0, 120)).status, 201)
}

func TestWhatIsInflatedIsBounded(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	login := []byte(`{"provider":"dev","token":"joon"}`)
	pad := func(size int) []byte { return append(login, bytes.Repeat([]byte(" "), size-len(login))...) }
	upload := func(size int) []byte {
		form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
		return gzipped([]byte(form + strings.Repeat(" ", size) + "\r\n--x--\r\n"))
	}
	for name, c := range map[string]struct {
		path  string
		body  []byte
		token string
		want  int
	}{
		"a sign-in":                      {"/auth/login", gzipped(login), "", 200},
		"64 KiB":                         {"/auth/login", gzipped(pad(64 << 10)), "", 200},
		"a byte more":                    {"/auth/login", gzipped(pad(64<<10 + 1)), "", 413},
		"64 KiB as they are":             {"/auth/login", pad(64 << 10), "", 200},
		"two members":                    {"/auth/login", append(gzipped(login[:9]), gzipped(login[9:])...), "", 200},
		"members without end":            {"/auth/login", bytes.Repeat(gzipped(nil), 4000), "", 413},
		"something behind the end":       {"/auth/login", append(gzipped(login), "more"...), "", 400},
		"cut off":                        {"/auth/login", gzipped(login)[:20], "", 400},
		"JSON of 8 MiB":                  {"/courses", gzipped(bytes.Repeat([]byte(" "), 8<<20)), mina, 413},
		"a file that shrinks 1000 times": {"/runs/import", upload(20 << 20), mina, 413},
		"a small one that does":          {"/runs/import", upload(1 << 19), mina, 415},
		"who shows no token, 1000 times": {"/runs/import", upload(20 << 20), "", 401},
	} {
		header := map[string]string{"Content-Encoding": "gzip"}
		if c.body[0] != 0x1f {
			header = nil
		}
		if strings.HasSuffix(c.path, "import") {
			header["Content-Type"] = "multipart/form-data; boundary=x"
		}
		if a := s.do(call{method: "POST", path: c.path, token: c.token, body: c.body, header: header}); a.status != c.want {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

// No route, not one, takes without end.
func TestNoRouteTakesABodyWithoutEnd(t *testing.T) {
	s := bootInMemory(t)
	doc := s.want(200, call{method: "GET", path: "/openapi.json"}).json
	block := "8000\r\n" + strings.Repeat(" ", 0x8000) + "\r\n"
	for path, item := range doc["paths"].(object) {
		for method := range item.(object) {
			request := strings.ToUpper(method) + " " + strings.NewReplacer("{", "", "}", "").Replace(path) + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
			conn := s.dial(request + block)
			answered := make(chan string, 1)
			go func() {
				line, _ := bufio.NewReader(conn).ReadString('\n')
				answered <- line
			}()
			for range 8 { // 256 KiB: a stranger may send 64
				_, _ = io.WriteString(conn, block)
			}
			if line := <-answered; !strings.HasPrefix(line, "HTTP/1.1 ") {
				t.Errorf("%s %s: %q", method, path, line)
			}
			conn.Close()
		}
	}
}
