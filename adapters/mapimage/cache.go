package mapimage

import (
	"container/list"
	"sync"
	"time"
)

// entryBytes is what an entry costs beside its file, roughly: that there is no
// tile is kept as well.
const entryBytes = 256

// cache keeps the files of tiles that were used last.
type cache struct {
	room int // bytes
	ttl  time.Duration

	mu      sync.Mutex
	used    int
	entries map[tileID]*list.Element
	recent  list.List // of *entry, the last used in front
}

type entry struct {
	tile  tileID
	file  []byte
	since time.Time
}

func (e *entry) size() int { return len(e.file) + entryBytes }

func newCache(room int, ttl time.Duration) *cache {
	return &cache{room: room, ttl: ttl, entries: map[tileID]*list.Element{}}
}

// get returns a file that was put within the last ttl.
func (c *cache) get(tile tileID, now time.Time) (file []byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.entries[tile]
	if !ok {
		return nil, false
	}
	e := at.Value.(*entry)
	if now.Sub(e.since) >= c.ttl {
		c.remove(at)
		return nil, false
	}
	c.recent.MoveToFront(at)
	return e.file, true
}

// put keeps a file, and forgets those that were not used for longest.
func (c *cache) put(tile tileID, file []byte, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.entries[tile]; ok {
		c.remove(at)
	}
	e := &entry{tile, file, now}
	c.entries[tile] = c.recent.PushFront(e)
	for c.used += e.size(); c.used > c.room; {
		c.remove(c.recent.Back())
	}
}

// drop forgets a file.
func (c *cache) drop(tile tileID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.entries[tile]; ok {
		c.remove(at)
	}
}

func (c *cache) remove(at *list.Element) {
	e := c.recent.Remove(at).(*entry)
	delete(c.entries, e.tile)
	c.used -= e.size()
}
