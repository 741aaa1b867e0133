// Command hashschema writes atlas.sum beside the migrations given as folders,
// after a new one was added: go run ./adapters/gormstore/migrate/hashschema schema/postgres schema/sqlite.
package main

import (
	"fmt"
	"os"

	"ariga.io/atlas/sql/migrate"
)

func main() {
	for _, folder := range os.Args[1:] {
		if err := hash(folder); err != nil {
			fmt.Fprintln(os.Stderr, folder+":", err)
			os.Exit(1)
		}
	}
}

func hash(folder string) error {
	dir, err := migrate.NewLocalDir(folder)
	if err != nil {
		return err
	}
	sum, err := dir.Checksum()
	if err != nil {
		return err
	}
	return migrate.WriteSumFile(dir, sum)
}
