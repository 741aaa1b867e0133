package mapimage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/runvs/runvs/ports"
)

const (
	// pictureTime is how long a picture waits for its map.
	pictureTime = 5 * time.Second
	cacheBytes  = 32 << 20
	// cacheTime is how long a tile, or that there is none, is taken for current.
	cacheTime = 24 * time.Hour
)

var (
	errOverBudget = errors.New("the tiles did not all come in time")
	errTooMany    = fmt.Errorf("the picture needs more than %d tiles", maxPatches)
)

// TilesConfig says whose tiles are drawn.
type TilesConfig struct {
	URL         string // https://…/{z}/{x}/{y}.png; may hold a key, and is never logged
	Attribution string // "" when the map needs none
	UserAgent   string // public servers refuse who does not say who they are
	Clock       ports.Clock
	Log         *slog.Logger
}

// Tiles is a map in tiles of Web Mercator. It may be used by many goroutines,
// and all that one process draws should share one.
type Tiles struct {
	attribution string
	server      *tileServer
	cache       *cache
	flights     singleflight.Group
	clock       ports.Clock
	log         *slog.Logger
	pictureTime time.Duration
}

// NewTiles makes a map; no server is asked yet.
func NewTiles(cfg TilesConfig) (*Tiles, error) {
	if err := errors.Join(CheckURL(cfg.URL), CheckAttribution(cfg.Attribution)); err != nil {
		return nil, fmt.Errorf("map tiles: %w", err)
	}
	return &Tiles{
		attribution: cfg.Attribution, server: newTileServer(cfg), cache: newCache(cacheBytes, cacheTime),
		clock: cfg.Clock, log: cfg.Log, pictureTime: pictureTime,
	}, nil
}

// Ping asks the server for the tile of the whole world. An error says why no
// tile can be had; has is false when the server answers that there is none, as
// those of one country do.
func (t *Tiles) Ping(ctx context.Context) (has bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.pictureTime, errOverBudget)
	defer cancel()
	file, err := t.file(ctx, tileID{})
	if len(file) == 0 || err != nil {
		return false, err
	}
	_, err = decode(file)
	return err == nil, err
}

// file returns a tile's file, told by its head to be a picture, or an empty one
// where the server has none. Of many who want the same one, one asks; that
// nobody waits for it any more does not stop it.
func (t *Tiles) file(ctx context.Context, tile tileID) ([]byte, error) {
	flight := t.flights.DoChan(tile.String(), func() (any, error) {
		if data, ok := t.cache.get(tile, t.clock.Now()); ok {
			return data, nil
		}
		data, err := t.server.fetch(context.WithoutCancel(ctx), tile)
		if err == nil && len(data) > 0 {
			_, err = formatOf(data)
		}
		if err != nil {
			return nil, err
		}
		t.cache.put(tile, data, t.clock.Now())
		return data, nil
	})
	select {
	case landed := <-flight:
		data, _ := landed.Val.([]byte)
		return data, landed.Err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
