package judge

// What a judgement may cost. A course is bounded in length and vertices, but both
// may lie within a few metres: 20,000 vertices zigzag through a box of 20 m, and
// every piece is near every fix there. So the work for one fix is bounded, too:
// some 20 µs at the worst. Within the bounds nothing is left out, and the figures
// below are the most that any of 2,500 pairs of recorded runs needed, and what 42
// recorded laps of a track did.
const (
	// maxPlaces is how many places of a fix are kept: those to which the cheapest
	// ways lead. Of the nearest ones the right lap of a hundred would not be among
	// them, for all laps are equally near. Near one fix were 53, and 64 on the track,
	// most of them dearer than a leap and so of no use.
	maxPlaces = 32
	// maxSpheres is how many spheres of the tree are looked at to find the leaves
	// near a fix, or the nearest of all: 273, and 310 on the track. 500 km have
	// 12,500 leaves.
	maxSpheres = 1024
	// maxPieces is how many pieces near a fix are looked at: 846. The track had 3,468;
	// its later laps are followed.
	maxPieces = 2048
	// maxNearest is how many pieces are looked at for the nearest place of a fix that
	// is out of reach: 879. Such a fix is off the course in any case.
	maxNearest = 1024
	// maxFollowed is how many more are looked at for the sake of the ways that lead
	// to them: 200 m either way at a vertex a metre.
	maxFollowed = 512
	// maxFound is about how many places are priced for the sake of being near: twice
	// what is kept, for the dear ones are dropped. About maxPlaces more are for the
	// sake of the ways that lead to them.
	maxFound = 2 * maxPlaces
	// maxTried is about how many pieces are tried for holding one of them: 122, and
	// 208 on the track. On a line of jitter every piece comes nearest somewhere.
	maxTried = 256
	// maxTrials is how many whole efforts are judged, the fastest first, until one has
	// nothing against it.
	maxTrials = 8
	// maxListed is how many efforts, and how many missed stretches, a verdict lists,
	// the first ones: nobody reads more. All efforts are counted.
	maxListed = 1000
	// askEvery is how many fixes are aligned between two looks at the context: 20 ms
	// at the worst.
	askEvery = 1024
)
