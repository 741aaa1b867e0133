// Package app has the use cases of RUNVS: what a runner, a phone and the queue
// may ask for, each as one method. It orders the domain's rules and the ports'
// effects, and knows neither HTTP nor SQL.
package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Deps is everything the use cases need from outside. All fields but Revoker are required.
type Deps struct {
	Store     ports.Store
	Clock     ports.Clock
	IDs       id.Generator
	Blobs     ports.Blobs
	Images    ports.RouteImages
	Geometry  ports.Geometry
	Budget    ports.Budget
	Zones     ports.TimeZones
	Tokens    ports.AccessTokens
	Secrets   ports.RefreshSecrets
	Verifiers map[string]ports.Verifier // by provider; one that is not there is not set up
	Revoker   ports.Revoker             // Apple's; nil when it is not set up
	Letters   user.Letters
	Avatars   ports.Avatars
	Files     ports.TrackFiles
	Log       *slog.Logger
}

// Settings are the choices of whoever runs the server.
type Settings struct {
	DevLogin bool // accept provider "dev"; never in production
	// ReuseWindow is how long using a refresh token a second time is forgiven to a
	// client that sends no Idempotency-Key; 0 for never.
	ReuseWindow time.Duration
}

// App holds the use cases by subject.
type App struct {
	Auth    *Auth
	Users   *Users
	Runs    *Runs
	Courses *Courses
	Boards  *Boards
	Settle  *Settle
	Publish *Publish
	Reaper  *Reaper
	Rejudge *Rejudge
	Export  *Export

	files ports.TrackFiles
}

// New wires the use cases.
func New(d Deps, s Settings) *App {
	rules, filter := judge.CurrentRules(), run.DefaultFilter()
	known := newKnownUsers()
	ready := newPrepared(rules, d.Budget)
	runs := &Runs{Deps: d, filter: filter, prepared: ready}
	return &App{
		Auth:    &Auth{Deps: d, settings: s, known: known},
		Users:   &Users{Deps: d, known: known, farewell: newFarewells(d)},
		Runs:    runs,
		Courses: &Courses{Deps: d, rules: rules, prepared: ready},
		Boards:  &Boards{Deps: d},
		Settle:  &Settle{Deps: d, prepared: ready},
		Publish: &Publish{Deps: d, prepared: ready},
		Reaper:  &Reaper{Deps: d, runs: runs},
		Rejudge: &Rejudge{Deps: d, prepared: ready},
		Export:  &Export{Deps: d},
		files:   d.Files,
	}
}

// Finish waits for work that goes on after its answer, until ctx ends.
func (a *App) Finish(ctx context.Context) error { return a.Users.farewell.finish(ctx) }

// WriteGPX writes a track for a runner to keep.
func (a *App) WriteGPX(t ports.Track) ([]byte, error) { return a.files.WriteGPX(t) }
