package migrate

import (
	"context"
	"strings"
	"testing"

	atlas "ariga.io/atlas/sql/migrate"
)

// before returns a migrator of the same database whose last migration is the one
// before a version.
func before(t *testing.T, m *Migrator, version string) *Migrator {
	t.Helper()
	return withDir(t, m, copied(t, m, func(f atlas.File) bool { return f.Version() < version }))
}

const pictureKeys = "20261127000011"

// TestAddressesOfPicturesBecomeKeys writes rows as the release before did, under
// different public URLs.
func TestAddressesOfPicturesBecomeKeys(t *testing.T) {
	const (
		mina, joon    = "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"
		drawn, fresh  = "0198c0de-0000-7000-8000-000000000003", "0198c0de-0000-7000-8000-000000000004"
		picture       = "0198c0de-0000-7000-8000-0000000000aa"
		insertUser    = "INSERT INTO users (id, avatar_url) VALUES ($1, $2)"
		setThumbnail  = "UPDATE courses SET thumbnail_url = $1 WHERE id = $2"
		readAvatar    = "SELECT coalesce(CAST(avatar_id AS text), '') FROM users WHERE id = $1"
		readThumbnail = "SELECT thumbnail_drawn FROM courses WHERE id = $1"
	)
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		ctx := context.Background()
		m := migrator()
		_, err := before(t, m, pictureKeys).Up(ctx)
		must(t, err)
		exec := func(query string, args ...any) {
			t.Helper()
			_, err := m.db.ExecContext(ctx, query, args...)
			must(t, err)
		}
		exec(insertUser, mina, "http://localhost:8080/api/v1/avatars/"+picture+".jpg")
		exec(insertUser, joon, nil)
		line := "x'00', x'00'"
		if strings.HasSuffix(t.Name(), "PostGIS") {
			line = "'LINESTRING(127 37.5,127 37.6)', 'POINT(127 37.5)'"
		}
		for _, cid := range []string{drawn, fresh} {
			exec(`INSERT INTO courses (id, title, title_folded, map_x, map_y, route_geometry, start_point, start_lat, start_lng, route_south, route_west, route_north, route_east, distance_meters)
				VALUES ($1, 'x', 'x', 0, 0, `+line+`, 37.5, 127, 37.5, 127, 37.6, 127, 11100)`, cid)
		}
		exec(setThumbnail, "https://runs.example/under/api/v1/courses/"+drawn+"/thumbnail.png", drawn)

		// What is not ours is not lost: nothing is changed, and the failure says where.
		for _, foreign := range []struct{ set, id, address, column string }{
			{"UPDATE users SET avatar_url = $1 WHERE id = $2", joon, "https://pictures.example/joon.jpg", "avatar"},
			{"UPDATE users SET avatar_url = $1 WHERE id = $2", joon, "https://pictures.example/api/v1/avatars/joon-is-36-characters-long-but-no-uuid.jpg", "avatar"},
			{setThumbnail, fresh, "https://runs.example/api/v1/courses/" + drawn + "/thumbnail.png", "thumbnail"},
		} {
			exec(foreign.set, foreign.address, foreign.id)
			if applied, err := m.Up(ctx); err == nil || len(applied) > 0 || !strings.Contains(err.Error(), pictureKeys) || !strings.Contains(err.Error(), foreign.column) || strings.Contains(err.Error(), "example") {
				t.Errorf("with %s: applied %v, %v", foreign.address, applied, err)
			}
			exec(foreign.set, nil, foreign.id)
		}

		if applied, err := m.Up(ctx); err != nil || len(applied) == 0 {
			t.Fatalf("applied %v, %v", applied, err)
		}
		read := func(query, key string, into any) {
			t.Helper()
			must(t, m.db.QueryRowContext(ctx, query, key).Scan(into))
		}
		for uid, want := range map[string]string{mina: picture, joon: ""} {
			var got string
			if read(readAvatar, uid, &got); got != want {
				t.Errorf("%s has the picture %q, want %q", uid, got, want)
			}
		}
		for cid, want := range map[string]bool{drawn: true, fresh: false} {
			var got bool
			if read(readThumbnail, cid, &got); got != want {
				t.Errorf("%s is drawn: %v", cid, got)
			}
		}
		if drift, err := m.Verify(ctx); err != nil || len(drift) > 0 {
			t.Errorf("drift %v, %v", drift, err)
		}
	})
}
