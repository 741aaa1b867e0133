// Command danglingnames finds what comments and documents speak of and the
// repository does not have: pages, sections of pages, files, packages and names.
// It prints each place and fails when there is one.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	out, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, "git ls-files:", err)
		os.Exit(2)
	}
	files := map[string]string{}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if content, err := os.ReadFile(name); err == nil {
			files[name] = string(content)
		}
	}
	found := check(files)
	for _, line := range found {
		fmt.Println(line)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

// house is what the repository has.
type house struct {
	files    map[string]string
	paths    []string                   // of files and folders
	declared map[string]map[string]bool // names by package
	types    map[string]bool
	names    map[string]bool // every identifier of the code
	code     string          // the text of all files that are no documents
}

// check returns what dangles, a line each.
func check(files map[string]string) (found []string) {
	h := &house{files: files, declared: map[string]map[string]bool{}, types: map[string]bool{}, names: map[string]bool{}}
	folders := map[string]bool{}
	var code strings.Builder
	for name, text := range files {
		h.paths = append(h.paths, name)
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			folders[dir] = true
		}
		if !isDocument(name) {
			code.WriteString(text)
		}
	}
	for dir := range folders {
		h.paths = append(h.paths, dir)
	}
	h.code = code.String()
	set := token.NewFileSet()
	parsed := map[string]*ast.File{}
	for name, text := range files {
		if filepath.Ext(name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			found = append(found, err.Error())
			continue
		}
		parsed[name] = file
		h.add(file)
	}
	for name, file := range parsed {
		for _, group := range file.Comments {
			for _, what := range h.inComment(name, group.Text()) {
				found = append(found, fmt.Sprintf("%s: %s", set.Position(group.Pos()), what))
			}
		}
	}
	for name, text := range files {
		switch {
		case isDocument(name):
			for i, line := range strings.Split(text, "\n") {
				for _, what := range h.inDocument(name, line) {
					found = append(found, fmt.Sprintf("%s:%d: %s", name, i+1, what))
				}
			}
		case filepath.Ext(name) != ".go" && !isData(name):
			for i, line := range strings.Split(text, "\n") {
				for _, what := range h.pages(name, remark.FindString(line)) {
					found = append(found, fmt.Sprintf("%s:%d: %s", name, i+1, what))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

func isDocument(name string) bool { return filepath.Ext(name) == ".md" }

// isData reports whether a file's text is not ours.
func isData(name string) bool {
	return name == "NOTICE" || name == "LICENSE" || strings.HasPrefix(path.Base(name), "go.") || strings.Contains("/"+name, "/testdata/")
}

// add notes what a file declares and names.
func (h *house) add(file *ast.File) {
	pkg := strings.TrimSuffix(file.Name.Name, "_test")
	if h.declared[pkg] == nil {
		h.declared[pkg] = map[string]bool{}
	}
	declare := func(names ...*ast.Ident) {
		for _, n := range names {
			h.declared[pkg][n.Name] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			h.names[n.Name] = true
		case *ast.FuncDecl:
			declare(n.Name)
		case *ast.TypeSpec:
			declare(n.Name)
			h.types[n.Name.Name] = true
		case *ast.ValueSpec:
			declare(n.Names...)
		case *ast.Field:
			declare(n.Names...)
		}
		return true
	})
}

var (
	remark   = regexp.MustCompile(`(#|//|--).*`)
	page     = regexp.MustCompile(`[\w./-]+\.md\b`)
	standard = regexp.MustCompile(`\b(RFC|ISO|ITU|Unicode|UAX|IEEE|W3C)\b`)
	goFile   = regexp.MustCompile(`[\w./*-]+\.go\b`)
	ofPkg    = regexp.MustCompile(`\b([a-z][a-z0-9]+)\.([A-Z]\w*)`)
	ofType   = regexp.MustCompile(`\b([A-Z]\w+)\.([A-Z]\w*)`)
	quoted   = regexp.MustCompile("`([^`]+)`")
	camel    = regexp.MustCompile(`^[A-Za-z]*[a-z][A-Z][A-Za-z0-9]*$`)
	dotted   = regexp.MustCompile(`^\w+(\.\w+)+$`)
	snake    = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)+$`)
	filePath = regexp.MustCompile(`^\.?[\w*-]+([./][\w.*-]+)*$`)
)

// pages finds pages that are not in the repository.
func (h *house) pages(file, text string) (found []string) {
	for _, name := range page.FindAllString(text, -1) {
		if h.files[strings.TrimPrefix(name, "./")] == "" && h.files[path.Join(path.Dir(file), name)] == "" {
			found = append(found, "there is no page "+name)
		}
	}
	return found
}

// inComment finds what dangles in a comment of the code.
func (h *house) inComment(file, text string) []string {
	found := h.pages(file, text)
	if strings.Contains(text, "§") && !standard.MatchString(text) {
		found = append(found, "a section of no page or standard")
	}
	for _, name := range goFile.FindAllString(text, -1) {
		if !h.has(name) {
			found = append(found, "there is no file "+name)
		}
	}
	return append(found, h.qualified(text)...)
}

// qualified finds names of packages and types that these do not have.
func (h *house) qualified(text string) (found []string) {
	for _, m := range ofPkg.FindAllStringSubmatch(text, -1) {
		// Another package of that name, such as the standard library's, may be meant.
		if names := h.declared[m[1]]; names != nil && !names[m[2]] && !strings.Contains(h.code, m[0]+"(") {
			found = append(found, "there is no "+m[0])
		}
	}
	for _, m := range ofType.FindAllStringSubmatch(text, -1) {
		if h.types[m[1]] && !h.names[m[2]] {
			found = append(found, "there is no "+m[0])
		}
	}
	return found
}

// inDocument finds what dangles in a line of a document.
func (h *house) inDocument(file, line string) []string {
	found := h.pages(file, line)
	for _, m := range quoted.FindAllStringSubmatch(line, -1) {
		name := m[1]
		found = append(found, h.qualified(name)...)
		known := true
		switch {
		case page.MatchString(name):
		case camel.MatchString(name):
			known = h.names[name]
		case snake.MatchString(name):
			known = strings.Contains(h.code, name)
		case strings.HasSuffix(name, ".go"), strings.Contains(name, "/") && filePath.MatchString(name):
			known = h.has(name)
		case dotted.MatchString(name):
			parts := strings.Split(name, ".")
			if names := h.declared[parts[0]]; names != nil {
				known = names[parts[1]] || h.names[parts[1]]
			}
		}
		if !known {
			found = append(found, "there is no "+name)
		}
	}
	return found
}

// has reports whether a file or folder has this path, or one that ends so.
func (h *house) has(name string) bool {
	if strings.HasPrefix(name, "_") { // the end of a name
		name = "*" + name
	}
	want := strings.Split(strings.Trim(name, "/."), "/")
	if strings.Contains(h.files[".gitignore"], "/"+want[0]+"/\n") { // it is built
		return true
	}
	return slices.ContainsFunc(h.paths, func(p string) bool {
		parts := strings.Split(strings.TrimPrefix(p, "."), "/")
		if len(parts) < len(want) {
			return false
		}
		for i, w := range want {
			if ok, err := path.Match(w, parts[len(parts)-len(want)+i]); !ok || err != nil {
				return false
			}
		}
		return true
	})
}
