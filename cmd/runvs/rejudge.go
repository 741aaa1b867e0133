package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
)

func rejudgeCommand(l *config.Loader) *cobra.Command {
	var course string
	var dry bool
	c := &cobra.Command{
		Use:   "rejudge",
		Short: "Judge stored runs again under today's rules, and say what changes",
		Long: `Judges stored runs again under today's rules, and says what changes. Boards,
statistics and totals follow, a run at a time: it may be stopped and started
again, and the server may go on serving. Runs on a course that its maker gave up
or that is set aside keep their verdicts.`,
		Example: "  runvs rejudge --dry-run\n  runvs rejudge --course 0199b0a2-0000-7000-8000-000000000000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s, err := l.Load()
			if err != nil {
				return err
			}
			var cid id.Course
			if course != "" {
				if cid, err = id.Parse[id.CourseKind](course); err != nil {
					return fmt.Errorf("--course: %q is no course id", course)
				}
			}
			if kind, _ := s.Database(); kind == config.Memory {
				return errors.New("RUNVS_DATABASE_URL is memory:, which holds no runs to judge again")
			}
			p, err := program.Open(cmd.Context(), s, program.Options{}, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.Close()) }()
			t := newRejudgeTable(cmd.OutOrStdout())
			err = p.App().Rejudge.Run(cmd.Context(), cid, dry, app.Findings{Judged: t.add, Skipped: t.skip})
			return errors.Join(err, t.end(dry))
		},
	}
	c.Flags().StringVar(&course, "course", "", "judge the runs of this course alone")
	c.Flags().BoolVar(&dry, "dry-run", false, "store nothing")
	return c
}

// rejudgeTable prints a line for each verdict that changes.
type rejudgeTable struct {
	t              *tabwriter.Writer
	judged, differ int
}

func newRejudgeTable(w io.Writer) *rejudgeTable {
	return &rejudgeTable{t: tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)}
}

func (r *rejudgeTable) add(x app.Rejudged) {
	if r.judged++; r.judged%100 == 0 {
		fmt.Fprintf(os.Stderr, "\r%d runs judged, %d change", r.judged, r.differ)
	}
	if !x.Differs() {
		return
	}
	if r.differ++; r.differ == 1 {
		fmt.Fprintln(r.t, "COURSE\tRUN\tBEFORE\tAFTER")
	}
	fmt.Fprintf(r.t, "%s\t%s\t%s\t%s\n", x.Course, x.Run, verdictLine(x.Before), verdictLine(x.After))
}

// skip says why runs of a course keep their verdicts.
func (r *rejudgeTable) skip(cid id.Course, why error) {
	fmt.Fprintf(r.t, "%s\tskipped: %v\n", cid, why)
}

func verdictLine(v judge.Verdict) string {
	if v.Status == "" {
		return "not judged"
	}
	line := string(v.Status)
	if v.CourseDurationSeconds != nil && v.Status == judge.Completed {
		line += fmt.Sprintf(" in %d s", *v.CourseDurationSeconds)
	}
	if len(v.Reasons) > 0 {
		line += fmt.Sprintf(" %v", v.Reasons)
	}
	return line + " (" + v.RuleVersion + ")"
}

func (r *rejudgeTable) end(dry bool) error {
	if r.judged >= 100 {
		fmt.Fprintln(os.Stderr)
	}
	stored := "stored"
	if dry {
		stored = "nothing was stored"
	}
	fmt.Fprintf(r.t, "%d runs judged, %d verdicts change; %s\n", r.judged, r.differ, stored)
	return r.t.Flush()
}
