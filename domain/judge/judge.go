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
