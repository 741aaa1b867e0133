package course

import (
	"encoding/binary"

	"github.com/runvs/runvs/domain/id"
)

// Prominence orders courses on a map: those that were run more go before, and of
// equals a fraction decides that is made of the last 32 bits of the id, so that
// the order is the same everywhere and a database can index it as one number.
// Those that even so are equal are in the order of their ids.
func Prominence(totalRuns int, cid id.Course) float64 {
	raw := cid.Bytes()
	return float64(totalRuns) + float64(binary.BigEndian.Uint32(raw[12:]))/(1<<32)
}
