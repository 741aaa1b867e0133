package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/ports"
)

type stopped struct{}

// Now implements ports.Clock.
func (stopped) Now() time.Time { return time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC) }

func metricsOf(counts ports.JobCounts, err error) string {
	s := &Server{meter: newMeter(Config{Clock: stopped{}, Jobs: func(context.Context) (ports.JobCounts, error) { return counts, err }})}
	w := httptest.NewRecorder()
	s.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func TestMetricsShowTheQueueAsItIs(t *testing.T) {
	got := metricsOf(ports.JobCounts{
		SetAside: map[ports.JobKind]int{ports.JobSettleRun: 2}, Waiting: map[ports.JobKind]int{ports.JobEndSession: 5},
		Oldest: stopped{}.Now().Add(-time.Minute),
	}, nil)
	for _, want := range []string{
		`runvs_jobs_set_aside{kind="settle_run"} 2`, `runvs_jobs_set_aside{kind="end_session"} 0`,
		`runvs_jobs_waiting{kind="end_session"} 5`, "runvs_jobs_oldest_waiting_seconds 60",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not among:\n%s", want, got)
		}
	}
}

func TestAQueueThatDoesNotAnswerHidesNoOtherMetric(t *testing.T) {
	got := metricsOf(ports.JobCounts{}, errors.New("the database is down"))
	if strings.Contains(got, "runvs_jobs") || !strings.Contains(got, "go_goroutines") {
		t.Errorf("the metrics are:\n%s", got)
	}
}
