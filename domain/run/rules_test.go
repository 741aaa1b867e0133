package run

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestAVersionNamesItsValues holds that the filter version in a record says by
// which numbers it was made: the values of a version stand in testdata/rules, and
// stay. The bounds that change a record, and what words mean, are among them.
func TestAVersionNamesItsValues(t *testing.T) {
	filter := DefaultFilter()
	values := strings.ReplaceAll(fmt.Sprintf("%+v\n", struct {
		Filter                                                       FilterConfig
		Measure                                                      MeasureRules
		SplitMeters, MinPaceDistanceMeters                           float64
		EffortMeters                                                 [5]float64
		MaxLegMeters, MaxFixesPerSecond, MaxRunSeconds, MaxRunMeters int
		MaxPauses                                                    int
		DiscrepancyShare                                             float64
		HeartRateZones                                               [5]float64
	}{
		filter, CurrentMeasure(), splitMeters, MinPaceDistanceMeters, EffortMeters,
		MaxLegMeters, MaxFixesPerSecond, MaxRunSeconds, MaxRunMeters, MaxPauses, DiscrepancyShare, HeartRateZones,
	}), " ", "\n")
	file := "testdata/rules/" + filter.Version + ".txt"
	kept, err := os.ReadFile(file)
	if err != nil || string(kept) != values {
		t.Errorf("these are not the values of %s: give the rules a new FilterVersion, and write its values to testdata/rules.\n%s", filter.Version, values)
	}
}
