package run

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
)

// digestOf hashes everything a chunk says. Each part is preceded by its length,
// so that no two different chunks hash the same bytes.
func digestOf(in ChunkInput) Digest {
	b := make([]byte, 0, 128+96*len(in.Fixes))
	b = strconv.AppendInt(b, int64(in.Sequence), 10)
	b = append(b, ' ')
	b = append(b, in.Type...)
	b = appendFixBytes(b, in.Fixes)
	b = appendFixBytes(b, in.Filtered)
	for _, d := range [...]strictjson.Document{in.Summary.Document, in.Cumulative.Document, in.CompletedSplits} {
		b = binary.AppendUvarint(b, uint64(len(d)))
		b = append(b, d...)
	}
	for _, p := range in.Pauses {
		b = binary.AppendVarint(b, p.StartedAt.UnixMilli())
		b = binary.AppendVarint(b, p.EndedAt.UnixMilli())
	}
	return sha256.Sum256(b)
}

// appendFixBytes writes fixes as fixed-width numbers: ten times cheaper to hash
// than their JSON, and as exact.
func appendFixBytes(b []byte, fixes []Fix) []byte {
	b = binary.AppendUvarint(b, uint64(len(fixes)))
	for _, f := range fixes {
		for _, v := range [...]float64{f.Point.Lat(), f.Point.Lng(), f.Altitude, f.Accuracy, f.Speed, f.Heading, f.HeartRate, f.Cadence} {
			if !Has(v) {
				v = Absent // one bit pattern for all NaNs
			}
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v+0)) // minus zero is zero
		}
		b = binary.LittleEndian.AppendUint64(b, uint64(f.Timestamp))
	}
	return b
}

// sessionDigest hashes what a creating request said, for repeats.
func sessionDigest(course id.Course, startedAt time.Time, device strictjson.Document, activity Activity) Digest {
	b := append([]byte(course.String()), ' ')
	b = strconv.AppendInt(b, startedAt.UnixMilli(), 10)
	if activity != Running { // older sessions said nothing of it
		b = append(append(b, ' '), activity...)
	}
	return sha256.Sum256(append(append(b, ' '), device...))
}

// TrackDigest identifies a recorded track by its places and the times between
// them, so that a copy is known however it was cut into chunks or shifted in
// time.
func TrackDigest(fixes []Fix) Digest {
	hash := sha256.New()
	b := make([]byte, 0, 24*64)
	for _, f := range fixes {
		if len(b) == cap(b) {
			hash.Write(b)
			b = b[:0]
		}
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f.Point.Lat()))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f.Point.Lng()))
		b = binary.LittleEndian.AppendUint64(b, uint64(f.Timestamp-fixes[0].Timestamp))
	}
	hash.Write(b)
	return Digest(hash.Sum(nil))
}

// indoorDigest identifies a run without places by when it was and how far it went.
func indoorDigest(m Measures) Digest {
	return sha256.Sum256(fmt.Appendf(nil, "indoor %d %d %d", m.StartedAt.UnixMilli(), m.DistanceMeters, m.TotalElapsedSeconds))
}
