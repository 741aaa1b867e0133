package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/strictjson"
)

// kinds are the names of the kinds in source code.
var kinds = map[string]fault.Kind{
	"Malformed": fault.Malformed, "Invalid": fault.Invalid, "Unauthorized": fault.Unauthorized, "NotFound": fault.NotFound,
	"Conflict": fault.Conflict, "TooLarge": fault.TooLarge, "Unsupported": fault.Unsupported,
	"RateLimited": fault.RateLimited, "Unavailable": fault.Unavailable,
}

// eachNode shows visit the source of what answers, node by node.
func eachNode(t *testing.T, visit func(path string, n ast.Node)) {
	t.Helper()
	for _, dir := range []string{"domain", "ports", "app", "adapters", "cmd"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "portstest") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				visit(path, n)
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Every code that the source can answer with is in the list of the document,
// with its status, and the list has no other.
func TestTheListOfCodesIsWhatTheSourceAnswers(t *testing.T) {
	answered := map[string]int{"internal_error": 500, fault.CodeWrongType: 400, strictjson.CodeMalformed: 400}
	for status, code := range web.CodeOf {
		answered[code] = status
	}
	eachNode(t, func(_ string, n ast.Node) {
		if code, kind, ok := madeFault(n); ok {
			answered[code] = web.StatusOf[kind]
		}
	})
	listed := map[string]int{}
	for _, c := range Codes {
		if _, twice := listed[c.Code]; twice {
			t.Errorf("%s is listed twice", c.Code)
		}
		listed[c.Code] = c.Status
	}
	for code, status := range answered {
		if listed[code] != status {
			t.Errorf("%s (%d) is answered, and listed with %d", code, status, listed[code])
		}
	}
	for code := range listed {
		if _, ok := answered[code]; !ok {
			t.Errorf("%s is listed, and nothing answers it", code)
		}
	}
}

// Every detail that a fault carries for the client is a member of the problem that
// the document describes, and the document has no other.
func TestTheMembersOfAProblemAreWhatFaultsCarry(t *testing.T) {
	carried := map[string]bool{}
	eachNode(t, func(path string, n ast.Node) {
		if call, ok := n.(*ast.CallExpr); ok && selected(call.Fun) == "With" && len(call.Args) == 2 && !strings.HasSuffix(path, "logging.go") {
			if lit, isLit := call.Args[0].(*ast.BasicLit); isLit {
				member, _ := strconv.Unquote(lit.Value)
				carried[member] = true
			}
		}
	})
	for member := range carried {
		if web.Members[member] == nil {
			t.Errorf("%s is carried, and not described", member)
		}
	}
	for member := range web.Members {
		if !carried[member] {
			t.Errorf("%s is described, and nothing carries it", member)
		}
	}
}

// A fault is made in one place: who says it in other words asks it for a copy
// (fault.Error.Saying), and who looks for it asks errors.Is.
func TestAFaultIsMadeOnceAndNobodyComparesCodes(t *testing.T) {
	made := map[string]string{}
	eachNode(t, func(path string, n ast.Node) {
		if code, _, ok := madeFault(n); ok && code != fault.CodeValidation {
			if made[code] != "" {
				t.Errorf("%s is made in %s, and in %s", code, made[code], path)
			}
			made[code] = path
		}
		switch n := n.(type) {
		case *ast.CallExpr:
			if selected(n.Fun) == "HasCode" {
				t.Errorf("%s compares a code; errors.Is tells a fault", path)
			}
		case *ast.BinaryExpr:
			if lit, isLit := n.Y.(*ast.BasicLit); isLit && lit.Value != `""` && selected(n.X) == "Code" && (n.Op == token.EQL || n.Op == token.NEQ) && !strings.Contains(path, "gormstore") {
				t.Errorf("%s compares a code with %s", path, lit.Value) // gormstore has those of PostgreSQL
			}
		}
	})
	if len(made) < 50 {
		t.Errorf("only %d faults were found", len(made))
	}
}

// madeFault finds fault.New(fault.Kind, "code", …) and fault.Error{Kind: …, Code: "code"}.
func madeFault(n ast.Node) (code string, kind fault.Kind, ok bool) {
	var kindExpr, codeExpr ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		if name := selected(n.Fun); name != "New" || len(n.Args) < 3 {
			return "", 0, false
		}
		kindExpr, codeExpr = n.Args[0], n.Args[1]
	case *ast.CompositeLit:
		for _, e := range n.Elts {
			if kv, isKV := e.(*ast.KeyValueExpr); isKV {
				switch id, _ := kv.Key.(*ast.Ident); {
				case id != nil && id.Name == "Kind":
					kindExpr = kv.Value
				case id != nil && id.Name == "Code":
					codeExpr = kv.Value
				}
			}
		}
	}
	kind, known := kinds[name(kindExpr)]
	if !known {
		return "", 0, false
	}
	if lit, isLit := codeExpr.(*ast.BasicLit); isLit {
		code, _ = strconv.Unquote(lit.Value)
		return code, kind, true
	}
	if name(codeExpr) == "CodeValidation" {
		return fault.CodeValidation, kind, true
	}
	return "", 0, false
}

func selected(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}

func name(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return selected(e)
}
