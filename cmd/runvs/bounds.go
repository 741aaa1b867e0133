package main

import (
	"slices"

	"github.com/runvs/runvs/adapters/avatar"
	"github.com/runvs/runvs/adapters/httpapi"
	"github.com/runvs/runvs/adapters/tracks"
	"github.com/runvs/runvs/domain/bound"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/run"
)

// bounds are all that nobody can set: what is physical, then what is technical.
func bounds() []bound.Bound {
	return slices.Concat(course.Bounds(), run.Bounds(), httpapi.Bounds(), tracks.Bounds(), avatar.Bounds())
}
