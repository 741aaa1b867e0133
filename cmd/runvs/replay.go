package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/cmd/runvs/replay"
)

func replayCommand() *cobra.Command {
	var o replay.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "replay FILE…",
		Short: "Play recorded runs (GPX, TCX, FIT, KML, GeoJSON) through the API as a phone would",
		Long: `Plays recorded runs through the API as a phone would: sign in, start a session,
send gzip'd chunks, complete, wait for the verdict. Prints a line per run.

Each file has a runner of its own unless --user names one for all.
--course new makes a course of the first file, which the others then follow.
--faults makes the network bad: answers are lost, chunks repeated and reordered.
The records come out the same.`,
		Example: `  runvs replay morning.gpx --course new
  runvs replay evening.fit --course 0199b0a2-… --user mina
  runvs replay runs/*.gpx.gz --faults --parallel 8`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			results, course, err := replay.Run(cmd.Context(), o, files, os.Stderr)
			write := replay.WriteTable
			if asJSON {
				write = replay.WriteJSON
			}
			if werr := write(cmd.OutOrStdout(), results); werr != nil {
				return werr
			}
			if o.Course == "new" && course != "" && !asJSON {
				fmt.Fprintf(cmd.OutOrStdout(), "\ncourse %s\nfollow it: runvs replay FILE --course %s\n", course, course)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&o.Server, "server", "http://127.0.0.1:8080", "where runvs serves")
	f.StringVar(&o.User, "user", "", "sign in under this name (default: a runner per file)")
	f.StringVar(&o.Course, "course", "", "a course's id to follow, or new")
	f.DurationVar(&o.Chunk, "chunk", time.Minute, "recorded time in one chunk")
	f.Float64Var(&o.Speed, "speed", 0, "times faster than life; 0 = as fast as it goes")
	f.IntVar(&o.Parallel, "parallel", 1, "runs at once")
	f.BoolVar(&o.Faults, "faults", false, "lose answers, repeat and reorder chunks")
	f.BoolVar(&asJSON, "json", false, "print the whole records, a line each, instead of a table")
	f.Uint64Var(&o.Seed, "seed", 1, "of the faults")
	return c
}
