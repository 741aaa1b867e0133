package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
	"github.com/runvs/runvs/ports"
)

func jobsCommand(l *config.Loader) *cobra.Command {
	c := &cobra.Command{
		Use:   "jobs",
		Short: "List, retry and drop the jobs that were set aside",
		Long: `A job that failed three times, or during which the process died twice, is set
aside: nothing tries it again until somebody says so. The server may go on
serving meanwhile.`,
		Example: "  runvs jobs list\n  runvs jobs retry 17\n  runvs jobs drop 17",
	}
	c.AddCommand(jobsListCommand(l), jobsRetryCommand(l), jobsDropCommand(l))
	return c
}

// atDesk makes a command that needs the desk.
func atDesk(l *config.Loader, do func(cmd *cobra.Command, desk ports.JobDesk, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := l.Load()
		if err != nil {
			return err
		}
		return program.AtDesk(cmd.Context(), s, func(desk ports.JobDesk) error { return do(cmd, desk, args) })
	}
}

func jobsListCommand(l *config.Loader) *cobra.Command {
	var all, asJSON bool
	var limit int
	c := &cobra.Command{
		Use: "list", Short: "List the jobs that were set aside, the newest first",
		Example: "  runvs jobs list\n  runvs jobs list --all --json", Args: cobra.NoArgs,
		RunE: atDesk(l, func(cmd *cobra.Command, desk ports.JobDesk, _ []string) error {
			if limit < 1 {
				return fmt.Errorf("--limit: %d is no number of jobs", limit)
			}
			states := []ports.JobState{ports.JobFailed}
			if all {
				states = append(states, ports.JobRunning, ports.JobWaiting)
			}
			var entries []ports.JobEntry
			for _, state := range states {
				some, err := desk.Jobs(cmd.Context(), state, limit)
				if err != nil {
					return err
				}
				entries = append(entries, some...)
			}
			if asJSON {
				return writeJobsJSON(cmd.OutOrStdout(), entries)
			}
			return writeJobs(cmd.OutOrStdout(), entries)
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "also those that run or wait")
	c.Flags().BoolVar(&asJSON, "json", false, "print an array instead of a table")
	c.Flags().IntVar(&limit, "limit", 100, "jobs of each state at most")
	return c
}

func writeJobs(w io.Writer, entries []ports.JobEntry) error {
	if len(entries) == 0 {
		_, err := fmt.Fprintln(w, "no job is set aside")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tKIND\tABOUT\tTRIES\tDEATHS\tSTATE\tSINCE\tREASON")
	for _, e := range entries {
		about := e.Job.ID
		if about == "" {
			about = "-"
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", e.Number, e.Job.Kind, about, e.Tries, e.Deaths, e.State,
			e.Since.Format(time.RFC3339), oneLine(e.Reason))
	}
	return t.Flush()
}

// oneLine keeps an error's lines from breaking the table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// jobLine is a job in JSON.
type jobLine struct {
	ID     int64          `json:"id"`
	Kind   ports.JobKind  `json:"kind"`
	About  string         `json:"about"`
	Tries  int            `json:"tries"`
	Deaths int            `json:"deaths"`
	State  ports.JobState `json:"state"`
	Since  time.Time      `json:"since"`
	Reason string         `json:"reason"`
}

func writeJobsJSON(w io.Writer, entries []ports.JobEntry) error {
	lines := make([]jobLine, len(entries))
	for i, e := range entries {
		lines[i] = jobLine{e.Number, e.Job.Kind, e.Job.ID, e.Tries, e.Deaths, e.State, e.Since, e.Reason}
	}
	return json.NewEncoder(w).Encode(lines)
}

func jobsRetryCommand(l *config.Loader) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "retry ID… | --all", Short: "Have jobs that were set aside tried again",
		Long: `Has jobs that were set aside tried again as if they were new. One that has
killed the process is done alone, and set aside again by one more death.`,
		Example: "  runvs jobs retry 17\n  runvs jobs retry --all",
		RunE: atDesk(l, func(cmd *cobra.Command, desk ports.JobDesk, args []string) error {
			if all == (len(args) > 0) {
				return errors.New("name the jobs by their IDs, or say --all; `runvs jobs list` shows them")
			}
			if !all {
				return eachJob(cmd, args, "is tried again", desk.Retry)
			}
			n, err := desk.RetryAll(cmd.Context())
			if err == nil {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d jobs are tried again\n", n)
			}
			return err
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "all of them")
	return c
}

func jobsDropCommand(l *config.Loader) *cobra.Command {
	return &cobra.Command{
		Use: "drop ID…", Short: "Forget jobs that were set aside",
		Long: `Forgets jobs that were set aside. What they were about stays as it is: a run
keeps saying that its processing failed. A session that is silent still gets
another job from the next look, within minutes.`,
		Example: "  runvs jobs drop 17 18", Args: cobra.MinimumNArgs(1),
		RunE: atDesk(l, func(cmd *cobra.Command, desk ports.JobDesk, args []string) error {
			return eachJob(cmd, args, "is forgotten", desk.Drop)
		}),
	}
}

// eachJob applies a verb to the jobs that are named, until one is not there.
func eachJob(cmd *cobra.Command, args []string, done string, verb func(ctx context.Context, number int64) (bool, error)) error {
	for _, arg := range args {
		number, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || number < 1 {
			return fmt.Errorf("%q is no job's ID; `runvs jobs list` shows them", arg)
		}
		there, err := verb(cmd.Context(), number)
		if err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("job %d is not set aside; `runvs jobs list` shows those that are", number)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "job %d %s\n", number, done)
	}
	return nil
}
