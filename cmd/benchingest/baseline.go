package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/runvs/runvs/domain/run"
)

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// insertAlone is how many chunks a second pgbench stores with the server's own
// INSERT into the server's own table, foreign key and indexes included.
func insertAlone(pgbench, address string, points, clients int, length time.Duration) (float64, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is left to do
	for _, statement := range []string{
		"CREATE SEQUENCE IF NOT EXISTS bench_sequence",
		"INSERT INTO users (id) VALUES ('00000000-0000-7000-8000-000000000001') ON CONFLICT DO NOTHING",
		`INSERT INTO run_sessions (id, user_id, status, started_at, body_digest, active_since)
			SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(c), 12, '0'))::uuid, '00000000-0000-7000-8000-000000000001', 'completed', now(), '', now()
			FROM generate_series(1, 64) c ON CONFLICT DO NOTHING`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return 0, err
		}
	}
	claim := fmt.Sprintf(`{"distance_meters":%d,"duration_seconds":%d}`, points*3, points)
	script := fmt.Sprintf(`INSERT INTO run_chunks (id, session_id, sequence, chunk_type, raw_gps_points, chunk_summary, cumulative, completed_splits, pause_intervals, digest, created_at)
 VALUES (gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(:client_id + 1), 12, '0'))::uuid, nextval('bench_sequence'), 'intermediate', '%s', '%s', '%s', '[]', '[]', sha256('x'), now());
`, run.AppendFixes(nil, fixes(0, points)), claim, claim)
	dir, err := os.MkdirTemp("", "runvs-pgbench")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	file := filepath.Join(dir, "insert.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, err
	}
	seconds := strconv.Itoa(int(length / time.Second))
	out, err := exec.Command(pgbench, "-n", "-M", "simple", "-f", file, "-c", strconv.Itoa(clients), "-j", "2", "-T", seconds, address).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	m := tps.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("pgbench said no tps: %s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
