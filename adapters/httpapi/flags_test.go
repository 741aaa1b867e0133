package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestTheListOfFlagsIsWhatRecordsCarry holds that the document tells of every flag.
func TestTheListOfFlagsIsWhatRecordsCarry(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../domain/run/record.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, f := range Flags {
		listed[f.Flag] = true
	}
	made := 0
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(v.Names[0].Name, "Flag") {
			return true
		}
		made++
		flag, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil || !listed[flag] {
			t.Errorf("%s is not listed", v.Names[0].Name)
		}
		return true
	})
	if made != len(listed) || made == 0 {
		t.Errorf("%d flags are made, %d listed", made, len(listed))
	}
}
