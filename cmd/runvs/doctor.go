package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

func doctorCommand(l *config.Loader) *cobra.Command {
	var quick bool
	c := &cobra.Command{
		Use: "doctor", Short: "Check settings, store, files, queue, providers and clock, one line each, with the mend",
		Long: `Checks everything that the server needs, one line each, with the mend. It
exits with 1 when something is wrong, also when jobs are set aside.

--quick asks the server that listens at RUNVS_HTTP_ADDR whether it is ready,
within 3 s, and nothing else: for whoever watches over a container.`,
		Example: "  runvs doctor\n  runvs doctor --quick", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := l.Load()
			if err != nil {
				return err
			}
			var checks []program.Check
			if quick {
				checks = append(checks, program.Quick(cmd.Context(), s))
			} else {
				checks = program.Examine(cmd.Context(), s, time.Now())
			}
			sick := 0
			for _, c := range checks {
				mark := "ok  "
				if c.Err != nil {
					mark = "BAD "
					sick++
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s %-10s %s\n", mark, c.Name, c.Says())
			}
			if sick > 0 {
				return fmt.Errorf("%d of the checks failed", sick)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&quick, "quick", false, "ask only whether the server of this machine is ready")
	return c
}
