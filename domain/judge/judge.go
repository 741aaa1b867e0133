// Package judge answers one question: did the runner run the course?
//
// Prepare builds a Course once, with its distances and curve sections; it may
// then judge many runs from many goroutines. The judge is pure: no clock, no
// I/O, no randomness; the same bytes in give the same bytes out.
package judge

import "github.com/runvs/runvs/domain/geo"

// Fix is one fix of the run to be judged, in the order recorded.
type Fix struct {
	Point          geo.Point
	Timestamp      int64   // Unix milliseconds
	AccuracyMeters float64 // NaN when unknown
}

// Section is a stretch of the course on which the wider thresholds hold.
type Section struct {
	FromMeters float64
	ToMeters   float64
}

// Thresholds are the distances from the course beyond which a fix is warned or
// deviated. Exactly at a threshold is inside.
type Thresholds struct {
	WarnMeters    float64
	DeviateMeters float64
}

// Rules is every constant of the judge, with a version that is stored with
// each verdict.
type Rules struct {
	Version             string
	Straight, Curve     Thresholds
	MaxDeviatedShare    float64 // of the judged fixes, [0, 1]
	MinCoverage         float64 // of the course's length, [0, 1]
	CurveArcMeters      float64 // between the three points a curvature is measured on
	CurveRadiusMeters   float64 // a smaller radius is a curve
	MinCurveMeters      float64 // shorter curve sections are dropped
	MergeCurveGapMeters float64 // curve sections nearer than this are one
	SmoothingMeters     float64 // the line is averaged over this length before curvature is measured
	MinJudgedPoints     int
}
