package mapimage

import (
	"context"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
	"golang.org/x/sync/errgroup"
)

const (
	tileSide = 256 // pixels a tile is made for, whatever it has
	maxZoom  = 19
	// maxPatches is what a picture shows at most: 6 columns and 4 rows of tiles
	// that are drawn 152 pixels wide.
	maxPatches = 24
	// coarser is how many zooms up are tried when the server has no tile: many
	// end at 17 or 18.
	coarser = 2
)

// patch is a tile and its place. Columns run on across ±180°, where the tiles
// begin anew.
type patch struct {
	tile   tileID
	column int
	file   []byte
}

// zoom is that whose tiles are drawn 152 to 304 pixels wide: nearly as they are
// made, so that what is written on them can be read.
func (v view) zoom() int {
	z := math.Ceil(math.Log2(v.scale/tileSide) - 0.25)
	return int(math.Max(0, math.Min(z, maxZoom)))
}

// cover lists what a view shows at a zoom. There is nothing beyond 85° north
// and south.
func (v view) cover(zoom int) (patches []patch) {
	n := 1 << zoom
	index := func(world float64) int { return int(math.Floor((world + 0.5) * float64(n))) }
	right, bottom := v.x0+Width/v.scale, v.y0+Height/v.scale
	for row := max(0, index(v.y0)); row <= min(n-1, index(bottom)); row++ {
		for column := index(v.x0); column <= index(right); column++ {
			patches = append(patches, patch{tile: tileID{zoom, (column%n + n) % n, row}, column: column})
		}
	}
	return patches
}

// draw puts the patch where the route's coordinates want it, to a fraction of a
// pixel. Each pixel belongs to the one tile that its middle is in: no seams.
func (p patch) draw(dst draw.Image, v view) error {
	picture, err := decode(p.file)
	if err != nil {
		return err
	}
	world := 1 / float64(int(1)<<p.tile.z)
	x, y := v.pixel([2]float64{float64(p.column)*world - 0.5, float64(p.tile.y)*world - 0.5})
	s := world * v.scale / float64(picture.Bounds().Dx())
	draw.BiLinear.Transform(dst, f64.Aff3{s, 0, x, 0, s, y}, picture, picture.Bounds(), draw.Over, nil)
	return nil
}

// draw draws patches, one after another: a tile is large as pixels. It reports
// false when one is broken, which is not kept.
func (t *Tiles) draw(dst draw.Image, v view, patches []patch) bool {
	for _, p := range patches {
		if err := p.draw(dst, v); err != nil {
			t.cache.drop(p.tile)
			t.log.Warn("a thumbnail is drawn without its map", "error", err)
			return false
		}
	}
	return true
}

// under returns the map under a view, or none. All or nothing: a map with holes
// looks broken, so one tile that cannot be had costs all. Where the server says
// that it has no tile, the ground shows.
func (t *Tiles) under(ctx context.Context, v view) []patch {
	budget, cancel := context.WithTimeoutCause(ctx, t.pictureTime, errOverBudget)
	defer cancel()
	finest := v.zoom()
	for zoom := finest; zoom >= max(0, finest-coarser); zoom-- {
		patches, err := t.load(budget, v.cover(zoom))
		if err != nil && ctx.Err() == nil {
			t.log.Warn("a thumbnail is drawn without its map", "error", err)
		}
		if err != nil || len(patches) > 0 {
			return patches
		}
	}
	return nil
}

// load fills patches with their files, and leaves out what the server does not
// have.
func (t *Tiles) load(ctx context.Context, patches []patch) ([]patch, error) {
	if len(patches) > maxPatches {
		return nil, errTooMany
	}
	group, ctx := errgroup.WithContext(ctx)
	for i := range patches {
		group.Go(func() (err error) {
			patches[i].file, err = t.file(ctx, patches[i].tile)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	there := patches[:0]
	for _, p := range patches {
		if len(p.file) > 0 {
			there = append(there, p)
		}
	}
	return there, nil
}
