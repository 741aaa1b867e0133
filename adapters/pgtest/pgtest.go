// Package pgtest makes throw-away databases on the PostgreSQL that .ci/with-postgres
// starts for tests and benchmarks.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Admin is the server's own database. A test is skipped where there is no server,
// or fails where RUNVS_REQUIRE_POSTGIS asks for one.
func Admin(tb testing.TB) string {
	tb.Helper()
	admin := os.Getenv("RUNVS_TEST_POSTGRES_URL")
	if admin == "" {
		if os.Getenv("RUNVS_REQUIRE_POSTGIS") != "" {
			tb.Fatal("RUNVS_TEST_POSTGRES_URL is not set, and PostGIS is required here")
		}
		tb.Skip("RUNVS_TEST_POSTGRES_URL is not set; make test starts a PostgreSQL")
	}
	return admin
}

// Empty makes an empty database that is dropped after the test.
func Empty(tb testing.TB) string { return Copy(tb, "") }

// Copy makes a copy of a database, at which nobody works, and drops it after the
// test; "" makes an empty one.
func Copy(tb testing.TB, of string) string {
	tb.Helper()
	address, err := Create(tb.Context(), Admin(tb), of)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := Drop(context.Background(), Admin(tb), address); err != nil { // the test's context has ended
			tb.Error(err)
		}
	})
	return address
}

// Template is a database that is made once for the tests of a package, each of which
// works on a copy: what takes a migration seconds takes a copy a fraction of one.
type Template struct {
	// Make makes an empty database what its copies shall be, and leaves it.
	Make func(tb testing.TB, address string)

	once    sync.Once
	address string
	made    bool
}

// Copy makes a copy that is dropped after the test.
func (t *Template) Copy(tb testing.TB) string {
	tb.Helper()
	admin := Admin(tb)
	t.once.Do(func() {
		var err error
		if t.address, err = Create(tb.Context(), admin, ""); err != nil {
			tb.Fatal(err)
		}
		t.Make(tb, t.address)
		t.made = true
	})
	if !t.made {
		tb.Fatal("the template could not be made: see the first failure")
	}
	return Copy(tb, t.address)
}

// Run runs a package's tests and drops the template after them; it returns what
// TestMain exits with.
func (t *Template) Run(m *testing.M) int {
	code := m.Run()
	if t.address != "" {
		if err := Drop(context.Background(), os.Getenv("RUNVS_TEST_POSTGRES_URL"), t.address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return max(code, 1)
		}
	}
	return code
}

// Create makes a database on the server of an administrator's URL, empty or a copy
// of another, and returns its URL.
func Create(ctx context.Context, admin, copyOf string) (string, error) {
	name := "t_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	statement := "CREATE DATABASE " + name
	if copyOf != "" {
		template, err := nameOf(copyOf)
		if err != nil {
			return "", err
		}
		statement += " TEMPLATE " + template
	}
	if err := Exec(ctx, admin, statement); err != nil {
		return "", err
	}
	u, err := url.Parse(admin)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// Drop drops a database, whoever is connected to it.
func Drop(ctx context.Context, admin, address string) error {
	name, err := nameOf(address)
	if err != nil {
		return err
	}
	return Exec(ctx, admin, "DROP DATABASE "+name+" WITH (FORCE)")
}

// Exec runs one statement on a connection of its own.
func Exec(ctx context.Context, address, statement string) (err error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

func nameOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	name := strings.TrimPrefix(u.Path, "/")
	if !strings.HasPrefix(name, "t_") {
		return "", fmt.Errorf("%q was not made here", name)
	}
	return name, nil
}
