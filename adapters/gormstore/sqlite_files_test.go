package gormstore

import (
	"compress/gzip"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// TestFilesOfBothDriversAreReadAndWritten opens files that the program made with
// either driver of SQLite: three courses, with their full-text index and R*Trees.
func TestFilesOfBothDriversAreReadAndWritten(t *testing.T) {
	for _, file := range []string{"c_library.db.gz", "go_library.db.gz"} {
		t.Run(file, func(t *testing.T) {
			s := openPacked(t, filepath.Join("testdata", file))
			all, _, err := s.ListCourses(t.Context(), ports.CourseQuery{}, ports.Page{Limit: 10}, nil)
			must(t, err)
			if len(all) != 3 {
				t.Fatalf("%d courses, want 3", len(all))
			}
			mine := newCourse(t, s, newUser(t, s), seoul())
			for _, c := range append(all, ports.CourseSummary{ID: mine.ID, Title: mine.Title, Start: mine.Route.At(0), CreatedAt: mine.CreatedAt}) {
				isFound(t, s, c)
			}
			var spellings int
			must(t, s.sql.QueryRow("SELECT count(DISTINCT substr(created_at, 11, 1) || substr(created_at, -6)) FROM courses").Scan(&spellings))
			if spellings != 1 {
				t.Error("times are not written as those that are there: they do not sort")
			}
			var whole string
			must(t, s.sql.QueryRow("PRAGMA integrity_check").Scan(&whole))
			if whole != "ok" {
				t.Error(whole)
			}
		})
	}
}

// openPacked opens a copy of a packed file, brought up to date.
func openPacked(t *testing.T, file string) *Store {
	t.Helper()
	packed, err := os.Open(file)
	must(t, err)
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	must(t, err)
	content, err := io.ReadAll(unpacked)
	must(t, err)
	path := filepath.Join(t.TempDir(), "runvs.db")
	must(t, os.WriteFile(path, content, 0o600))
	return migratedSQLite(t, path)
}

// isFound looks for a course by its title and by its place.
func isFound(t *testing.T, s *Store, c ports.CourseSummary) {
	t.Helper()
	found, _, err := s.ListCourses(t.Context(), ports.CourseQuery{TitleContains: strings.ToLower(c.Title)}, ports.Page{Limit: 10}, nil)
	must(t, err)
	var byTitle bool
	for _, f := range found {
		byTitle = byTitle || f.ID == c.ID && f.CreatedAt.Equal(c.CreatedAt)
	}
	if !byTitle {
		t.Errorf("%q is not found by its title", c.Title)
	}
	near, _, err := s.CoursesInBounds(t.Context(), ports.BoundsQuery{Bounds: geo.Around(c.Start, 100), Limit: 10})
	must(t, err)
	var byPlace []id.Course
	for _, f := range near {
		byPlace = append(byPlace, f.ID)
	}
	if !slices.Contains(byPlace, c.ID) {
		t.Errorf("%q is not found by its place", c.Title)
	}
}

// TestHowSQLiteIsUsed asks both connections for what the DSN wants of them: each
// driver ignores what it does not know.
func TestHowSQLiteIsUsed(t *testing.T) {
	s := newSQLiteStore(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "2000", "secure_delete": "1",
	} {
		for name, db := range map[string]*sql.DB{"writer": s.sql, "readers": s.readers} {
			var got string
			must(t, db.QueryRow("PRAGMA "+pragma).Scan(&got))
			if got != want {
				t.Errorf("%s of the %s is %s, want %s", pragma, name, got, want)
			}
		}
	}
	if _, err := s.readers.Exec("DELETE FROM users"); err == nil {
		t.Error("a reader may write")
	}
}
