package judge

import (
	"fmt"
	"os"
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
