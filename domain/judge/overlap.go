package judge

// overlapPlaces is at how many places of a course it is measured how often the
// course comes by.
const overlapPlaces = 400

// Overlap returns which share of the course, in [0, 1), lies within meters of
// another part of it: 0 for a way that is gone once, near 0.5 for a way out and
// back, 0.67 for three laps. It looks at overlapPlaces places, evenly along the
// course: a place that is passed n times counts for 1/n of itself.
func (c *Course) Overlap(meters float64) float64 {
	once := 0.0
	for k := range overlapPlaces {
		along := (float64(k) + 0.5) / overlapPlaces * c.LengthMeters()
		once += 1 / float64(max(1, c.passes(along, meters)))
	}
	return 1 - once/overlapPlaces
}

// passes counts how often the course comes within meters of one of its places.
// Between two passes it is farther away, or has gone on for longer than that.
func (c *Course) passes(along, meters float64) (passes int) {
	v := c.place(along)
	apart := 4 * meters
	last := -apart
	var descend func(level, index int)
	descend = func(level, index int) {
		if c.tree.levels[level][index].beyond(v, meters) {
			return
		}
		if level > 0 {
			for i := index * fanOut; i < min((index+1)*fanOut, len(c.tree.levels[level-1])); i++ {
				descend(level-1, i)
			}
			return
		}
		for i := c.tree.begin[index]; i < c.tree.begin[index+1]; i++ {
			p := &c.pieces[i]
			if d2, t := p.near(v); d2 <= meters*meters {
				if at := p.begins + t*p.length; at-last >= apart {
					passes++
				}
				last = p.begins + t*p.length
			}
		}
	}
	top := len(c.tree.levels) - 1
	for i := range c.tree.levels[top] {
		descend(top, i)
	}
	return passes
}
