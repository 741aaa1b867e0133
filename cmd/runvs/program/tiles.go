package program

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/runvs/runvs/adapters/mapimage"
	"github.com/runvs/runvs/cmd/runvs/config"
)

// openTiles makes the map under thumbnails; nil when none is set up. Its server
// is told who asks, and where to complain.
func openTiles(s config.Settings, version string, log *slog.Logger) (*mapimage.Tiles, error) {
	if s.TileURL == "" {
		return nil, nil
	}
	tiles, err := mapimage.NewTiles(mapimage.TilesConfig{
		URL: s.TileURL, Attribution: s.TileAttribution, UserAgent: fmt.Sprintf("runvs/%s (+%s)", version, s.PublicURL),
		Clock: systemClock{}, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("RUNVS_TILE_URL, RUNVS_TILE_ATTRIBUTION: %w", err)
	}
	return tiles, nil
}

// examineTiles asks for one tile, if a server is set up.
func examineTiles(ctx context.Context, s config.Settings) []Check {
	tiles, err := openTiles(s, "doctor", slog.New(slog.DiscardHandler))
	if tiles == nil && err == nil {
		return nil
	}
	c := Check{Name: "tiles", Good: "the map's server answers", Mend: "see RUNVS_TILE_URL; until then thumbnails have a plain ground"}
	if err == nil {
		var has bool
		if has, err = tiles.Ping(ctx); !has {
			c.Good = "the map's server answers, but has no tile 0/0/0: good for the map of a country, else see RUNVS_TILE_URL"
		}
	}
	c.Err = err
	return []Check{c}
}
