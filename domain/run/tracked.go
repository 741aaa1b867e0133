package run

// Parts cuts the usable fixes of the record, which are in order of time, at its
// breaks. What was recorded within a break was not run, and is left out; a standstill
// is no break. No part is empty.
func (r Record) Parts(fixes []Fix) [][]Fix {
	var parts [][]Fix
	for _, b := range r.Pauses {
		if b.Kind == Standstill {
			continue
		}
		from, to := b.StartedAt.UnixMilli(), b.EndedAt.UnixMilli()
		last := 0
		for last < len(fixes) && fixes[last].Timestamp <= from {
			last++
		}
		if last > 0 {
			parts = append(parts, fixes[:last:last])
		}
		for last < len(fixes) && fixes[last].Timestamp < to {
			last++
		}
		fixes = fixes[last:]
	}
	if len(fixes) > 0 {
		parts = append(parts, fixes)
	}
	return parts
}
