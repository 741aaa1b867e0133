// Package web serves HTTP and knows no endpoint: connections and their pace,
// limits, bodies, who calls, problems, headers, caches, metrics, and the document
// of the API. fiber carries it, huma validates and describes.
//
// What happens to a request is what its Operation says. A path is compared by the
// router alone.
package web

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/valyala/fasthttp"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// Config is what serving needs.
type Config struct {
	PublicURL string // without a slash at the end
	Log       *slog.Logger
	Clock     ports.Clock
	// Authenticate returns whose access token it is, or a fault.
	Authenticate func(ctx context.Context, token string) (id.User, error)
	// Jobs counts the jobs of the queue for the metrics; nil shows none.
	Jobs   func(ctx context.Context) (ports.JobCounts, error)
	Limits Limits
	// Origins are the pages of others that may call the API; "" for none.
	Origins string
	// Bodies is the memory for large bodies; nothing else takes shares of it.
	Bodies ports.Budget
	// Reading and Writing are how slow clients may be, unless left out.
	Reading, Writing Pace
}

// Server serves operations.
type Server struct {
	cfg    Config
	fiber  *fiber.App
	server *fasthttp.Server
	api    huma.API
	meter  *meter
	https  bool // where the public URL leads

	operations []*Operation
	described  map[string]bool // schemas that are as they are answered
	preflights map[string]bool // paths that answer browsers before they call

	listener  *connections
	answering atomic.Int64 // requests in handlers

	signIns, users, strangers, tiles *limiter
	shares                           shares
	ours, anyPage                    fiber.Handler // what they tell the pages of others; ours is nil for nothing
}

// New makes a server without operations. The document begins with what api says.
func New(cfg Config, api huma.Config) *Server {
	s := &Server{cfg: cfg, meter: newMeter(cfg), https: strings.HasPrefix(cfg.PublicURL, "https://"),
		described: map[string]bool{}, preflights: map[string]bool{},
		signIns: newLimiter(cfg.Limits.SignIns), users: newLimiter(cfg.Limits.Users),
		strangers: newLimiter(cfg.Limits.Strangers), tiles: newLimiter(cfg.Limits.Tiles),
		shares: shares{of: map[id.User]int64{}}, ours: sharedWith(cfg.Origins), anyPage: sharedWith("*")}
	s.fiber = fiber.New(fiber.Config{
		AppName:       "runvs",
		Immutable:     true, // strings of a request outlive it
		CaseSensitive: true,
		StrictRouting: true,
		ErrorHandler:  s.fiberError,
	})
	s.fiber.Use(s.observe, compress.New(compress.Config{Level: compress.LevelBestSpeed}), s.nowhere)
	s.api = humafiber.NewV2(s.fiber, api)
	s.listener = s.connections()
	s.server = s.transport()
	return s
}

// Serve answers on a listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	s.listener.Listener = l
	s.server.Handler = s.front(s.fiber.Handler()) // it knows the operations of now
	return s.server.Serve(s.listener)
}

// Operations returns all operations.
func (s *Server) Operations() []*Operation { return s.operations }

// OpenAPI returns the document as JSON or, with yaml, as YAML.
func (s *Server) OpenAPI(yaml bool) ([]byte, error) {
	if yaml {
		return s.api.OpenAPI().YAML()
	}
	return s.api.OpenAPI().MarshalJSON()
}
