package tracks

import "github.com/runvs/runvs/ports"

// blockFixes is how many fixes are kept together. A slice that grew would hold
// more than twice what it has.
const blockFixes = 1024

// samples are the points of a file, of all its activities, in the order of the
// file. Some have no place.
type samples struct {
	blocks [][]ports.TrackFix
	n      int
}

// add appends a point and returns its index.
func (s *samples) add(f ports.TrackFix) (index int, err error) {
	if s.n >= MaxFixes {
		return 0, errTooMany.With("value", s.n+1)
	}
	if s.n%blockFixes == 0 {
		s.blocks = append(s.blocks, make([]ports.TrackFix, 0, blockFixes))
	}
	last := &s.blocks[len(s.blocks)-1]
	*last = append(*last, f)
	s.n++
	return s.n - 1, nil
}

// at returns a point by its index.
func (s *samples) at(i int) *ports.TrackFix { return &s.blocks[i/blockFixes][i%blockFixes] }

// drop removes the points from an index on.
func (s *samples) drop(from int) {
	s.blocks = s.blocks[:(from+blockFixes-1)/blockFixes]
	if rest := from % blockFixes; rest > 0 {
		last := &s.blocks[len(s.blocks)-1]
		*last = (*last)[:rest]
	}
	s.n = from
}
