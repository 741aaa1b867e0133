package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/adapters/budget"
	"github.com/runvs/runvs/adapters/tracks"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

func judgeCommand() *cobra.Command {
	var courseFile string
	var asJSON bool
	c := &cobra.Command{
		Use:     "judge --course FILE RUN…",
		Short:   "Judge recorded runs against a course, with no server",
		Example: "  runvs judge --course course.gpx run1.gpx run2.fit\n  runvs judge --course course.gpx run1.gpx --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			fixes, err := readTrack(cmd.Context(), courseFile)
			if err != nil {
				return err
			}
			points := make([]geo.Point, len(fixes))
			for i, f := range fixes {
				points[i] = f.Point
			}
			line, err := geo.NewLine(points)
			if err != nil {
				return fmt.Errorf("%s: %w", courseFile, err)
			}
			ready := judge.Prepare(course.WithoutStops(line), judge.CurrentRules())
			verdicts := map[string]judge.Verdict{}
			for _, f := range files {
				if verdicts[f], err = judgeFile(cmd.Context(), ready, f); err != nil {
					return err
				}
			}
			if asJSON {
				printed := map[string]verdictJSON{}
				for f, v := range verdicts {
					printed[f] = verdictJSONOf(v)
				}
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(printed)
			}
			t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(t, "RUN\tSTATUS\tMATCH\tCOVERED\tWORST\tCOURSE TIME\tREASONS")
			for _, f := range files {
				v := verdicts[f]
				seconds := "–"
				if v.CourseDurationSeconds != nil {
					seconds = fmt.Sprintf("%d s", *v.CourseDurationSeconds)
				}
				fmt.Fprintf(t, "%s\t%s\t%.1f %%\t%.1f %%\t%.1f m\t%s\t%v\n", filepath.Base(f), v.Status, v.RouteMatchPercent,
					v.CoveragePercent, v.MaxDeviationMeters, seconds, v.Reasons)
			}
			return t.Flush()
		},
	}
	c.Flags().StringVar(&courseFile, "course", "", "the course: a GPX, TCX, FIT, KML or GeoJSON file")
	c.Flags().BoolVar(&asJSON, "json", false, "print the whole verdicts")
	_ = c.MarkFlagRequired("course") // the flag exists
	return c
}

// readTrack returns the fixes of a file's first activity.
func readTrack(ctx context.Context, path string) ([]ports.TrackFix, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var memory ports.Budget = budget.New(1 << 30) // one file at a time
	read, err := tracks.New(memory).Read(ctx, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ports.FirstActivity(read).Fixes(), nil
}

func judgeFile(ctx context.Context, course *judge.Course, path string) (judge.Verdict, error) {
	fixes, err := readTrack(ctx, path)
	if err != nil {
		return judge.Verdict{}, err
	}
	var raw []run.Fix
	for _, f := range fixes {
		fix := run.Fix{Point: f.Point, Timestamp: f.Timestamp, Altitude: f.Altitude, Accuracy: f.Accuracy}
		if f.HasPlace && f.HasTime && f.Timestamp >= run.EarliestTimestamp {
			raw = append(raw, fix)
		}
	}
	m, err := run.Measure(ctx, run.Recording{Fixes: raw}, run.DefaultFilter())
	if err != nil {
		return judge.Verdict{}, fmt.Errorf("%s: %w", path, err)
	}
	usable, err := run.Filter(ctx, raw, run.DefaultFilter())
	if err != nil {
		return judge.Verdict{}, err
	}
	return course.Judge(ctx, run.ForJudge(usable), run.Record{Measures: m}.Against()...)
}
