package config

import (
	"fmt"
	"strings"
)

//go:generate go run ./document

// Document writes the README beside this file: every setting, as its tags declare it.
func Document() string {
	var b strings.Builder
	b.WriteString("# Settings\n\nFlags go before variables, variables before `runvs.yaml`, whose keys are the names below without `RUNVS_`, in small\n" +
		"letters; the flags have dashes. `runvs config` shows what is in force. Made by `make gen` of the tags in `settings.go`.\n\n" +
		"| setting | default | what |\n|---|---|---|\n")
	for _, s := range table {
		initial := fmt.Sprint(s.initial)
		if initial != "" {
			initial = "`" + initial + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.variable(), initial, s.usage)
	}
	return b.String()
}
