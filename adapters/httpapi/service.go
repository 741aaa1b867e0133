package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Health says that the process is alive.
type Health struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`
}

func (s *Server) serviceRoutes() {
	huma.Register(s.api, huma.Operation{
		OperationID: "healthz", Method: http.MethodGet, Path: "/healthz", Summary: "Alive?", Tags: []string{"Service"},
	}, func(context.Context, *struct{}) (*body[Health], error) {
		return &body[Health]{Health{Status: "ok", Version: s.cfg.Version}}, nil
	})
	huma.Register(s.api, huma.Operation{
		OperationID: "readyz", Method: http.MethodGet, Path: "/readyz", Summary: "Able to work?", Tags: []string{"Service"},
		Description: "Store, files and queue answer, and the migrations are applied.", Errors: []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, _ *struct{}) (*body[Health], error) {
		if err := s.cfg.Ready(ctx); err != nil {
			p := newProblem(http.StatusServiceUnavailable, "not_ready", "the server cannot do its work now; its log says why")
			p.cause = err
			return nil, s.answer(ctx, p)
		}
		return &body[Health]{Health{Status: "ok", Version: s.cfg.Version}}, nil
	})
}
