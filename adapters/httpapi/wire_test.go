package httpapi

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
)

// bare is the API without use cases.
func bare() *Server {
	return New(&app.App{}, Config{Config: web.Config{Log: slog.Default()}})
}

// TestNothingOfTheDomainIsAnswered walks all types that the document describes, and
// those of the export. One of the domain among them would change an answer when the
// domain is changed.
func TestNothingOfTheDomainIsAnswered(t *testing.T) {
	schemas := bare().Schemas()
	walked := 0
	for name := range schemas.Map() {
		if found := domainTypes(schemas.TypeFromRef("#/components/schemas/"+name), &walked); len(found) > 0 {
			t.Errorf("%s is made of %v", name, found)
		}
	}
	for _, answer := range []any{
		exportedAccount{}, exportedSocialAccount{}, exportedSignIn{}, exportedRanking{}, exportedSession{}, exportedChunk{}, exportedRun{}, exportedCourse{}, Receipt{},
	} {
		if found := domainTypes(reflect.TypeOf(answer), &walked); len(found) > 0 {
			t.Errorf("%T is made of %v", answer, found)
		}
	}
	if walked < 300 {
		t.Errorf("only %d fields were walked: the search is blind", walked)
	}
	var planted struct{ In []map[string]*judge.Worst }
	if found := domainTypes(reflect.TypeOf(planted), &walked); len(found) != 1 {
		t.Errorf("a planted type: %v", found)
	}
}

// domainTypes returns the types of the domain that a type is made of, but for those
// that write their JSON themselves.
func domainTypes(t reflect.Type, walked *int) (found []string) {
	*walked++
	switch {
	case t == nil || t.Implements(reflect.TypeFor[json.Marshaler]()):
		return nil
	case strings.HasPrefix(t.PkgPath(), "github.com/runvs/runvs/domain/"):
		return []string{t.String()}
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				found = append(found, domainTypes(f.Type, walked)...)
			}
		}
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Pointer:
		return domainTypes(t.Elem(), walked)
	}
	return found
}

func TestLinks(t *testing.T) {
	l := linksUnder("https://runs.example")
	picture := id.MustParse[id.AvatarKind]("0198C0DE-0000-7000-8000-000000000001")
	c := id.MustParse[id.CourseKind]("0198c0de-0000-7000-8000-000000000002")
	for got, want := range map[*string]string{
		l.avatar(picture):    "https://runs.example/api/v1/avatars/0198c0de-0000-7000-8000-000000000001.jpg",
		l.thumbnail(c, true): "https://runs.example/api/v1/courses/0198c0de-0000-7000-8000-000000000002/thumbnail.png",
	} {
		if got == nil || *got != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	if l.avatar(id.Avatar{}) != nil || l.thumbnail(c, false) != nil {
		t.Error("a link leads to no picture")
	}
}
