package main

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/runvs/runvs/adapters/sqlite"
)

func TestSeedFillsAStore(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // again adds as many, run by the same people
		out, err := runvs(t, "seed", "--data-dir", dir, "--courses", "30", "--runs", "12", "--thumbnails", "--refresh-hash-cost", "4")
		if err != nil {
			t.Fatal(err)
		}
		contains(t, out, "30 courses and 12 runs stored in")
	}
	db, err := sql.Open(sqlite.Driver, filepath.Join(dir, "runvs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for what, c := range map[string]struct {
		query string
		want  int
	}{
		"people":         {"SELECT count(*) FROM users", 10},
		"public courses": {"SELECT courses FROM course_cells WHERE level = 0", 60},
		"judged runs":    {"SELECT count(*) FROM run_records WHERE processing = 'done' AND verdict IS NOT NULL", 24},
		// The same seed twice makes the same runs, which count once.
		"runs that count":  {"SELECT sum(total_runs) FROM course_stats", 12},
		"totals of people": {"SELECT sum(total_runs) FROM users", 12},
		"points":           {"SELECT count(*) FROM run_chunks", 24},
		// Most go all the way, and are what the judge calls honest.
		"most of them completed": {"SELECT sum(course_completed) >= 18 FROM run_records", 1},
	} {
		var got int
		if err := db.QueryRow(c.query).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s: %d, %v, want %d", what, got, err, c.want)
		}
	}
}

func TestSeedRefusesWhatMakesNoSense(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		says []string
		args []string
	}{
		"production":           {[]string{"production"}, []string{"--env", "production", "--dev-login=false", "--jwt-secrets", "k:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "--allow-sqlite"}},
		"memory":               {[]string{"memory:"}, []string{"--database-url", "memory:"}},
		"runs without courses": {[]string{"--courses"}, []string{"--courses", "0"}},
		"fewer than none":      {[]string{"-1", "outside"}, []string{"--courses", "-1"}},
		"nobody at once":       {[]string{"--parallel"}, []string{"--parallel", "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, c.says, append([]string{"seed", "--data-dir", dir}, c.args...)...)
		})
	}
}
