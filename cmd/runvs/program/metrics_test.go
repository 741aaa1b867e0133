package program_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestMetricsShowTheJobs(t *testing.T) {
	s := settings(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.MetricsAddr = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	boot(t, s)
	resp, err := http.Get("http://" + s.MetricsAddr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`runvs_jobs_set_aside{kind="settle_run"} 0`, `runvs_jobs_waiting{kind="end_session"} 0`, "runvs_jobs_oldest_waiting_seconds "} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s is not among the metrics", want)
		}
	}
}
