// Command benchdb measures boards of growing length beside the founding design's
// own SQL on the same rows in the same run, on PostGIS and on SQLite. It is
// started by make bench-db, which starts a PostgreSQL for it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/runvs/runvs/adapters/gormstore"
)

func main() {
	sizes := flag.String("runners", "1000,100000,1000000", "lengths of boards, the least first")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "Measures boards on the database at RUNVS_TEST_POSTGRES_URL, which is filled, and on SQLite.\n\nExample:\n  benchdb -runners 1000,10000\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := bench(context.Background(), *sizes); err != nil {
		fmt.Fprintln(os.Stderr, "benchdb:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, sizes string) (err error) {
	var lengths []int
	for _, size := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(size))
		if err != nil || n < 100 {
			return fmt.Errorf("-runners: %q is no length of 100 or more", size)
		}
		lengths = append(lengths, n)
	}
	folder, err := os.MkdirTemp("", "runvs-benchdb-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	t := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "store\twork\trunners\tmedian ms\tp95 ms\tfounding ms\tfaster\t")
	for _, open := range []func(context.Context, string) (*database, error){openPostgres, openSQLite} {
		if err := measure(ctx, t, open, folder, lengths); err != nil {
			return err
		}
	}
	return t.Flush()
}

func measure(ctx context.Context, t *tabwriter.Writer, open func(context.Context, string) (*database, error), folder string, lengths []int) (err error) {
	db, err := open(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.store.Close()) }()
	for _, runners := range lengths {
		fmt.Fprintf(os.Stderr, "%s: filling a board of %d runners\n", db.name, runners)
		b, err := db.fill(ctx, runners)
		if err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
		for _, w := range b.works() {
			ours, err := timed(201, func(i int) error { return w.ours(ctx, i) })
			if err != nil {
				return fmt.Errorf("%s, %s: %w", db.name, w.name, err)
			}
			theirs, err := timed(3, func(i int) error { return w.founding(ctx, i) })
			if err != nil {
				return fmt.Errorf("%s, the founding %s: %w", db.name, w.name, err)
			}
			mine, his := at(ours, 50), at(theirs, 50)
			fmt.Fprintf(t, "%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%.0f×\t\n", db.name, w.name, runners,
				milliseconds(mine), milliseconds(at(ours, 95)), milliseconds(his), float64(his)/float64(mine))
		}
	}
	return t.Flush()
}

// timed runs work n times, after once that does not count, and returns how long each took.
func timed(n int, work func(i int) error) ([]time.Duration, error) {
	if err := work(n); err != nil {
		return nil, err
	}
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		if err := work(i); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took, nil
}

func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)-1)*percent/100]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func openPostgres(ctx context.Context, _ string) (*database, error) {
	url := os.Getenv("RUNVS_TEST_POSTGRES_URL")
	if url == "" {
		return nil, errors.New("RUNVS_TEST_POSTGRES_URL is not set: make bench-db starts a PostgreSQL")
	}
	m, err := gormstore.NewPostgresMigrator(url)
	if err != nil {
		return nil, err
	}
	if _, err := m.Up(ctx); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	s, err := gormstore.OpenPostgres(ctx, url, gormstore.Options{})
	return &database{name: "PostGIS", store: s, series: "generate_series(1, %d) AS n", newID: "gen_random_uuid()"}, errors.Join(err, m.Close())
}

func openSQLite(ctx context.Context, folder string) (*database, error) {
	path := filepath.Join(folder, "runvs.db")
	m, err := gormstore.NewSQLiteMigrator(path)
	if err != nil {
		return nil, err
	}
	if _, err := m.Up(ctx); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	s, err := gormstore.OpenSQLite(ctx, path, gormstore.Options{})
	return &database{
		name: "SQLite", store: s,
		series: "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %d) SELECT n FROM s) AS s",
		newID:  "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))",
	}, errors.Join(err, m.Close())
}
