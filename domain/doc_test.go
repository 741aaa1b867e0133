package domain_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// glossaryLine is a Korean term with its name, or a word with its meaning.
var glossaryLine = regexp.MustCompile(`(?m)^//\t(?:[^=\n]+ = ([a-z ]+)|([a-z]+): .+)$`)

func words(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range glossaryLine.FindAllStringSubmatch(string(page), -1) {
		out = append(out, m[1]+m[2])
	}
	return out
}

// TestEachWordOfTheGlossaryIsUsed looks for the words in the names of the code: a
// word that left the code must leave the glossary.
func TestEachWordOfTheGlossaryIsUsed(t *testing.T) {
	names := namesInCode(t)
	glossary := words(t)
	if len(glossary) < 60 {
		t.Fatalf("only %d words were read", len(glossary))
	}
	for _, word := range glossary {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, " "+word) }) {
			t.Errorf("%q is in the glossary, and in no name of the code", word)
		}
	}
	if !slices.IsSorted(glossary[17:]) {
		t.Error("the words are not in order")
	}
}

// inName is where one word of a name ends and the next begins.
var inName = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// namesInCode returns the identifiers of the repository outside tests, each as its
// words in lower case with a space before them.
func namesInCode(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(path, -1, len(source)), source, nil, 0)
		for _, tok, text := s.Scan(); tok != token.EOF; _, tok, text = s.Scan() {
			if tok == token.IDENT {
				seen[" "+strings.ToLower(inName.ReplaceAllString(text, "$1 $2"))] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	return names
}
