package program_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A phone that connected and fell silent, before or within a request, must not
// keep the process from ending, and an answer that is under way must arrive.
func TestStoppingWaitsForAnswersAndForNobodyElse(t *testing.T) {
	settings := settings(t)
	settings.DatabaseURL = "memory:"
	s, p := start(t, settings)
	mina := s.login("mina")
	sid := s.session(mina, nil)
	s.send(mina, sid, chunkOf(0, "final", 0, 60))

	address := strings.TrimPrefix(s.base, "http://")
	for _, sent := range []string{"", "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, sent); err != nil {
			t.Fatal(err)
		}
	}
	answered := make(chan answer)
	go func() {
		answered <- s.do(call{
			method: "POST", path: "/runs/sessions/" + sid + "/complete", token: mina, body: completed,
			header: map[string]string{"Prefer": "wait=3"},
		})
	}()
	eventually(t, func() (answer, bool) {
		a := s.do(call{method: "GET", path: "/runs/sessions/" + sid, token: mina})
		return a, a.json["status"] == "completed"
	})
	began := time.Now()
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	same(t, "the answer", (<-answered).status, 201)
}
