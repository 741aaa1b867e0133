package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/maptile"
)

// tileAge is how long a map may show a tile without asking again.
const tileAge = "public, max-age=60"

// TilePath names a map tile; what is no number is no tile.
type TilePath struct {
	Z string `path:"z" doc:"Zoom, 0 to 22"`
	X string `path:"x" doc:"Column from the west, 0 to 2^z - 1"`
	Y string `path:"y" doc:"Row from the north, 0 to 2^z - 1"`
}

func (p TilePath) tile() (maptile.Tile, error) {
	var numbers [3]int
	for i, s := range []string{p.Z, p.X, p.Y} {
		n, err := strconv.Atoi(s)
		if err != nil || strconv.Itoa(n) != s { // one name for a tile
			return maptile.Tile{}, maptile.ErrNotFound
		}
		numbers[i] = n
	}
	return maptile.New(numbers[0], numbers[1], numbers[2])
}

func (s *Server) tileRoutes() {
	register(s, web.Operation{
		ID: "get-course-tile", Method: http.MethodGet, Path: "/tiles/courses/{z}/{x}/{y}.mvt", Summary: "Public courses as a map tile",
		Description: "A Mapbox Vector Tile (Web Mercator, extent 4096). Layer `courses`: points where courses start, up to 200, the most-run first, with " +
			"`id`, `title`, `distance_meters` and `total_runs`. Layer `clusters`, in its place when more start in a tile of zoom 13 or less: points with " +
			"`courses`, their number. Layer `routes`, from zoom 12 on: the lines of the 100 most-run courses that cross the tile. Where there is no course the body is empty, which is a tile without layers.",
		Answers: map[int]web.Media{http.StatusOK: {mediaMVT: web.Binary()}}, AnyPage: true, // what a tile holds is public
		Tag: "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Cache{Control: tileAge, Tagged: true}, Counts: web.ByTile, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *TilePath) (*file, error) {
		t, err := in.tile()
		if err != nil {
			return nil, err
		}
		data, err := s.app.Courses.MapTile(ctx, t)
		return &file{ContentType: mediaMVT, Body: data}, err
	})
}

// mediaMVT is registered at IANA.
const mediaMVT = "application/vnd.mapbox-vector-tile"
