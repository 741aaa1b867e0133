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
	}, func(ctx context.Context, _ *struct{}) (*body[Health], error) {
		if err := s.cfg.Ready(ctx); err != nil {
			return nil, errNotReady.Because(err)
		}
		return &body[Health]{Health{Status: "ok", Version: s.cfg.Version}}, nil
	})
}
