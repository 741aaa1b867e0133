package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"

	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

const riverside = "../../testdata/tracks/riverside.gpx"

// runvs runs a command line in the test's own folder and returns what it prints.
func runvs(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c := rootCommand()
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&out)
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

// contains fails the test when a text lacks one of the words.
func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}

// step runs a command that succeeds and says what is wanted.
func step(t *testing.T, want string, args ...string) {
	t.Helper()
	out, err := runvs(t, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	contains(t, out, want)
}

// refused fails the test unless a command line fails, saying all the words.
func refused(t *testing.T, words []string, args ...string) {
	t.Helper()
	_, err := runvs(t, args...)
	if err == nil {
		t.Errorf("runvs %v did not fail", args)
		return
	}
	contains(t, err.Error(), words...)
}

// absolute names a file of testdata from any folder.
func absolute(t *testing.T, path string) string {
	t.Helper()
	p, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryCommandHasAnExample(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Name() == "help" || c.Name() == "completion" {
			return
		}
		if c.Short == "" || !strings.Contains(c.Example, "runvs "+strings.Fields(c.Use)[0]) && c.HasParent() && !c.Parent().HasParent() {
			t.Errorf("%s has no help or no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(rootCommand())
	for _, name := range []string{"serve", "worker", "migrate", "replay", "judge", "rejudge", "import", "openapi", "jobs", "doctor", "config"} {
		out, err := runvs(t, name, "--help")
		if err != nil {
			t.Errorf("%s --help: %v", name, err)
		}
		contains(t, out, "Usage:", "Examples:")
	}
}

func TestConfigShowsWhatIsInForceAndHidesSecrets(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("RUNVS_DATABASE_URL", "postgres://me:hunter2@db/runvs?password=hunter2&sslmode=disable")
	t.Setenv("RUNVS_JWT_SECRETS", "a:aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnRlcjI=")
	t.Setenv("RUNVS_TILE_URL", "https://me:hunter2@tiles.test/hunter2/{z}/{x}/{y}.png?key=hunter2")
	t.Setenv("RUNVS_WORKERS", "3")
	if err := os.WriteFile("runvs.yaml", []byte("workers: 5\nlog_level: warn\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := runvs(t, "config", "--http-addr", "127.0.0.1:1234")
	if err != nil {
		t.Fatal(err)
	}
	// A flag goes before a variable, a variable before the file.
	contains(t, out, "RUNVS_WORKERS=3", "RUNVS_LOG_LEVEL=warn", "RUNVS_HTTP_ADDR=127.0.0.1:1234", "RUNVS_PUBLIC_URL=http://127.0.0.1:1234", "sslmode=disable", "RUNVS_JWT_SECRETS=***",
		"RUNVS_TILE_URL=https://tiles.test/***", "RUNVS_TILE_ATTRIBUTION=© OpenStreetMap contributors")
	t.Setenv("RUNVS_METRICS_ADDR", "") // empty = off
	t.Setenv("RUNVS_WORKERS", "")      // no number: the file's
	empty, err := runvs(t, "config")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, empty, "RUNVS_METRICS_ADDR=\n", "RUNVS_WORKERS=5")
	if strings.Contains(out, "hunter2") || strings.Contains(out, "aHVudGVyMg") {
		t.Errorf("a secret shows:\n%s", out)
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		file string
		args []string
		says []string
	}{
		"a typo in a variable":     {env: map[string]string{"RUNVS_WORKRES": "1"}, says: []string{"RUNVS_WORKRES", "runvs config"}},
		"a typo in the file":       {file: "wrokers: 1\n", says: []string{"wrokers", "runvs.yaml"}},
		"a broken file":            {file: ":\n-", says: []string{"runvs.yaml", "cannot be read"}},
		"workers that are no int":  {env: map[string]string{"RUNVS_WORKERS": "two"}, says: []string{"RUNVS_WORKERS", "two"}},
		"too many workers":         {args: []string{"--workers", "1001"}, says: []string{"RUNVS_WORKERS", "[0, 1000]"}},
		"neither true nor false":   {env: map[string]string{"RUNVS_DEV_LOGIN": "maybe"}, says: []string{"RUNVS_DEV_LOGIN", "maybe"}},
		"no address":               {args: []string{"--http-addr", ""}, says: []string{"RUNVS_HTTP_ADDR", "127.0.0.1:8080"}},
		"an unknown database":      {args: []string{"--database-url", "mysql://x"}, says: []string{"RUNVS_DATABASE_URL", "postgres://"}},
		"an unknown blob store":    {args: []string{"--blob-url", "ftp://x"}, says: []string{"RUNVS_BLOB_URL", "file:"}},
		"a bucket with a typo":     {args: []string{"--blob-url", "s3://b?regoin=x"}, says: []string{"RUNVS_BLOB_URL", "regoin"}},
		"no URL":                   {args: []string{"--public-url", "here"}, says: []string{"RUNVS_PUBLIC_URL", "here"}},
		"a URL with a password":    {args: []string{"--public-url", "https://u:hidden@x"}, says: []string{"RUNVS_PUBLIC_URL", "a host"}},
		"a URL with a query":       {args: []string{"--public-url", "https://x/?a=1"}, says: []string{"RUNVS_PUBLIC_URL", "a host"}},
		"a list in the file":       {file: "cors_origins: [https://a.example]\n", says: []string{"RUNVS_CORS_ORIGINS", "commas"}},
		"another way to migrate":   {args: []string{"--migrate", "later"}, says: []string{"RUNVS_MIGRATE", "auto"}},
		"a tile URL of one tile":   {args: []string{"--tile-url", "https://tiles/1.png"}, says: []string{"RUNVS_TILE_URL", "{z}"}},
		"tiles of nowhere":         {args: []string{"--tile-url", "tiles/{z}/{x}/{y}"}, says: []string{"RUNVS_TILE_URL", "http"}},
		"tiles of subdomains":      {args: []string{"--tile-url", "https://{s}.tiles/{z}/{x}/{y}"}, says: []string{"RUNVS_TILE_URL", "none of {z}, {x} and {y}"}},
		"letters that are missing": {args: []string{"--tile-attribution", "© 지도"}, says: []string{"RUNVS_TILE_ATTRIBUTION", "'지'"}},
		"an unknown log level":     {args: []string{"--log-level", "loud"}, says: []string{"RUNVS_LOG_LEVEL", "debug"}},
		"an unknown environment":   {args: []string{"--env", "staging"}, says: []string{"RUNVS_ENV", "production"}},
		"a name nobody can have":   {env: map[string]string{"RUNVS_RESERVED_NICKNAMES": "admin,administrators"}, says: []string{"RUNVS_RESERVED_NICKNAMES", "2 to 12"}},
		"memory without workers":   {args: []string{"--database-url", "memory:", "--workers", "0"}, says: []string{"RUNVS_WORKERS", "memory:"}},
		"production with nothing":  {args: []string{"--env", "production"}, says: []string{"RUNVS_JWT_SECRETS", "RUNVS_DATABASE_URL", "postgres://"}},
		"production and dev login": {args: []string{"--env", "production", "--dev-login"}, says: []string{"RUNVS_DEV_LOGIN", "false"}},
		"dev login for the net":    {args: []string{"--http-addr", "0.0.0.0:8080"}, says: []string{"RUNVS_DEV_LOGIN", "0.0.0.0:8080", "127.0.0.1"}},
		"dev login everywhere":     {args: []string{"--http-addr", ":8080"}, says: []string{"RUNVS_DEV_LOGIN"}},
		"dev login in the house":   {args: []string{"--http-addr", "192.168.0.2:8080"}, says: []string{"RUNVS_DEV_LOGIN"}},
		"dev login under a name":   {args: []string{"--http-addr", "runner.local:8080"}, says: []string{"RUNVS_DEV_LOGIN"}},
		"dev login by IPv6":        {args: []string{"--http-addr", "[::]:8080"}, says: []string{"RUNVS_DEV_LOGIN"}},
		"memory that is no size":   {env: map[string]string{"RUNVS_MEMORY": "lots"}, says: []string{"RUNVS_MEMORY", "lots", "64 MiB"}},
		"too little memory":        {args: []string{"--memory", "63MiB"}, says: []string{"RUNVS_MEMORY", "63MiB"}},
		"production in memory":     {args: []string{"--env", "production", "--database-url", "memory:"}, says: []string{"RUNVS_DATABASE_URL", "forgets"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			if c.file != "" {
				if err := os.WriteFile("runvs.yaml", []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			refused(t, c.says, append([]string{"config"}, c.args...)...)
		})
	}
}

func TestTheDevLoginStaysOnThisMachine(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"--http-addr", "127.0.0.1:0"}, {"--http-addr", "localhost:8080"}, {"--http-addr", "[::1]:8080"}, {"--http-addr", "[::ffff:127.0.0.1]:8080"},
		{"--http-addr", "0.0.0.0:8080", "--dev-login=false"},
	} {
		if _, err := runvs(t, append([]string{"config"}, args...)...); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestMigrateAppliesShowsAndVerifies(t *testing.T) {
	t.Chdir(t.TempDir())
	step(t, "pending", "migrate", "status")
	refused(t, []string{"checks failed"}, "doctor")
	refused(t, []string{"behind", "runvs migrate up", "RUNVS_MIGRATE=auto"}, "serve", "--migrate", "check", "--http-addr", "127.0.0.1:0", "--metrics-addr", "")
	step(t, "applied", "migrate", "up")
	step(t, "nothing to do", "migrate", "up")
	step(t, "is what the migrations make", "migrate", "verify")
	step(t, "the job queue's tables", "migrate", "status")
	step(t, "ok   queue", "doctor")
	step(t, "ok   providers", "doctor")
	tiles := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good/0/0/0":
			_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 256, 256)))
		case "/country/0/0/0":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer tiles.Close()
	step(t, "ok   tiles      the map's server answers\n", "doctor", "--tile-url", tiles.URL+"/good/{z}/{x}/{y}")
	step(t, "no tile 0/0/0", "doctor", "--tile-url", tiles.URL+"/country/{z}/{x}/{y}")
	out, err := runvs(t, "doctor", "--tile-url", tiles.URL+"/hunter2/{z}/{x}/{y}")
	if err == nil || strings.Contains(out, "hunter2") {
		t.Errorf("%v\n%s", err, out)
	}
	contains(t, out, "BAD  tiles", "status 403", "see RUNVS_TILE_URL")
	refused(t, []string{"memory:", "nothing to migrate"}, "migrate", "up", "--database-url", "memory:")
}

func TestAWorkerNeedsSomethingToDo(t *testing.T) {
	t.Chdir(t.TempDir())
	refused(t, []string{"RUNVS_WORKERS", "at least one"}, "worker", "--workers", "0")
	refused(t, []string{"memory:", "postgres://"}, "worker", "--database-url", "memory:")
}

func TestOpenAPIIsPrinted(t *testing.T) {
	out, err := runvs(t, "openapi")
	var doc map[string]any
	if err != nil || json.Unmarshal([]byte(out), &doc) != nil || doc["openapi"] != "3.1.0" {
		t.Errorf("%v: %.100s", err, out)
	}
	out, err = runvs(t, "openapi", "--yaml")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, out, "openapi: 3.1.0", "/runs/sessions/{id}/chunks")
}

func TestJudgeNeedsNoServer(t *testing.T) {
	out, err := runvs(t, "judge", "--course", riverside, riverside)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, out, "riverside.gpx", "completed", "100.0 %")
	out, err = runvs(t, "judge", "--course", riverside, riverside, "--json")
	var verdicts map[string]map[string]any
	if err != nil || json.Unmarshal([]byte(out), &verdicts) != nil || verdicts[riverside]["status"] != "completed" {
		t.Errorf("%v: %s", err, out)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("empty.gpx", []byte("<gpx/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, []string{"nothing.gpx"}, "judge", "--course", "nothing.gpx", "nothing.gpx")
	refused(t, []string{"empty.gpx"}, "judge", "--course", "empty.gpx", "empty.gpx")
}

// serving boots the program for replay to talk to.
func serving(t *testing.T) string {
	t.Helper()
	address, _ := servingOn(t, "memory:")
	return address
}

// servingOn boots the program on a database; stop ends it before the test does.
func servingOn(t *testing.T, database string) (address string, stop func()) {
	t.Helper()
	dir := t.TempDir()
	p, err := program.Open(context.Background(), config.Settings{
		Env: "development", HTTPAddr: "127.0.0.1:0", DataDir: dir, DatabaseURL: database, BlobURL: "file:" + dir,
		PublicURL: "http://runvs.test", DevLogin: true, Migrate: "auto", Workers: 2, HashCost: 4,
	}, program.Options{API: true, Workers: 2, Version: "test"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		if err := errors.Join(p.Stop(), p.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return "http://" + p.Addr(), stop
}

func TestReplayPlaysRunsAlsoOverABadNetwork(t *testing.T) {
	server, file := serving(t), absolute(t, riverside)
	out, err := runvs(t, "replay", file, "--course", "new", "--server", server)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, out, "riverside.gpx", "completed", "--course ")
	if !regexp.MustCompile(`completed +\d:\d\d:\d\d +1 `).MatchString(out) {
		t.Errorf("the first on a new course is not ranked first:\n%s", out)
	}
	course := out[strings.LastIndex(out, "--course ")+len("--course "):]
	record := func(args ...string) map[string]any {
		out, err := runvs(t, append([]string{"replay", file, "--server", server, "--course", strings.TrimSpace(course), "--user", "mina", "--json"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		var line struct{ Record map[string]any }
		if err := json.Unmarshal([]byte(out), &line); err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"id", "session_id", "created_at", "duplicate_of"} {
			delete(line.Record, field)
		}
		return line.Record
	}
	plain, faulty := record(), record("--faults", "--seed", "7", "--chunk", "20s")
	if fmt.Sprint(plain) != fmt.Sprint(faulty) {
		t.Errorf("faults changed the record:\n%v\n%v", plain, faulty)
	}
	if plain["distance_meters"] == nil {
		t.Error("the record is empty")
	}
	refused(t, []string{"127.0.0.1:1"}, "replay", file, "--server", "http://127.0.0.1:1")
	refused(t, []string{"course"}, "replay", file, "--server", server, "--course", "0199b0a2-0000-7000-8000-000000000000")
}

func TestRejudgeSaysWhatChanges(t *testing.T) {
	file := absolute(t, riverside)
	t.Chdir(t.TempDir())
	dir := t.TempDir()
	database := "sqlite:" + filepath.Join(dir, "runvs.db")
	server, stop := servingOn(t, database)
	out, err := runvs(t, "replay", file, "--course", "new", "--server", server)
	if err != nil {
		t.Fatal(err)
	}
	course := strings.TrimSpace(out[strings.LastIndex(out, "--course ")+len("--course "):])
	if _, err := runvs(t, "replay", file, "--course", course, "--user", "mina", "--server", server); err != nil {
		t.Fatal(err)
	}
	stop()
	rejudge := func(args ...string) string {
		out, err := runvs(t, append([]string{"rejudge", "--database-url", database}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	contains(t, rejudge(), "2 runs judged, 0 verdicts change")
	// As if older rules had judged it, and refused it.
	db, err := sql.Open(sqlite.Driver, filepath.Join(dir, "runvs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec(`UPDATE run_records SET verdict = json_set(verdict, '$.status', 'not_completed', '$.rule_version', 'old-1', '$.reasons', json('["off_course"]')),
		course_completed = 0 WHERE verdict IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n != 2 {
		t.Fatalf("%d runs were changed", n)
	}
	ranked := func() (n int) {
		if err := db.QueryRow("SELECT count(*) FROM run_records WHERE course_completed").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	contains(t, rejudge("--dry-run"), "not_completed", "[off_course] (old-1)", "2 verdicts change; nothing was stored")
	if ranked() != 0 {
		t.Error("a dry run stored something")
	}
	contains(t, rejudge("--course", course), "2 verdicts change; stored")
	if ranked() != 1 { // the other one is a copy of it
		t.Error("nothing was stored")
	}
	refused(t, []string{"no course id"}, "rejudge", "--course", "x")
	refused(t, []string{"memory:"}, "rejudge", "--database-url", "memory:")
	refused(t, []string{"course_not_found"}, "rejudge", "--database-url", database, "--course", "0199b0a2-0000-7000-8000-000000000000")
}
