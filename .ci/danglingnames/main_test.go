package main

import (
	"strings"
	"testing"
)

// tree is a small repository in which nothing dangles.
func tree() map[string]string {
	return map[string]string{
		"ARCHITECTURE.md": "`run.Session` and `Accept` of `domain/run/session.go`, `lightCourse`, `board_counts`, and `*_test.go`; see README.md.",
		"README.md":       "`make test`",
		"domain/run/session.go": `// Package run has sessions; see session.go.
package run

// Session is run.Session, as of RFC 9562 §5.8. Session.Accept decides.
type Session struct{}

// Accept is in board_counts.
func (Session) Accept() { lightCourse() }

func lightCourse() {}
`,
		"domain/run/session_test.go": "package run_test\n",
		".ci/lint":                   "# see README.md\n",
	}
}

func TestNothingDanglesHere(t *testing.T) {
	if found := check(tree()); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}

func TestWhatDanglesIsFound(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"ARCHITECTURE.md", "see SYNC.md", "no page SYNC.md"},
		{"ARCHITECTURE.md", "`run.Gone`", "no run.Gone"},
		{"ARCHITECTURE.md", "`run.gone`", "no run.gone"},
		{"ARCHITECTURE.md", "`Session.Gone`", "no Session.Gone"},
		{"ARCHITECTURE.md", "`heavyCourse`", "no heavyCourse"},
		{"ARCHITECTURE.md", "`app/gone.go`", "no app/gone.go"},
		{"ARCHITECTURE.md", "`gone_*.go`", "no gone_*.go"},
		{"ARCHITECTURE.md", "`adapters/gone`", "no adapters/gone"},
		{"ARCHITECTURE.md", "`table_counts`", "no table_counts"},
		{".ci/lint", "# see STYLE.md", "no page STYLE.md"},
		{"domain/run/session.go", "// See JUDGE.md.\npackage run\n", "no page JUDGE.md"},
		{"domain/run/session.go", "// See §7.\npackage run\n", "a section"},
		{"domain/run/session.go", "// See gone.go.\npackage run\n", "no file gone.go"},
		{"domain/run/session.go", "// See run.Gone.\npackage run\n", "no run.Gone"},
	} {
		files := tree()
		files[c.file] = c.text
		if found := check(files); !strings.Contains(strings.Join(found, "\n"), c.want) {
			t.Errorf("%s %q: found %q", c.file, c.text, found)
		}
	}
}
