package mapimage

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTheCacheForgetsWhatWasNotUsedForLongest(t *testing.T) {
	now := time.Unix(1, 0)
	c := newCache(3*(100+entryBytes), time.Hour)
	file := make([]byte, 100)
	has := func(x int) bool { _, ok := c.get(tileID{x: x}, now); return ok }
	for x := range 3 {
		c.put(tileID{x: x}, file, now)
	}
	has(0)
	c.put(tileID{x: 3}, file, now)
	c.put(tileID{x: 3}, file, now) // again, in place of itself
	if !has(0) || has(1) || !has(2) || !has(3) {
		t.Errorf("kept: %v %v %v %v", has(0), has(1), has(2), has(3))
	}
	now = now.Add(time.Hour)
	if has(0) || has(2) || has(3) || c.used != 0 {
		t.Errorf("old ones are there, in %d bytes", c.used)
	}
	c.put(tileID{}, make([]byte, 5000), now) // larger than all room
	if has(0) || c.used != 0 || c.recent.Len() != 0 {
		t.Errorf("%d bytes are kept", c.used)
	}
	for x := range 1000 { // that there is no tile costs room as well
		c.put(tileID{x: x}, nil, now)
	}
	if c.recent.Len() > 4 || len(c.entries) != c.recent.Len() {
		t.Errorf("%d entries", c.recent.Len())
	}
}

func TestManyPicturesShareTiles(t *testing.T) {
	var now, most atomic.Int32
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		gray(w, r, tile)
	})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() { render(t, wd.tiles, loop(t)) })
	}
	wg.Wait()
	seen := map[tileID]bool{}
	for _, tile := range wd.requests() {
		if seen[tile] {
			t.Errorf("%v was asked for twice", tile)
		}
		seen[tile] = true
	}
	if most.Load() > atOnce {
		t.Errorf("%d tiles were asked for at once", most.Load())
	}
	wd.clock.advance(cacheTime)
	render(t, wd.tiles, loop(t))
	if len(wd.requests()) != 2*len(seen) {
		t.Errorf("%d requests, want each of %d tiles again after a day", len(wd.requests()), len(seen))
	}
}
