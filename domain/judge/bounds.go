package judge

// What a judgement may cost. A course is bounded in length and vertices, but both
// may lie within a few metres: 20,000 vertices zigzag through a box of 20 m, and
// every piece is near every fix there. So the work for one fix is bounded, too.
// The bounds are several times what any course of a real run needs, laps of a
// track aside; within them nothing is left out.
const (
	// maxPlaces is how many places of a fix are kept: those to which the cheapest
	// ways lead. Of the nearest ones the right lap of a hundred would not be among
	// them, for the laps are equally near. 17 is what a city course came to.
	maxPlaces = 32
	// maxSpheres is how many spheres of the tree are looked at to find the leaves
	// near a fix, or the nearest of all: 12,500 leaves lie on 500 km. The most that
	// a real course needed was 465.
	maxSpheres = 1024
	// maxPieces is how many pieces near a fix are looked at. The most that a real
	// course of no laps needed was 1,300.
	maxPieces = 4096
	// maxFollowed is how many more are looked at for the sake of the ways that lead
	// to them: 200 m either way at a vertex a metre.
	maxFollowed = 512
	// maxFound is how many places are priced for the sake of being near, and as many
	// again for the sake of the ways that lead to them.
	maxFound = 64
	// maxTried is how many pieces may be tried for holding one of them: on a line
	// of jitter every piece comes nearest somewhere.
	maxTried = 256
	// maxListed is how many efforts, and how many missed stretches, a verdict lists:
	// 72 h of laps of 200 m at the world's best pace are some 9,000, and nobody
	// looks at so many. All are counted.
	maxListed = 1000
	// askEvery is how many fixes are aligned between two looks at the context: some
	// 20 ms at the very worst.
	askEvery = 1024
)
