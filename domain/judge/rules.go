package judge

// CurrentRules returns today's rules: the founding numbers of the curvature-aware
// deviation rule, counted at the place of the course where the runner was, with
// both ends to be passed and most of the course to be covered in order. Whoever
// changes a constant of this package changes the version.
func CurrentRules() Rules {
	return Rules{
		Version:             "aligned-2",
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
