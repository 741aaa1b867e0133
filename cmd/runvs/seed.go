package main

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
	"github.com/runvs/runvs/cmd/runvs/seed"
)

func seedCommand(l *config.Loader) *cobra.Command {
	var o seed.Options
	c := &cobra.Command{
		Use:   "seed",
		Short: "Fill a store with synthetic courses and runs, for demonstrations and measurements",
		Long: `Fills a store with synthetic people, courses and runs that look like those of
people. Runs are recorded, judged and ranked as every run is; they keep their
points, so that they can be judged again. The people sign in as dev users named
seed-0, seed-1, seed-2 and so on in base 36, where RUNVS_DEV_LOGIN allows it.

Nothing that is there is changed; running it again adds more. Not for production.`,
		Example: "  runvs seed --courses 1000 --runs 5000 --thumbnails\n  runvs seed --courses 1000000 --dense --database-url postgres://runvs@localhost/demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s, err := l.Load()
			if err != nil {
				return err
			}
			if err := checkSeed(o, s); err != nil {
				return err
			}
			s.HTTPAddr, s.MetricsAddr = "", ""
			p, err := program.Open(cmd.Context(), s, program.Options{Workers: max(1, s.Workers)}, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.Close()) }()
			if err := p.Start(cmd.Context()); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.Stop()) }()
			began := time.Now()
			err = seed.Fill(cmd.Context(), o, seed.Target{
				App: p.App(), Store: p.Store(), IDs: p.IDs(), Letters: letters.Tables{}, Now: began.UTC(),
			}, cmd.ErrOrStderr())
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%d courses and %d runs stored in %s\n", o.Courses, o.Runs, time.Since(began).Round(time.Millisecond))
			}
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&o.Courses, "courses", 100, "how many courses")
	f.IntVar(&o.Runs, "runs", 500, "how many runs on them")
	f.BoolVar(&o.Thumbnails, "thumbnails", false, "have jobs draw the courses' pictures, some 20 ms each")
	f.BoolVar(&o.Dense, "dense", false, "put all courses in one city")
	f.Uint64Var(&o.Seed, "seed", 1, "equal seeds give equal courses and runs")
	f.IntVar(&o.Parallel, "parallel", 2*runtime.NumCPU(), "runs recorded at once")
	return c
}

func checkSeed(o seed.Options, s config.Settings) error {
	kind, _ := s.Database()
	switch {
	case s.Production():
		return errors.New("RUNVS_ENV is production, where nobody wants synthetic runs; use another database")
	case kind == config.Memory:
		return errors.New("RUNVS_DATABASE_URL is memory:, which would be gone when this ends; use sqlite: or postgres://")
	case o.Courses < 0 || o.Courses > 10_000_000:
		return fmt.Errorf("--courses: %d is outside [0, 10000000]", o.Courses)
	case o.Runs < 0 || o.Runs > 10_000_000:
		return fmt.Errorf("--runs: %d is outside [0, 10000000]", o.Runs)
	case o.Runs > 0 && o.Courses == 0:
		return errors.New("--runs: runs need courses; give --courses as well")
	case o.Parallel < 1 || o.Parallel > 100:
		return fmt.Errorf("--parallel: %d is outside [1, 100]", o.Parallel)
	}
	return nil
}
