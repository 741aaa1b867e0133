package main

import (
	"github.com/spf13/cobra"

	"github.com/runvs/runvs/cmd/runvs/config"
)

// rootCommand builds the whole command line. Settings are flags of every
// command, so that "runvs config" shows what any of them would use.
func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "runvs",
		Short:         "The server of a running app: records, courses, verdicts, rankings",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Long: `runvs takes recorded runs in from phones over bad networks, makes one
trustworthy record of each, lets any run become a course, judges who really
ran it, and ranks them.

Settings come from flags, then RUNVS_… variables, then runvs.yaml.
"runvs config" prints what is in force.`,
		Example: "  runvs serve\n  runvs replay morning-run.gpx --course new",
	}
	loader := config.NewLoader(root.PersistentFlags())
	root.AddCommand(
		serveCommand(loader), workerCommand(loader), migrateCommand(loader),
		replayCommand(), judgeCommand(), rejudgeCommand(loader), openapiCommand(),
		seedCommand(loader), importCommand(loader), jobsCommand(loader), doctorCommand(loader), configCommand(loader),
	)
	return root
}
