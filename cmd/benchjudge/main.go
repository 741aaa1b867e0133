// Command benchjudge measures the course judge beside the founding design's SQL,
// GEOS and a loop over all pieces, on the same input in one run. It is started
// by make bench, which starts a PostgreSQL for it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/runvs/runvs/domain/judge"
)

func main() {
	only := flag.String("only", "", "measure only the works whose name has this")
	alone := flag.Bool("alone", false, "measure the judge without its rivals")
	profile := flag.String("cpuprofile", "", "write a profile here, for go tool pprof")
	flag.Parse()
	if err := bench(context.Background(), *only, *alone, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "benchjudge:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, only string, alone bool, profile string) error {
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // a profile that is cut short shows
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "work\twhat\tmedian ms\tof runs\tns/fix\tallocations\tthe judge is\t")
	for _, w := range works() {
		if !strings.Contains(w.name, only) {
			continue
		}
		if err := measure(ctx, t, w, alone); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func measure(ctx context.Context, t *tabwriter.Writer, w work, alone bool) error {
	row := func(what string, r result, judged time.Duration) {
		times := ""
		if judged > 0 {
			times = fmt.Sprintf("%.0f× faster", float64(r.median)/float64(judged))
		}
		fmt.Fprintf(t, "%s\t%s\t%.2f\t%d\t%.0f\t%d\t%s\t\n", w.name, what, r.median.Seconds()*1e3, r.runs,
			float64(r.median.Nanoseconds())/float64(len(w.fixes)), r.allocations, times)
	}
	prepare, err := timed(func() error { judge.Prepare(w.line, judge.CurrentRules()); return nil })
	if err != nil {
		return err
	}
	fmt.Fprintf(t, "%s\tpreparing the course: %.0f ns a vertex\t%.2f\t%d\t\t%d\t\t\n", w.name,
		float64(prepare.median.Nanoseconds())/float64(w.line.Len()), prepare.median.Seconds()*1e3, prepare.runs, prepare.allocations)
	judged, err := timed(ours(ctx, w))
	if err != nil {
		return err
	}
	row("the judge: distance, alignment, verdict", judged, 0)
	if alone {
		return nil
	}
	ask, end, err := postgis(ctx, w)
	if err != nil {
		return err
	}
	defer end()
	for _, rival := range []struct {
		what string
		do   func() error
	}{
		{"founding SQL: ST_Distance, ST_LineLocatePoint", ask},
		{"GEOS prepared geometry: distance", geosPrepared(w)},
		{"a loop over all pieces: distance", bruteForce(w)},
	} {
		r, err := timed(rival.do)
		if err != nil {
			return fmt.Errorf("%s: %w", rival.what, err)
		}
		row(rival.what, r, judged.median)
	}
	return nil
}

// result is what a few runs of the same work took.
type result struct {
	median      time.Duration
	runs        int
	allocations uint64 // of one run, in Go
}

const (
	enoughRuns = 21
	enoughTime = 5 * time.Second // no further run begins after it
	fewestRuns = 3
)

// timed does a work a few times, the first of them not counted.
func timed(do func() error) (result, error) {
	began := time.Now()
	if err := do(); err != nil {
		return result{}, err
	}
	var took []time.Duration
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for len(took) < enoughRuns && (len(took) < fewestRuns || time.Since(began) < enoughTime) {
		start := time.Now()
		if err := do(); err != nil {
			return result{}, err
		}
		took = append(took, time.Since(start))
	}
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	return result{took[len(took)/2], len(took), (after.Mallocs - before.Mallocs) / uint64(len(took))}, nil
}
