package run

import "sort"

// Digest is the SHA-256 of a chunk's canonical form.
type Digest [32]byte

// Range is a run of sequences, both ends included.
type Range [2]int

// Entry is what a session remembers of one stored chunk: never its fixes.
type Entry struct {
	Sequence int
	Digest   Digest
	Final    bool
	Fixes    int // raw ones; 0, as Bytes is, of a chunk older than their bounds
	Bytes    int // Chunk.Bytes
}

// Ledger lists a session's stored chunks by sequence.
type Ledger struct {
	entries []Entry // ascending, distinct sequences
}

// NewLedger makes a ledger of entries in any order; of two entries with one
// sequence the first counts.
func NewLedger(entries []Entry) Ledger {
	sorted := append([]Entry(nil), entries...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Sequence < sorted[j].Sequence })
	out := sorted[:0]
	for i, e := range sorted {
		if i == 0 || e.Sequence != out[len(out)-1].Sequence {
			out = append(out, e)
		}
	}
	return Ledger{entries: out}
}

// Len returns how many chunks are stored.
func (l Ledger) Len() int { return len(l.entries) }

// size returns how many fixes and bytes are stored.
func (l Ledger) size() (fixes, bytes int) {
	for _, e := range l.entries {
		fixes, bytes = fixes+e.Fixes, bytes+e.Bytes
	}
	return fixes, bytes
}

// find returns the entry of a sequence.
func (l Ledger) find(sequence int) (Entry, bool) {
	i := sort.Search(len(l.entries), func(i int) bool { return l.entries[i].Sequence >= sequence })
	if i < len(l.entries) && l.entries[i].Sequence == sequence {
		return l.entries[i], true
	}
	return Entry{}, false
}

// with returns the ledger with one more entry.
func (l Ledger) with(e Entry) Ledger {
	i := sort.Search(len(l.entries), func(i int) bool { return l.entries[i].Sequence >= e.Sequence })
	out := make([]Entry, 0, len(l.entries)+1)
	out = append(out, l.entries[:i]...)
	out = append(out, e)
	out = append(out, l.entries[i:]...)
	return Ledger{entries: out}
}

// Highest returns the highest stored sequence, or -1 when there is none.
func (l Ledger) Highest() int {
	if len(l.entries) == 0 {
		return -1
	}
	return l.entries[len(l.entries)-1].Sequence
}

// Final returns the final chunk's sequence, and whether it has arrived.
func (l Ledger) Final() (int, bool) {
	for i := len(l.entries) - 1; i >= 0; i-- {
		if l.entries[i].Final {
			return l.entries[i].Sequence, true
		}
	}
	return 0, false
}

// HasFinal reports whether the final chunk has arrived.
func (l Ledger) HasFinal() bool {
	_, ok := l.Final()
	return ok
}

// Received returns the stored sequences as ranges, ascending; never nil.
func (l Ledger) Received() []Range {
	out := []Range{}
	for _, e := range l.entries {
		if n := len(out); n > 0 && out[n-1][1] == e.Sequence-1 {
			out[n-1][1] = e.Sequence
			continue
		}
		out = append(out, Range{e.Sequence, e.Sequence})
	}
	return out
}

// Missing returns the gaps below the highest stored sequence; never nil.
func (l Ledger) Missing() []Range { return l.missingBelow(l.Highest()) }

// missingBelow returns the gaps among the sequences 0 to last.
func (l Ledger) missingBelow(last int) []Range {
	out := []Range{}
	next := 0
	for _, e := range l.entries {
		if e.Sequence > last {
			break
		}
		if e.Sequence > next {
			out = append(out, Range{next, e.Sequence - 1})
		}
		next = e.Sequence + 1
	}
	if next <= last {
		out = append(out, Range{next, last})
	}
	return out
}

// NextExpected returns the lowest sequence that has not arrived.
func (l Ledger) NextExpected() int {
	for i, e := range l.entries {
		if e.Sequence != i {
			return i
		}
	}
	return len(l.entries)
}
