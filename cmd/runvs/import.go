package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/cmd/runvs/bulk"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

func importCommand(l *config.Loader) *cobra.Command {
	var o bulk.Options
	var who string
	var asJSON bool
	c := &cobra.Command{
		Use:   "import DIR|ZIP|FILE…",
		Short: "Import recorded runs, as of a whole Strava or Garmin export, for a user",
		Long: `Imports recorded runs for a user: folders, zips, zips in zips, and single files
(GPX, TCX, FIT, KML, GeoJSON; plain or gzip'd). Of the export of Strava it takes
the titles in activities.csv, of Garmin's those in summarizedActivities.json.
Other sports, and what is no recording, are passed over. Zips in zips lie in
TMPDIR while they are read.

It may be stopped and started again: nothing is imported twice. The server may
go on serving; where none does, the runs are judged and counted here.
The daily bound of imports does not hold here, though what is imported counts for it.

A line is printed for each file that was refused, and it exits with 1 when there
is one. --dry-run does not compare the files of an archive with each other.`,
		Example: `  runvs import export_12345.zip --user mina
  runvs import garmin/ more/*.fit --user mina@example.com --dry-run`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) (err error) {
			s, err := l.Load()
			if err != nil {
				return err
			}
			if kind, _ := s.Database(); kind == config.Memory {
				return errors.New("RUNVS_DATABASE_URL is memory:, which would be gone when this ends; use sqlite: or postgres://")
			}
			ctx, workers := cmd.Context(), max(1, s.Workers)
			if o.DryRun {
				workers = 0
			}
			p, err := program.Open(ctx, s, program.Options{Workers: workers}, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.Close()) }()
			person, err := bulk.People{Users: p.Store(), Letters: letters.Tables{}}.Named(ctx, who)
			if err != nil {
				return fmt.Errorf("--user: %w", err)
			}
			if err := p.Start(ctx); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.Stop()) }()
			o.Paths, o.User = paths, person.ID
			report := bulk.NewReport(cmd.OutOrStdout(), cmd.ErrOrStderr(), asJSON, o.DryRun)
			err = bulk.Import(ctx, o, p.App().Runs, report)
			if err != nil {
				err = fmt.Errorf("the import was stopped %w; the same command goes on with it", err)
			}
			return errors.Join(err, report.End())
		},
	}
	f := c.Flags()
	f.StringVar(&who, "user", "", "whose runs they are: an id, a nickname or an e-mail address")
	f.BoolVar(&o.KeepDuplicates, "keep-duplicates", false, "keep runs that another device has recorded already")
	f.BoolVar(&o.DryRun, "dry-run", false, "store nothing, and print what would be imported")
	f.BoolVar(&asJSON, "json", false, "print a line of JSON for each run and file, and the sums in the last")
	_ = c.MarkFlagRequired("user") // the flag is there
	return c
}
