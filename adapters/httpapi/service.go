package httpapi

import (
	"context"
	"net/http"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/fault"
)

// Health says that the process is alive.
type Health struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`
}

// Readiness says that the process can do its work, and whether jobs are part of it.
type Readiness struct {
	Health
	Workers string `json:"workers" enum:"here,none" doc:"Where jobs are done: none warns that this process does none, so another one must"`
}

var errNotReady = fault.New(fault.Unavailable, "not_ready", "the server cannot do its work now; its log says why")

func (s *Server) serviceRoutes() {
	web.Register(s.Server, web.Operation{
		ID: "healthz", Method: http.MethodGet, Path: "/healthz", Summary: "Alive?",
		Tag: "Service", Access: web.Anybody, Body: web.NoBody, Cache: web.NotKept, Counts: web.Uncounted,
	}, func(context.Context, *struct{}) (*body[Health], error) {
		return &body[Health]{Health{Status: "ok", Version: s.cfg.Version}}, nil
	})
	web.Register(s.Server, web.Operation{
		ID: "readyz", Method: http.MethodGet, Path: "/readyz", Summary: "Able to work?",
		Description: "Store, files and queue answer, and the migrations are applied.",
		Tag:         "Service", Access: web.Anybody, Body: web.NoBody, Cache: web.NotKept, Counts: web.Uncounted,
	}, func(ctx context.Context, _ *struct{}) (*body[Readiness], error) {
		if err := s.cfg.Ready(ctx); err != nil {
			return nil, errNotReady.Because(err)
		}
		workers := "here"
		if s.cfg.Idle {
			workers = "none"
		}
		return &body[Readiness]{Readiness{Health{Status: "ok", Version: s.cfg.Version}, workers}}, nil
	})
}
