package domain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestNoFieldHasATag: how a value is stored or sent is the adapter's to say, in a
// type of its own. A name in JSON that stood here could be changed for the one, and
// would change for the other.
func TestNoFieldHasATag(t *testing.T) {
	for _, field := range tagged(t, os.DirFS(".")) {
		t.Errorf("%s has a tag: give the adapter that needs it a struct of its own", field)
	}
}

func TestATagWouldBeFound(t *testing.T) {
	planted := fstest.MapFS{
		"geo/planted.go":      {Data: []byte("package geo\n\n// Planted breaks the rule.\ntype Planted struct {\n\tIn struct {\n\t\tX int `json:\"x\"`\n\t}\n}\n")},
		"geo/planted_test.go": {Data: []byte("package geo\n\ntype answer struct {\n\tX int `json:\"x\"`\n}\n")},
	}
	if found := tagged(t, planted); len(found) != 1 || found[0] != "geo/planted.go:6" {
		t.Errorf("found %v", found)
	}
}

// tagged returns the places of fields with a tag, but for those of tests.
func tagged(t *testing.T, files fs.FS) (places []string) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok && field.Tag != nil {
				at := set.Position(field.Pos())
				at.Column = 0
				places = append(places, at.String())
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return places
}
