package program_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

// document is the API's description of itself, to hold answers against.
type document struct {
	templates []template // those without parameters first
	schemas   *jsonschema.Compiler
	mu        sync.Mutex // compilers are for one caller
}

type template struct {
	path    string
	matches *regexp.Regexp
	answers map[string]struct { // by method, in small letters
		Responses map[string]struct{ Content map[string]json.RawMessage }
	}
}

var described = sync.OnceValues(func() (*document, error) {
	raw, err := program.OpenAPI(config.Settings{PublicURL: "http://runvs.test"}, "test", false)
	if err != nil {
		return nil, err
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	d := &document{schemas: jsonschema.NewCompiler()}
	d.schemas.AssertFormat()
	if err := d.schemas.AddResource("openapi.json", whole); err != nil {
		return nil, err
	}
	var parsed struct{ Paths map[string]json.RawMessage }
	if err := json.Unmarshal(raw, &parsed); err != nil {
		return nil, err
	}
	for path, operations := range parsed.Paths {
		t := template{path: path, matches: regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")}
		if err := json.Unmarshal(operations, &t.answers); err != nil {
			return nil, err
		}
		d.templates = append(d.templates, t)
	}
	slices.SortFunc(d.templates, func(a, b template) int { return strings.Count(a.path, "{") - strings.Count(b.path, "{") })
	return d, nil
})

// undescribed returns what an answer has that the document does not tell; nil for
// nothing. What no operation answers must be a problem as it is described.
func (d *document) undescribed(method, path string, a answer) error {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil && len(a.raw) > 0 {
		return err
	}
	for _, t := range d.templates {
		operation, has := t.answers[strings.ToLower(method)]
		if !has || !t.matches.MatchString(path) {
			continue
		}
		response, has := operation.Responses[fmt.Sprint(a.status)]
		if !has {
			return fmt.Errorf("status %d of %s", a.status, t.path)
		}
		if len(a.raw) == 0 {
			return nil
		}
		if _, has := response.Content[media]; !has {
			return fmt.Errorf("%s of status %d of %s", media, a.status, t.path)
		}
		return d.violated(a, media, "paths", t.path, strings.ToLower(method), "responses", fmt.Sprint(a.status), "content", media, "schema")
	}
	switch page := path == "/" || path == "/docs" || strings.HasPrefix(path, "/openapi."); {
	case page && a.status < 400, method == http.MethodOptions && a.status == http.StatusNoContent:
		return nil // of pages, and of what browsers ask before a call, the document does not tell
	case a.status < 400:
		return fmt.Errorf("this operation, which answers %d", a.status)
	}
	return d.violated(a, media, "components", "schemas", "Problem")
}

// violated returns which rules of a schema a JSON answer breaks.
func (d *document) violated(a answer, media string, schema ...string) error {
	if len(a.raw) == 0 || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return nil
	}
	pointer := "openapi.json#"
	for _, part := range schema {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(part)
	}
	d.mu.Lock()
	compiled, err := d.schemas.Compile(pointer)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.raw))
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

// described fails the test when an answer is not as the document says.
func (s *server) described(method, path string, a answer) {
	s.t.Helper()
	d, err := described()
	if err != nil {
		s.t.Fatal(err)
	}
	path, _, _ = strings.Cut(path, "?")
	if err := d.undescribed(method, path, a); err != nil {
		s.t.Errorf("%s %s: the document does not describe %v\n%.300s", method, path, err, a.raw)
	}
}

// The check above sees what it is there for.
func TestWhatTheDocumentDoesNotDescribeIsFound(t *testing.T) {
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	json := http.Header{"Content-Type": {"application/json"}}
	for name, c := range map[string]struct {
		method, path string
		answer       answer
		found        bool
	}{
		"what is described":  {"GET", "/healthz", answer{status: 200, header: json, raw: []byte(`{"status":"ok","version":"1"}`)}, false},
		"another status":     {"GET", "/healthz", answer{status: 418, header: json, raw: []byte(`{}`)}, true},
		"another media type": {"GET", "/healthz", answer{status: 200, header: http.Header{"Content-Type": {"text/plain"}}, raw: []byte(`ok`)}, true},
		"a missing member":   {"GET", "/healthz", answer{status: 200, header: json, raw: []byte(`{"status":"ok"}`)}, true},
		"one more member":    {"GET", "/healthz", answer{status: 200, header: json, raw: []byte(`{"status":"ok","version":"1","more":1}`)}, true},
		"an unexpected null": {"GET", "/healthz", answer{status: 200, header: json, raw: []byte(`{"status":"ok","version":null}`)}, true},
		"no such operation":  {"GET", "/api/v1/nowhere", answer{status: 200, header: json, raw: []byte(`{}`)}, true},
		"no problem":         {"GET", "/api/v1/nowhere", answer{status: 404, header: json, raw: []byte(`{}`)}, true},
	} {
		if err := d.undescribed(c.method, c.path, c.answer); (err != nil) != c.found {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is refused before its operation is known is an answer of that operation, too.
func TestWhatIsRefusedEarlyIsDescribed(t *testing.T) {
	settings := settings(t)
	settings.DatabaseURL, settings.AnonRate = "memory:", 2
	s := boot(t, settings)
	large := s.do(call{method: "GET", path: "/users/me", header: map[string]string{"X-Large": strings.Repeat("x", 9<<10)}})
	same(t, "a large header", []any{large.status, large.json["limit"]}, []any{431, 8 << 10})
	for _, want := range []int{404, 404, 429} {
		same(t, "nothing is there, and it is counted", s.do(call{method: "GET", path: "/nowhere"}).status, want)
	}
	same(t, "one too many", s.do(call{method: "GET", path: "/courses"}).status, 429)
}
