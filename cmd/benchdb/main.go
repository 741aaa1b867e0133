// Command benchdb measures searches among growing numbers of courses and boards of
// growing length beside the founding design's own SQL on the same rows in the same
// run, on PostGIS and on SQLite. It is started by make bench-db, which starts a
// PostgreSQL for it.
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
	"time"

	"github.com/runvs/runvs/adapters/gormstore"
	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/adapters/mvt"
)

func main() {
	runners := flag.String("runners", "1000,100000,1000000", "lengths of boards, the least first")
	courses := flag.String("courses", "1000,100000,1000000", "numbers of courses in one city, the least first")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "Measures searches and boards on the database at RUNVS_TEST_POSTGRES_URL, which is filled, and on SQLite.\n\nExample:\n  benchdb -courses 1000,10000 -runners 1000,10000\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := bench(context.Background(), *courses, *runners); err != nil {
		fmt.Fprintln(os.Stderr, "benchdb:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, courses, runners string) (err error) {
	searches, err := parseSizes("-courses", courses)
	if err != nil {
		return err
	}
	boards, err := parseSizes("-runners", runners)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "runvs-benchdb-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for _, open := range []func(context.Context, string) (*database, error){openPostgres, openSQLite} {
		if err := measure(ctx, open, folder, searches, boards); err != nil {
			return err
		}
	}
	return nil
}

func parseSizes(name, list string) (sizes []int, err error) {
	for _, size := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(size))
		if err != nil || n < 100 {
			return nil, fmt.Errorf("%s: %q is no number of 100 or more", name, size)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

func measure(ctx context.Context, open func(context.Context, string) (*database, error), folder string, searches, boards []int) (err error) {
	db, err := open(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.store.Close()) }()
	out := newTable(db.name)
	for _, courses := range searches {
		s, err := db.addCourses(ctx, courses)
		if err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
		if err := out.measure(ctx, courses, s.works()); err != nil {
			return err
		}
	}
	for _, runners := range boards {
		fmt.Fprintf(os.Stderr, "%s: filling a board of %d runners\n", db.name, runners)
		b, err := db.fill(ctx, runners)
		if err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
		if err := out.measure(ctx, runners, b.works()); err != nil {
			return err
		}
	}
	return out.end()
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
	m, err := migrate.NewPostgres(url)
	if err != nil {
		return nil, err
	}
	if _, err := m.Up(ctx); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	s, err := gormstore.OpenPostgres(ctx, url, gormstore.Options{Tiles: mvt.New()})
	return &database{name: "PostGIS", store: s, series: "generate_series(1, %d) AS n", newID: "gen_random_uuid()"}, errors.Join(err, m.Close())
}

func openSQLite(ctx context.Context, folder string) (*database, error) {
	path := filepath.Join(folder, "runvs.db")
	m, err := migrate.NewSQLite(path)
	if err != nil {
		return nil, err
	}
	if _, err := m.Up(ctx); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	s, err := gormstore.OpenSQLite(ctx, path, gormstore.Options{Tiles: mvt.New()})
	return &database{
		name: "SQLite", store: s,
		series: "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %d) SELECT n FROM s) AS s",
		newID:  "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))",
	}, errors.Join(err, m.Close())
}
