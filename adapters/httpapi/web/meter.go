package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/runvs/runvs/ports"
)

// meter counts requests, and shows the queue, for Prometheus.
type meter struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMeter(cfg Config) *meter {
	m := &meter{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "runvs_http_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
	}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if cfg.Jobs != nil {
		m.registry.MustRegister(newJobMeter(cfg.Jobs, cfg.Clock))
	}
	return m
}

func (m *meter) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// jobMeter shows the queue as it is when it is asked.
type jobMeter struct {
	counts                    func(ctx context.Context) (ports.JobCounts, error)
	clock                     ports.Clock
	setAside, waiting, oldest *prometheus.Desc
}

// jobCountTime bounds a look at the queue: who collects metrics must not wait for
// a database that is down.
const jobCountTime = 2 * time.Second

func newJobMeter(counts func(context.Context) (ports.JobCounts, error), clock ports.Clock) *jobMeter {
	kind := []string{"kind"}
	return &jobMeter{
		counts: counts, clock: clock,
		setAside: prometheus.NewDesc("runvs_jobs_set_aside", "Jobs that nothing tries until somebody retries or drops them.", kind, nil),
		waiting:  prometheus.NewDesc("runvs_jobs_waiting", "Jobs that wait for a worker or for the end of a pause.", kind, nil),
		oldest:   prometheus.NewDesc("runvs_jobs_oldest_waiting_seconds", "Age of the oldest job that waits; 0 when none does.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (m *jobMeter) Describe(out chan<- *prometheus.Desc) {
	out <- m.setAside
	out <- m.waiting
	out <- m.oldest
}

// Collect implements prometheus.Collector. A queue that does not answer shows
// nothing: the other metrics are the more needed then.
func (m *jobMeter) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), jobCountTime)
	defer cancel()
	counts, err := m.counts(ctx)
	if err != nil {
		return
	}
	for _, kind := range ports.JobKinds() {
		out <- prometheus.MustNewConstMetric(m.setAside, prometheus.GaugeValue, float64(counts.SetAside[kind]), string(kind))
		out <- prometheus.MustNewConstMetric(m.waiting, prometheus.GaugeValue, float64(counts.Waiting[kind]), string(kind))
	}
	age := 0.0
	if !counts.Oldest.IsZero() {
		age = max(0, m.clock.Now().Sub(counts.Oldest).Seconds())
	}
	out <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, age)
}

// Metrics returns the handler of /metrics, for a port of its own.
func (s *Server) Metrics() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(s.meter.registry, promhttp.HandlerOpts{}))
	return mux
}
