package run

// Same reports whether two looks at a session saw the same: its state and every
// chunk of it. What was worked out of the one then holds for the other.
func (s Session) Same(other Session) bool {
	return s.s.ID == other.s.ID && s.s.Status == other.s.Status && s.s.Ledger.same(other.s.Ledger)
}

func (l Ledger) same(other Ledger) bool {
	if len(l.entries) != len(other.entries) {
		return false
	}
	for i, e := range l.entries {
		if o := other.entries[i]; e.Sequence != o.Sequence || e.Digest != o.Digest || e.Final != o.Final {
			return false
		}
	}
	return true
}
