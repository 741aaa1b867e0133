package judge

// FoundingRules returns the rules of the first version: the founding numbers of
// the curvature-aware deviation rule, with both ends of the course to be passed
// and most of it to be covered.
func FoundingRules() Rules {
	return Rules{
		Version:             "founding-1",
		Straight:            Thresholds{WarnMeters: 30, DeviateMeters: 50},
		Curve:               Thresholds{WarnMeters: 40, DeviateMeters: 60},
		MaxDeviatedShare:    0.20,
		MinCoverage:         0.80,
		CurveArcMeters:      20,
		CurveRadiusMeters:   50, // an athletics track's bend is 36.5 m, a street corner is tighter
		MinCurveMeters:      10,
		MergeCurveGapMeters: 20,
		SmoothingMeters:     30,
		MinJudgedPoints:     2,
	}
}
