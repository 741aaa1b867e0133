// Package httpapi has the endpoints of the API, and what they read and write.
// Handlers turn wire values into the domain's and back, and decide nothing. What
// serves HTTP stands in package web.
package httpapi

import (
	"context"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
)

// basePath is where the API lives.
const basePath = "/api/v1"

// Config is what the API needs beside the use cases.
type Config struct {
	web.Config
	Version string
	// Ready returns why the server cannot do its work, or nil.
	Ready func(ctx context.Context) error
	Idle  bool // this process does no jobs
	Hooks Hooks
}

// Server is the API.
type Server struct {
	*web.Server
	cfg     Config
	app     *app.App
	links   links
	exports exports
}

// New makes the API of use cases.
func New(a *app.App, cfg Config) *Server {
	cfg.Authenticate = a.Auth.Authenticate
	s := &Server{Server: web.New(cfg.Config, document(cfg)), cfg: cfg, app: a, links: linksUnder(cfg.PublicURL)}
	s.authRoutes()
	s.userRoutes()
	s.uploadRoutes()
	s.exportRoute()
	s.hookRoutes()
	s.sessionRoutes()
	s.chunkRoute()
	s.runRoutes()
	s.courseRoutes()
	s.boardRoutes()
	s.tileRoutes()
	s.serviceRoutes()
	s.docsRoutes()
	return s
}

// register adds an operation under the base path.
func register[I, O any](s *Server, op web.Operation, handler func(context.Context, *I) (*O, error)) {
	op.Path = basePath + op.Path
	web.Register(s.Server, op, handler)
}
