package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/runvs/runvs/adapters/pgtest"
)

// database is where the program stores things; the zero value is its embedded
// default.
type database struct {
	url     string
	measure bool // it is no part of the data dir
}

func openDatabase(ctx context.Context, store string) (database, error) {
	switch store {
	case "sqlite":
		return database{}, nil
	case "memory":
		return database{url: "memory:"}, nil
	case "postgres":
		address, err := freshDatabase(ctx)
		return database{url: address, measure: true}, err
	}
	return database{}, fmt.Errorf("--store: %q is none of sqlite, postgres, memory", store)
}

// freshDatabase makes an empty database.
func freshDatabase(ctx context.Context) (string, error) {
	admin := os.Getenv("RUNVS_TEST_POSTGRES_URL")
	if admin == "" {
		return "", errors.New("RUNVS_TEST_POSTGRES_URL is not set; .ci/with-postgres sets it")
	}
	return pgtest.Create(ctx, admin, "")
}

// bytes is the size of a database that lies elsewhere.
func (d database) bytes(ctx context.Context) (n int64, err error) {
	if !d.measure {
		return 0, nil
	}
	conn, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx) //nolint:errcheck // it was only read
	err = conn.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
	return n, err
}
