//go:build !cgo

package geos

import (
	"context"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// vertexBytes is what a vertex costs at most: a ring, and its text.
const vertexBytes = 16 << 10

// draw draws a corridor without GEOS.
func draw(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) ([][][]geo.Point, error) {
	return ribbons(ctx, line, sections, straightMeters, curveMeters)
}
