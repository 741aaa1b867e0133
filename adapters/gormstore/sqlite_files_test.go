package gormstore

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

// TestAFileOfTheCLibraryIsReadAndWritten opens a file that the program made when it
// had SQLite's C library: three courses, with their full-text index and R*Trees.
func TestAFileOfTheCLibraryIsReadAndWritten(t *testing.T) {
	packed, err := os.Open("testdata/c_library.db.gz")
	must(t, err)
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	must(t, err)
	content, err := io.ReadAll(unpacked)
	must(t, err)
	path := filepath.Join(t.TempDir(), "runvs.db")
	must(t, os.WriteFile(path, content, 0o600))
	m, err := NewSQLiteMigrator(path)
	must(t, err)
	_, err = m.Up(t.Context())
	must(t, err)
	_, err = m.db.Exec(makeJobs)
	must(t, err)
	must(t, m.Close())
	s, err := OpenSQLite(t.Context(), path, testOptions())
	must(t, err)
	defer func() { must(t, s.Close()) }()

	all, _, err := s.ListCourses(t.Context(), ports.CourseQuery{}, ports.Page{Limit: 10}, nil)
	must(t, err)
	if len(all) != 3 {
		t.Fatalf("%d courses, want 3", len(all))
	}
	mine := newCourse(t, s, newUser(t, s), seoul())
	for _, c := range append(all, ports.CourseCard{Course: mine, Start: mine.Route.At(0)}) {
		has := func(found []ports.CourseCard) bool {
			for _, f := range found {
				if f.ID == c.ID && f.CreatedAt.Equal(c.CreatedAt) {
					return true
				}
			}
			return false
		}
		found, _, err := s.ListCourses(t.Context(), ports.CourseQuery{TitleContains: strings.ToLower(c.Title)}, ports.Page{Limit: 10}, nil)
		must(t, err)
		if !has(found) {
			t.Errorf("%q is not found by its title", c.Title)
		}
		found, _, err = s.CoursesInBounds(t.Context(), ports.BoundsQuery{Bounds: geo.Around(c.Start, 100), Limit: 10})
		must(t, err)
		if !has(found) {
			t.Errorf("%s is not found by its place", c.Title)
		}
	}
	var whole string
	must(t, s.sql.QueryRow("PRAGMA integrity_check").Scan(&whole))
	if whole != "ok" {
		t.Error(whole)
	}
}
