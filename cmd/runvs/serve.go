package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

func serveCommand(l *config.Loader) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API, and do its jobs",
		Long: `Serves the API and does the jobs that follow runs and courses, in one process.

To split them, run "runvs serve --workers 0" for the API and "runvs worker" for
the jobs, any number of each, on one PostgreSQL.`,
		Example: "  runvs serve\n  RUNVS_DATABASE_URL=postgres://runvs@localhost/runvs runvs serve --workers 0",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := l.Load()
			if err != nil {
				return err
			}
			first := firstStart(s)
			return work(cmd.Context(), s, program.Options{API: true, Workers: s.Workers, Version: version}, func(p *program.Program) {
				welcome(cmd.OutOrStdout(), s, p, first)
			})
		},
	}
}

func workerCommand(l *config.Loader) *cobra.Command {
	return &cobra.Command{
		Use:     "worker",
		Short:   "Do jobs, and serve nothing",
		Example: "  RUNVS_DATABASE_URL=postgres://runvs@localhost/runvs runvs worker --workers 8",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := l.Load()
			if err != nil {
				return err
			}
			if s.Workers == 0 {
				return errors.New("RUNVS_WORKERS is 0: a worker needs at least one")
			}
			if kind, _ := s.Database(); kind == config.Memory {
				return errors.New("RUNVS_DATABASE_URL is memory:, which no other process fills with jobs; give the servers' postgres://…")
			}
			return work(cmd.Context(), s, program.Options{Workers: s.Workers, Version: version}, func(*program.Program) {
				fmt.Fprintf(cmd.OutOrStdout(), "working: %d jobs at once\n", s.Workers)
			})
		},
	}
}

// work runs a program until ctx is done.
func work(ctx context.Context, s config.Settings, o program.Options, started func(*program.Program)) (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: s.Level()}))
	if os.Getenv("GOMEMLIMIT") == "" { // whoever sets it knows why
		debug.SetMemoryLimit(s.GoMemoryBytes())
	}
	p, err := program.Open(ctx, s, o, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.Start(ctx); err != nil {
		return errors.Join(err, p.Stop())
	}
	started(p)
	return p.Wait(ctx)
}

// firstStart reports whether the data dir is new.
func firstStart(s config.Settings) bool {
	_, err := os.Stat(filepath.Join(s.DataDir, "jwt_secrets"))
	return errors.Is(err, os.ErrNotExist) && s.JWTSecrets == ""
}

func welcome(w io.Writer, s config.Settings, p *program.Program, first bool) {
	fmt.Fprintf(w, "runvs %s serves http://%s\n", version, p.Addr())
	if !first {
		return
	}
	fmt.Fprintf(w, "\n  the API's page   %s/docs\n", s.PublicURL)
	fmt.Fprintf(w, "  play a run       runvs replay testdata/tracks/riverside.gpx --course new --server http://%s\n\n", p.Addr())
}
