// Package program puts the parts together: a value that main, and tests, start
// and close.
package program

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/runvs/runvs/adapters/avatar"
	"github.com/runvs/runvs/adapters/budget"
	"github.com/runvs/runvs/adapters/geos"
	"github.com/runvs/runvs/adapters/httpapi"
	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/mapimage"
	"github.com/runvs/runvs/adapters/timezone"
	"github.com/runvs/runvs/adapters/tokens"
	"github.com/runvs/runvs/adapters/tracks"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// drainTime is how long requests and jobs may take to end after a stop.
const drainTime = 12 * time.Second

// Program is a server, a worker, or both.
type Program struct {
	settings config.Settings
	log      *slog.Logger
	store    *storage
	blobs    closingBlobs
	app      *app.App
	api      *httpapi.Server
	listener net.Listener // nil when this process serves no API
	metrics  *http.Server
	failed   chan error
}

// Options say what a process is for.
type Options struct {
	API     bool // serve HTTP
	Workers int  // jobs at once; 0 = none
	Version string
}

// Open makes everything ready without starting it: the database is migrated, or
// checked, and every part is connected. Close releases it.
func Open(ctx context.Context, s config.Settings, o Options, log *slog.Logger) (p *Program, err error) {
	p = &Program{settings: s, log: log, failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if err = shutDataDir(s.DataDir); err != nil {
		return p, err
	}
	if p.store, err = openStorage(ctx, s, o.Workers, jobHandler{p}, log); err != nil {
		return p, err
	}
	if p.blobs, err = openBlobs(s); err != nil {
		return p, err
	}
	signer, err := openTokens(s)
	if err != nil {
		return p, err
	}
	secrets, err := tokens.NewRefreshSecrets(s.HashCost)
	if err != nil {
		return p, fmt.Errorf("RUNVS_REFRESH_HASH_COST: %w", err)
	}
	verifiers, err := openVerifiers(s, log)
	if err != nil {
		return p, err
	}
	revoker, err := openRevoker(s, log)
	if err != nil {
		return p, err
	}
	tiles, err := openTiles(s, o.Version, log)
	if err != nil {
		return p, err
	}
	reserved, err := s.Reserved()
	if err != nil {
		return p, fmt.Errorf("RUNVS_RESERVED_NICKNAMES: %w", err)
	}
	var memory ports.Budget = budget.WithPlaces(s.MemoryBytes, heavyPlaces()) // for all heavy work of this process
	p.app = app.New(app.Deps{
		Store: p.store.Store, Clock: systemClock{}, IDs: generator{}, Blobs: p.blobs, Images: mapimage.New(tiles, memory), Avatars: avatar.New(memory),
		Geometry: geos.New(memory), Budget: memory, Zones: timezone.New(), Tokens: signer, Secrets: secrets, Verifiers: verifiers, Revoker: revoker, Letters: letters.Tables{}, Files: tracks.New(memory), Log: log,
	}, app.Settings{DevLogin: s.DevLogin, ReuseWindow: s.ReuseWindow, Reserved: reserved})
	if o.API {
		proxies, err := web.ParseProxies(s.TrustedProxies)
		if err != nil {
			return p, fmt.Errorf("RUNVS_TRUSTED_PROXIES: %w", err)
		}
		origins, err := web.ParseOrigins(s.CORSOrigins)
		if err != nil {
			return p, fmt.Errorf("RUNVS_CORS_ORIGINS: %w", err)
		}
		p.api = httpapi.New(p.app, httpapi.Config{
			Config: web.Config{
				PublicURL: s.PublicURL, Log: log, Clock: systemClock{}, Jobs: p.store.desk.Counts, Origins: origins,
				Limits: web.Limits{SignIns: s.SignInRate, Users: s.UserRate, Strangers: s.AnonRate, Tiles: s.TileRate, TrustedProxies: proxies},
				Bodies: budget.New(web.BodyBudget),
			},
			Version: o.Version, Ready: p.ready, Idle: o.Workers == 0, Hooks: httpapi.Hooks{KakaoAppID: s.KakaoAppID, KakaoAdminKey: s.KakaoAdminKey},
		})
	}
	return p, nil
}

// Validate says what of the settings Open would refuse, and opens nothing.
func Validate(s config.Settings) error {
	log := slog.New(slog.DiscardHandler)
	_, verifiers := openVerifiers(s, log)
	_, revoker := openRevoker(s, log)
	_, tiles := openTiles(s, "", log)
	return errors.Join(verifiers, revoker, tiles)
}

// heavyPlaces is how many pieces of heavy work are done at once: two for each
// processor, and the exports, which hold a place for as long as they are read.
func heavyPlaces() int64 { return int64(2*runtime.GOMAXPROCS(0) + httpapi.MaxExports) }

// openTokens makes the signer of the configured secrets, or of one that is made
// once and kept in the data dir.
func openTokens(s config.Settings) (*tokens.Signer, error) {
	raw := s.JWTSecrets
	if raw == "" {
		var err error
		if raw, err = keptSecret(s.DataDir); err != nil {
			return nil, err
		}
	}
	secrets, err := tokens.ParseSecrets(raw)
	if err != nil {
		return nil, fmt.Errorf("RUNVS_JWT_SECRETS: %w", err)
	}
	signer, err := tokens.New(tokens.Config{Secrets: secrets, Issuer: "runvs", Audience: "runvs"})
	if err != nil {
		return nil, fmt.Errorf("RUNVS_JWT_SECRETS: %w", err)
	}
	return signer, nil
}

// Start begins to work: jobs last, so that the API answers whatever is in the
// queue. A job that kills the process is set aside after two starts.
func (p *Program) Start(ctx context.Context) error {
	if p.api != nil {
		if err := p.serve(); err != nil {
			return err
		}
	}
	if p.store.workers == nil {
		return nil
	}
	return p.store.workers.Start(ctx)
}

func (p *Program) serve() (err error) {
	if p.listener, err = net.Listen("tcp", p.settings.HTTPAddr); err != nil {
		return fmt.Errorf("RUNVS_HTTP_ADDR: %w; choose another address, or stop what listens there", err)
	}
	go p.watch(func() error { return p.api.Serve(p.listener) })
	if p.settings.MetricsAddr == "" {
		return nil
	}
	l, err := net.Listen("tcp", p.settings.MetricsAddr)
	if err != nil {
		return fmt.Errorf("RUNVS_METRICS_ADDR: %w; choose another address, or set it empty", err)
	}
	p.metrics = &http.Server{Handler: p.api.Metrics(), ReadHeaderTimeout: 5 * time.Second}
	go p.watch(func() error {
		if err := p.metrics.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

// jobHandler is the program's application, which is made after the queue.
type jobHandler struct{ p *Program }

// Handle implements ports.JobHandler.
func (h jobHandler) Handle(ctx context.Context, job ports.Job) error {
	return h.p.app.Handle(ctx, job)
}

// GiveUp implements ports.JobHandler.
func (h jobHandler) GiveUp(ctx context.Context, job ports.Job, reason string) error {
	return h.p.app.GiveUp(ctx, job, reason)
}

func (p *Program) watch(serve func() error) {
	if err := serve(); err != nil {
		p.failed <- err
	}
}

// App returns the use cases, for commands that serve nothing.
func (p *Program) App() *app.App { return p.app }

// Store returns what the use cases store in, for commands that fill it.
func (p *Program) Store() ports.Store { return p.store }

// IDs returns the generator of ids.
func (p *Program) IDs() id.Generator { return generator{} }

// Addr returns where the API listens, after Start.
func (p *Program) Addr() string { return p.listener.Addr().String() }

// Wait works until ctx is done, and stops: requests are drained, jobs end or go
// back to the queue.
func (p *Program) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		p.log.Info("stopping: requests and jobs may end")
		return p.Stop()
	case err := <-p.failed:
		return errors.Join(err, p.Stop())
	}
}

// Stop ends what Start began. Stopping twice, or before starting, is harmless.
func (p *Program) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var errs []error
	if p.api != nil && p.listener != nil {
		errs = append(errs, p.api.Shutdown(ctx))
	}
	if p.metrics != nil {
		errs = append(errs, p.metrics.Shutdown(ctx))
	}
	if p.store.workers != nil {
		errs = append(errs, p.store.workers.Stop(ctx))
	}
	return errors.Join(append(errs, p.app.Finish(ctx))...)
}

// Close releases what Open took.
func (p *Program) Close() error {
	var errs []error
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	if p.blobs != nil {
		errs = append(errs, p.blobs.Close())
	}
	return errors.Join(errs...)
}

// ready says why the program cannot do its work, or nil.
func (p *Program) ready(ctx context.Context) error {
	return errors.Join(p.store.ready(ctx), p.blobs.Ping(ctx))
}

// OpenAPI returns the API's document.
func OpenAPI(s config.Settings, version string, yaml bool) ([]byte, error) {
	return httpapi.New(&app.App{}, httpapi.Config{Config: web.Config{PublicURL: s.PublicURL, Log: slog.Default(), Clock: systemClock{}}, Version: version}).OpenAPI(yaml)
}

type systemClock struct{}

// Now implements ports.Clock.
func (systemClock) Now() time.Time { return time.Now().UTC() }

type generator struct{}

// NewUUID implements id.Generator.
func (generator) NewUUID() [16]byte {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	return id.V7(time.Now().UnixMilli(), random)
}
