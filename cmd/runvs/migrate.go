package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

func migrateCommand(l *config.Loader) *cobra.Command {
	c := &cobra.Command{
		Use:     "migrate",
		Short:   "Apply, show and check the migrations of the database",
		Example: "  runvs migrate up\n  runvs migrate status\n  runvs migrate verify",
	}
	with := func(do func(cmd *cobra.Command, s config.Settings, m *migrate.Migrator) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, _ []string) (err error) {
			s, err := l.Load()
			if err != nil {
				return err
			}
			m, err := program.OpenMigrator(s)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, m.Close()) }()
			return do(cmd, s, m)
		}
	}
	c.AddCommand(
		&cobra.Command{Use: "up", Short: "Apply what is pending", Example: "  runvs migrate up", Args: cobra.NoArgs, RunE: with(migrateUp)},
		&cobra.Command{Use: "status", Short: "Show what was applied", Example: "  runvs migrate status", Args: cobra.NoArgs, RunE: with(migrateStatus)},
		&cobra.Command{Use: "verify", Short: "Compare the database with what the migrations make", Example: "  runvs migrate verify", Args: cobra.NoArgs, RunE: with(migrateVerify)},
	)
	return c
}

func migrateUp(cmd *cobra.Command, s config.Settings, m *migrate.Migrator) error {
	applied, err := m.Up(cmd.Context())
	for _, name := range applied {
		fmt.Fprintln(cmd.OutOrStdout(), "applied", name)
	}
	if err != nil {
		return err
	}
	queue, err := program.MigrateQueue(cmd.Context(), s)
	if queue && err == nil {
		fmt.Fprintln(cmd.OutOrStdout(), "applied the job queue's tables")
	}
	if err == nil && len(applied) == 0 && !queue {
		fmt.Fprintln(cmd.OutOrStdout(), "nothing to do: the database is up to date")
	}
	return err
}

func migrateStatus(cmd *cobra.Command, s config.Settings, m *migrate.Migrator) error {
	all, err := m.Status(cmd.Context())
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
	for _, x := range all {
		when := "pending"
		if !x.AppliedAt.IsZero() {
			when = x.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(t, "%s\t%s\n", x.Name, when)
	}
	queue := "pending"
	if ready, err := program.QueueMigrated(cmd.Context(), s); err != nil {
		return err
	} else if ready {
		queue = "applied"
	}
	fmt.Fprintf(t, "the job queue's tables\t%s\n", queue)
	return t.Flush()
}

func migrateVerify(cmd *cobra.Command, _ config.Settings, m *migrate.Migrator) error {
	drift, err := m.Verify(cmd.Context())
	if err != nil {
		return err
	}
	if len(drift) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "the database is what the migrations make")
		return nil
	}
	for _, d := range drift {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n  want: %s\n  have: %s\n", d.What, orNothing(d.Want), orNothing(d.Have))
	}
	return fmt.Errorf("the database differs in %d places from what the migrations make", len(drift))
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}
