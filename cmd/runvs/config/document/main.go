// Command document writes the table of all settings: go generate ./cmd/runvs/config.
package main

import (
	"fmt"
	"os"

	"github.com/runvs/runvs/cmd/runvs/config"
)

func main() {
	if err := os.WriteFile("README.md", []byte(config.Document()), 0o644); err != nil { // it is for everybody
		fmt.Fprintln(os.Stderr, "document:", err)
		os.Exit(1)
	}
}
