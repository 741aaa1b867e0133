package judge

import (
	"unsafe"

	"github.com/runvs/runvs/domain/geo"
)

// JudgeBytes returns what Judge allocates for so many fixes at most: of each fix
// its place and maxPlaces ways, once what one search and one verdict hold. Explain
// is answered with 72 bytes a fix besides.
func JudgeBytes(fixes int) int64 {
	const once = 768 << 10
	const perFix = int64(unsafe.Sizeof(aligned{})) + 1 + maxPlaces*8 + 32
	return once + perFix*int64(fixes)
}

// PrepareBytes returns what Prepare allocates at most for a line of so many
// vertices and metres. Most of it is used while curves are looked for, or is left
// by lists that grew; Bytes is what stays.
func PrepareBytes(vertices int, lengthMeters float64) int64 {
	const once = 4 << 10
	const perPlace = 400 // a vertex, or a place between two
	const perMeter = 13  // the line once more, with its sums, every CurveRules.SpacingMeters
	return once + perPlace*(int64(vertices)+int64(lengthMeters/pieceMeters)) + int64(perMeter*lengthMeters)
}

// Bytes returns how much memory the course holds.
func (c *Course) Bytes() int64 {
	sum := unsafe.Sizeof(*c) +
		uintptr(cap(c.at))*unsafe.Sizeof(geo.Vector{}) + uintptr(cap(c.along))*unsafe.Sizeof(0.0) +
		uintptr(cap(c.pieces))*unsafe.Sizeof(piece{}) + uintptr(cap(c.sections))*unsafe.Sizeof(Section{}) +
		uintptr(cap(c.tree.begin))*unsafe.Sizeof(int32(0))
	for _, level := range c.tree.levels {
		sum += uintptr(cap(level)) * unsafe.Sizeof(sphere{})
	}
	return int64(sum) // some megabytes
}
