package run

import (
	"cmp"
	"context"
	"crypto/sha256"
	"math"
	"slices"

	"github.com/runvs/runvs/domain/id"
)

// CutChunks cuts the fixes of a whole recording into chunks of at most n, the
// last one final. They make no claims. A pause is in the chunk of the fix it begins
// at; of more than a chunk may have, the rest is in the next.
func CutChunks(fixes []Fix, pauses []Pause, n int) ([]Chunk, error) {
	slices.SortFunc(pauses, func(a, b Pause) int { return a.StartedAt.Compare(b.StartedAt) })
	var chunks []Chunk
	for from, to := 0, 0; from < len(fixes); from = to {
		to = min(from+n, len(fixes))
		if len(pauses) > MaxChunkPauses { // no fix behind a pause that has no room
			behind, _ := slices.BinarySearchFunc(fixes[from:to], pauses[MaxChunkPauses].StartedAt.UnixMilli(), func(f Fix, t int64) int { return cmp.Compare(f.Timestamp, t) })
			to = from + max(1, min(behind, to-from))
		}
		in := ChunkInput{Sequence: len(chunks), Type: Intermediate, Fixes: fixes[from:to]}
		if to == len(fixes) {
			in.Type = Final
		}
		for len(pauses) > 0 && len(in.Pauses) < MaxChunkPauses && (in.Type == Final || pauses[0].StartedAt.UnixMilli() <= fixes[to-1].Timestamp) {
			if k := len(in.Pauses); k == 0 || !pauses[0].StartedAt.Before(in.Pauses[k-1].EndedAt) {
				in.Pauses = append(in.Pauses, pauses[0])
			}
			pauses = pauses[1:]
		}
		c, err := NewChunk(in)
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, c)
	}
	return chunks, nil
}

// unsetShift is what brings a time before the year 2000 to one that a fix can have:
// two 28 years, after which the days of the week are the same again.
const unsetShift = 2 * 28 * 365.25 * 86400 * 1000

// SetClock gives fixes of before the year 2000 a time that a fix can have, in the
// slices given. A device that did not know the time is behind by years. If no fix
// has a possible time, the last one was recorded at now, and unset is true; else
// the times are moved as far, and what they mean is told from the path.
func SetClock(parts [][]Fix, now int64) (unset bool) {
	unset = true
	last := int64(math.MinInt64)
	for _, p := range parts {
		for _, f := range p {
			unset = unset && f.Timestamp < EarliestTimestamp
			last = max(last, f.Timestamp)
		}
	}
	shift := int64(unsetShift)
	if unset {
		shift = now - last
	}
	for _, p := range parts {
		for i := range p {
			if p[i].Timestamp < EarliestTimestamp {
				p[i].Timestamp += shift
			}
		}
	}
	return unset && last > math.MinInt64
}

// DateBy moves all fixes back, in the slices given, if the run would end later than
// now: the device's clock is ahead, or the file's times are of another zone. It is
// dated by when its file came then. The error is the context's.
func DateBy(ctx context.Context, parts [][]Fix, now int64) (moved bool, err error) {
	w := newWork(ctx)
	ordered, _ := onOneClock(w, slices.Concat(parts...))
	if w.err != nil || len(ordered) == 0 {
		return false, w.err
	}
	ahead := ordered[len(ordered)-1].Timestamp - now
	if ahead <= MaxFutureSkew.Milliseconds() {
		return false, nil
	}
	for _, p := range parts {
		for i := range p {
			p[i].Timestamp -= ahead
		}
	}
	return true, nil
}

// ImportSessionID derives the client_session_id of an imported recording from
// its content, so that importing a file again finds the session it made, or
// goes on with one that was cut off. It is a UUID of version 8 (RFC 9562 §5.8).
func ImportSessionID(fixes []Fix, course id.Course) string {
	b := appendFixBytes(nil, fixes)
	key := course.Bytes()
	sum := sha256.Sum256(append(b, key[:]...))
	var u [16]byte
	copy(u[:], sum[:])
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return id.FromBytes[id.SessionKind](u).String()
}
