package judge

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAVersionNamesItsValues holds that a verdict's rule_version says by which
// numbers it was made: the values of a version stand in testdata/rules, and stay.
func TestAVersionNamesItsValues(t *testing.T) {
	rules := CurrentRules()
	values := strings.ReplaceAll(fmt.Sprintf("%+v\n", rules), " ", "\n")
	file := "testdata/rules/" + rules.Version + ".txt"
	kept, err := os.ReadFile(file)
	if err != nil || string(kept) != values {
		t.Errorf("these are not the values of %s: give the rules a new version, and write its values to testdata/rules.\n%s", rules.Version, values)
	}
}

// TestThePageOfTheRulesNamesEachNumber compares doc.go with the fields of Rules.
// The prices of a reading are one thing there.
func TestThePageOfTheRulesNamesEachNumber(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Rules]()) {
		if f.Type.Kind() != reflect.Struct || f.Type == reflect.TypeFor[Thresholds]() || f.Type == reflect.TypeFor[ReadingRules]() {
			fields = append(fields, f.Name)
			continue
		}
		for _, of := range reflect.VisibleFields(f.Type) {
			fields = append(fields, f.Name+"."+of.Name)
		}
	}
	words := regexp.MustCompile(`\w+(\.[A-Z]\w+)?`).FindAllString(string(page), -1)
	for _, name := range fields {
		if name != "Version" && !slices.Contains(words, name) {
			t.Errorf("doc.go does not say what %s is for", name)
		}
	}
	for _, name := range words {
		of, _, ok := strings.Cut(name, ".")
		if _, is := reflect.TypeFor[Rules]().FieldByName(of); ok && is && of != "Reading" && name != "Rules.Version" && !slices.Contains(fields, name) {
			t.Errorf("doc.go names %s, which is no field of Rules", name)
		}
	}
}
