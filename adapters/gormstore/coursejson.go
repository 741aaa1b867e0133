package gormstore

import (
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
)

// What courses and course_shapes keep as JSON, by the same rules as run_records.

// sampleJSON is a sample of the profile of a course, and of a run.
type sampleJSON struct {
	DistanceMeters float64 `json:"distance_meters"`
	AltitudeMeters float64 `json:"altitude_meters"`
}

func sampleJSONOf(s run.ProfileSample) sampleJSON { return sampleJSON(s) }
func (s sampleJSON) sample() run.ProfileSample    { return run.ProfileSample(s) }

type sectionJSON struct {
	FromMeters float64 `json:"from_meters"`
	ToMeters   float64 `json:"to_meters"`
}

func sectionJSONOf(s judge.Section) sectionJSON { return sectionJSON(s) }
func (s sectionJSON) section() judge.Section    { return judge.Section(s) }
