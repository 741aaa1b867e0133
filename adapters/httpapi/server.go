// Package httpapi is the HTTP API: fiber carries it, huma validates it and
// writes its OpenAPI document from the same types. Handlers turn wire values
// into the domain's and back, and decide nothing.
package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/valyala/fasthttp"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
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
	Ready func(ctx context.Context) error
	// Jobs counts the jobs of the queue for the metrics; nil shows none.
	Jobs   func(ctx context.Context) (ports.JobCounts, error)
	Limits Limits
	Hooks  Hooks
	// Bodies is the memory for large bodies; nothing else takes shares of it.
	Bodies ports.Budget
	// Reading and Writing are how slow clients may be, unless left out.
	Reading, Writing Pace
}

// Server is the API on a fiber app.
type Server struct {
	cfg    Config
	app    *app.App
	fiber  *fiber.App
	server *fasthttp.Server
	api    huma.API
	meter  *meter
	links  links
	https  bool // where the public URL leads

	listener  *connections
	answering atomic.Int64 // requests in handlers

	signIns, users, strangers, tiles *limiter
	shares                           shares
	exports                          exports
}

// New makes the API of use cases.
func New(a *app.App, cfg Config) *Server {
	s := &Server{cfg: cfg, app: a, meter: newMeter(cfg), links: linksUnder(cfg.PublicURL), https: strings.HasPrefix(cfg.PublicURL, "https://"),
		signIns: newLimiter(cfg.Limits.SignIns), users: newLimiter(cfg.Limits.Users),
		strangers: newLimiter(cfg.Limits.Strangers), tiles: newLimiter(cfg.Limits.Tiles),
		shares: shares{of: map[id.User]int64{}}}
	s.fiber = fiber.New(fiber.Config{
		AppName:       "runvs",
		Immutable:     true, // strings of a request outlive it
		CaseSensitive: true,
		StrictRouting: true,
		ErrorHandler:  s.fiberError,
	})
	s.fiber.Use(s.observe, compress.New(compress.Config{Level: compress.LevelBestSpeed}), s.conditional, s.identify, s.unambiguous)
	s.api = humafiber.NewV2(s.fiber, openAPIConfig(cfg))
	s.api.UseMiddleware(s.authenticate, s.body, s.spelling)
	s.routes()
	s.listener = s.connections()
	s.server = s.transport()
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

// Serve answers on a listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	s.listener.Listener = l
	return s.server.Serve(s.listener)
}

// register adds an operation whose handler returns faults.
func register[I, O any](s *Server, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	op.Path = basePath + op.Path
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxBodyBytes
	}
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
