// Command benchingest measures chunk uploads on the real program, beside the
// same INSERT alone in pgbench and a handler that does nothing, in one run.
// It is started by make bench-ingest, which starts a PostgreSQL for it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/runvs/runvs/adapters/pgtest"
)

func main() {
	binary := flag.String("runvs", "bin/runvs", "the program to measure")
	pgbench := flag.String("pgbench", "/usr/lib/postgresql/15/bin/pgbench", "pgbench")
	seconds := flag.Int("seconds", 8, "of each measurement")
	clients := flag.Int("clients", 16, "connections at once")
	flag.Parse()
	if err := bench(context.Background(), *binary, *pgbench, time.Duration(*seconds)*time.Second, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "benchingest:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, binary, pgbench string, length time.Duration, clients int) error {
	admin := os.Getenv("RUNVS_TEST_POSTGRES_URL")
	if admin == "" {
		return fmt.Errorf("RUNVS_TEST_POSTGRES_URL is not set; run make bench-ingest")
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "what\trequests/s\tof pgbench\tp50 ms\tp99 ms\tserver CPU µs/request\tserver RSS MiB\t")
	for _, store := range []string{"postgres", "sqlite"} {
		url := ""
		if store == "postgres" {
			var err error
			if url, err = pgtest.Create(ctx, admin, ""); err != nil {
				return err
			}
		}
		s, err := startServer(ctx, binary, url)
		if err != nil {
			return err
		}
		err = measureStore(t, s, store, url, pgbench, length, clients)
		if stopErr := s.stop(); err == nil {
			err = stopErr
		}
		if err != nil {
			return err
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func measureStore(t *tabwriter.Writer, s *server, store, url, pgbench string, length time.Duration, clients int) error {
	nothing, err := s.load(clients, length, func(int) (request, error) { return request{method: "GET", path: "/healthz"}, nil })
	if err != nil {
		return err
	}
	row(t, store+": a handler that does nothing", nothing, 0)
	for _, points := range []int{60, 300} {
		base := 0.0
		if store == "postgres" {
			if base, err = insertAlone(pgbench, url, points, clients, length); err != nil {
				return err
			}
			fmt.Fprintf(t, "%s: pgbench, the INSERT of %d points alone\t%.0f\t100 %%\t\t\t\t\t\n", store, points, base)
		}
		for _, zipped := range []bool{false, true} {
			upload, err := s.uploads(clients, points, zipped)
			if err != nil {
				return err
			}
			got, err := s.load(clients, length, upload)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s: chunks of %d points, plain", store, points)
			if zipped {
				name = fmt.Sprintf("%s: chunks of %d points, gzip'd", store, points)
			}
			row(t, name, got, base)
		}
	}
	// The crowd's figure is the memory: each has a connection of its own open.
	upload, err := s.uploads(crowd, 60, true)
	if err != nil {
		return err
	}
	got, err := s.load(crowd, length, upload)
	if err != nil {
		return err
	}
	row(t, fmt.Sprintf("%s: %d clients at once, 60 points, gzip'd", store, crowd), got, 0)
	return nil
}

// crowd is how many clients are open at once when memory is measured.
const crowd = 1000

func row(t *tabwriter.Writer, name string, r result, base float64) {
	share := ""
	if base > 0 {
		share = fmt.Sprintf("%.0f %%", 100*r.perSecond/base)
	}
	fmt.Fprintf(t, "%s\t%.0f\t%s\t%.2f\t%.2f\t%.0f\t%.0f\t\n", name, r.perSecond, share, r.p50*1e3, r.p99*1e3, r.cpu*1e6, r.rssMiB)
}
