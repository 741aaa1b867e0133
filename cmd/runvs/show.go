package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

func configCommand(l *config.Loader) *cobra.Command {
	return &cobra.Command{
		Use: "config", Short: "Print the settings in force, secrets masked, and the bounds",
		Example: "  runvs config\n  runvs config --workers 4", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := l.Load()
			if err != nil {
				return err
			}
			if err := program.Validate(s); err != nil {
				return err
			}
			for _, line := range config.Show(s) {
				fmt.Fprintln(cmd.OutOrStdout(), line)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "# Bounds, which no setting changes; beyond one the code in brackets is answered")
			for _, b := range bounds() {
				fmt.Fprintln(cmd.OutOrStdout(), "#", b)
			}
			return nil
		},
	}
}

func openapiCommand() *cobra.Command {
	var yaml bool
	c := &cobra.Command{
		Use: "openapi", Short: "Print the API's document",
		Example: "  runvs openapi > openapi.json\n  runvs openapi --yaml", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			doc, err := program.OpenAPI(config.Settings{PublicURL: "http://localhost:8080"}, version, yaml)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), string(doc))
			return err
		},
	}
	c.Flags().BoolVar(&yaml, "yaml", false, "as YAML")
	return c
}
