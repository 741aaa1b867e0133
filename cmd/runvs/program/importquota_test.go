package program_test

import (
	"context"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// Only whoever runs the server imports without a bound: nothing that a request says
// lifts it.
func TestNoRequestLiftsTheBoundOfImports(t *testing.T) {
	in := settings(t)
	in.DatabaseURL = "memory:"
	s, p := start(t, in)
	mina := s.login("mina")
	rec := s.run(mina, nil)
	gpx := string(s.want(200, call{method: "GET", path: "/runs/" + rec["id"].(string) + "/track?format=gpx", token: mina}).raw)
	uid, err := p.Store().UserOf(t.Context(), "dev", "mina")
	if err != nil {
		t.Fatal(err)
	}
	err = p.Store().InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
		for range run.MaxImportsADay {
			old, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](p.IDs()), UserID: uid, StartedAt: time.Now(), Imported: true}, time.Now())
			if err != nil {
				return err
			}
			if _, _, err := tx.InsertSession(ctx, old); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "one more", s.formOf(mina, "/runs/import", gpx, nil).code(), "import_quota_exceeded")
	for _, name := range []string{"unmetered", "Unmetered", "dry_run"} {
		for what, a := range map[string]answer{
			"a parameter": s.formOf(mina, "/runs/import?"+name+"=true", gpx, nil), "a field": s.formOf(mina, "/runs/import", gpx, map[string]string{name: "true"}),
			"a header": s.formWith(mina, "/runs/import", gpx, nil, map[string]string{name: "true"}),
		} {
			if a.status < 400 || a.json["id"] != nil {
				t.Errorf("%s %s: %d", what, name, a.status)
			}
		}
	}
}
