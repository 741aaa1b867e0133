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
	Verifiers map[string]ports.Verifier // by provider; nil for one that is not set up
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
	Reserved    user.Reserved // nicknames that nobody may choose
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
	ended *endings
}

// New wires the use cases.
func New(d Deps, s Settings) *App {
	rules, filter := judge.CurrentRules(), run.DefaultFilter()
	known := newKnownUsers()
	ready := newPrepared(rules, d.Budget)
	ended := &endings{}
	runs := &Runs{
		store: d.Store, clock: d.Clock, ids: d.IDs, budget: d.Budget, zones: d.Zones, files: d.Files, log: d.Log,
		filter: filter, prepared: ready, ended: ended,
	}
	return &App{
		Auth: &Auth{
			store: d.Store, clock: d.Clock, ids: d.IDs, tokens: d.Tokens, secrets: d.Secrets, verifiers: d.Verifiers, letters: d.Letters, log: d.Log,
			settings: s, known: known,
		},
		Users: &Users{
			store: d.Store, clock: d.Clock, ids: d.IDs, blobs: d.Blobs, avatars: d.Avatars, letters: d.Letters, log: d.Log,
			reserved: s.Reserved, known: known, farewell: newFarewells(d.Revoker, d.Log),
		},
		Runs: runs,
		Courses: &Courses{
			store: d.Store, clock: d.Clock, ids: d.IDs, blobs: d.Blobs, files: d.Files, letters: d.Letters, log: d.Log,
			rules: rules, prepared: ready, ended: ended,
		},
		Boards:  &Boards{store: d.Store, clock: d.Clock, zones: d.Zones},
		Settle:  &Settle{store: d.Store, clock: d.Clock, budget: d.Budget, log: d.Log, prepared: ready},
		Publish: &Publish{store: d.Store, clock: d.Clock, blobs: d.Blobs, images: d.Images, geometry: d.Geometry, prepared: ready},
		Reaper:  &Reaper{store: d.Store, clock: d.Clock, runs: runs},
		Rejudge: &Rejudge{store: d.Store, clock: d.Clock, budget: d.Budget, prepared: ready},
		Export:  &Export{store: d.Store, blobs: d.Blobs, budget: d.Budget, files: d.Files},
		files:   d.Files,
		ended:   ended,
	}
}

// Finish waits for work that goes on after its answer, until ctx ends.
func (a *App) Finish(ctx context.Context) error { return a.Users.farewell.finish(ctx) }

// WriteTrack writes a track for a runner to keep, or for a watch to follow.
func (a *App) WriteTrack(t ports.Track, f ports.TrackFormat) ([]byte, error) {
	return a.files.Write(t, f)
}
