package bulk

import "github.com/runvs/runvs/adapters/tracks"

const (
	// maxFileBytes is the largest file that is read: as much as the reader inflates
	// of one. Files are read one at a time.
	maxFileBytes = tracks.MaxInflatedBytes
	// maxIndexBytes is the largest table of titles: ten thousand activities with all
	// that Garmin tells of each.
	maxIndexBytes = 64 << 20
	// maxDirectoryBytes is the largest directory of a zip. Its reader keeps all of it:
	// a hundred thousand names of pictures and runs.
	maxDirectoryBytes = 16 << 20
	// maxUnpackedZip is the largest zip within a zip. It lies on the disk while it is
	// read; Garmin cuts its own at less than half.
	maxUnpackedZip = 4 << 30
	// maxZipDepth is how deep zips lie in zips. Garmin's lie one deep, in a zip that
	// somebody may have packed again.
	maxZipDepth = 3
)
