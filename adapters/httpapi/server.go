// Package httpapi is the HTTP API: fiber carries it, huma validates it and
// writes its OpenAPI document from the same types. Handlers turn wire values
// into the domain's and back, and decide nothing.
package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/ports"
)

// Limits of a connection.
const (
	maxHeaderBytes = 16 << 10
	maxBodyBytes   = 1 << 20  // of JSON, inflated
	maxUploadBytes = 26 << 20 // of a multipart form with one file of 25 MiB
	readTimeout    = 30 * time.Second
	writeTimeout   = 60 * time.Second
	idleTimeout    = 2 * time.Minute
)

// basePath is where the API lives.
const basePath = "/api/v1"

// Config is what the API needs beside the use cases.
type Config struct {
	PublicURL string // without a slash at the end
	Version   string
	Log       *slog.Logger
	Clock     ports.Clock
	// Ready returns why the server cannot do its work, or nil.
	Ready  func(ctx context.Context) error
	Limits Limits
	Hooks  Hooks
}

// Server is the API on a fiber app.
type Server struct {
	cfg   Config
	app   *app.App
	fiber *fiber.App
	api   huma.API
	meter *meter

	listener  *connections
	answering atomic.Int64 // requests in handlers

	signIns, requests *limiter
	exports           exports
}

// New makes the API of use cases.
func New(a *app.App, cfg Config) *Server {
	s := &Server{cfg: cfg, app: a, meter: newMeter(), listener: listening(nil),
		signIns: newLimiter(cfg.Limits.SignIns), requests: newLimiter(cfg.Limits.Requests)}
	s.fiber = fiber.New(fiber.Config{
		AppName:                      "runvs",
		DisableStartupMessage:        true,
		Immutable:                    true, // strings of a request outlive it
		CaseSensitive:                true,
		StrictRouting:                true,
		BodyLimit:                    maxUploadBytes,
		ReadBufferSize:               maxHeaderBytes,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ErrorHandler:                 s.fiberError,
		DisablePreParseMultipartForm: true,
	})
	s.fiber.Use(s.observe, compress.New(compress.Config{Level: compress.LevelBestSpeed}), s.conditional, s.limitSignIns, s.readBody)
	s.api = humafiber.NewV2(s.fiber, openAPIConfig(cfg))
	s.api.UseMiddleware(s.authenticate, s.spelling)
	s.routes()
	s.front()
	return s
}

func (s *Server) routes() {
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
}

// Fiber returns the app, for tests and benchmarks.
func (s *Server) Fiber() *fiber.App { return s.fiber }

// Serve answers on a listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	s.listener.Listener = l
	return s.fiber.Listener(s.listener)
}

// register adds an operation whose handler returns faults.
func register[I, O any](s *Server, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	op.Path = basePath + op.Path
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, s.answer(ctx, problemOf(err, "body"))
		}
		return out, nil
	})
}

// answer completes a problem with what it happened to, and logs what is ours.
func (s *Server) answer(ctx context.Context, p *Problem) *Problem {
	info := infoOf(ctx)
	p.Instance = info.path
	if p.Status == http.StatusServiceUnavailable { // of what we need, not of us
		s.cfg.Log.WarnContext(ctx, "a request must wait", "request_id", info.id, "code", p.Code, "error", p.cause)
	} else if p.Status >= 500 {
		s.cfg.Log.ErrorContext(ctx, "a request failed", "request_id", info.id, "code", p.Code, "error", p.cause)
	}
	return p
}
