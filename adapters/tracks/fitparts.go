package tracks

import (
	"cmp"
	"slices"
	"sort"

	"github.com/muktihari/fit/profile/typedef"

	"github.com/runvs/runvs/ports"
)

// begin forgets what an earlier file of a chain said.
func (a *fitActivity) begin() {
	a.kind, a.first, a.bad, a.name, a.sport = typedef.FileInvalid, a.n, 0, "", ""
	a.sessions, a.timer = a.sessions[:0], a.timer[:0]
}

// end makes recordings of a file's sessions.
func (a *fitActivity) end(whole bool) error {
	switch a.kind {
	case typedef.FileActivity, typedef.FileCourse, typedef.FileInvalid: // a file may be cut off, or have lost, what it is
	default:
		a.drop(a.first)
		a.why = badTrack("the FIT file is no activity but of the kind %q", a.kind.String())
		return nil
	}
	recordings, err := a.split()
	if err != nil {
		return err
	}
	for i, r := range recordings {
		r.activity.Damaged = !whole
		if len(r.spans) == 0 && r.bad == 0 {
			continue
		}
		a.date(r)
		if last := len(a.recordings) - 1; i == 0 && last >= 0 && a.first > 0 && a.recordings[last].goesOn(r) {
			a.recordings[last].goOn(r)
			continue
		}
		if err := a.own(r); err != nil {
			return err
		}
	}
	return nil
}

// nothing answers for files that held no activity.
func (a *fitActivity) nothing(err error) error {
	if len(a.recordings) == 0 && a.why != nil {
		return a.why
	}
	return err
}

// damaged says of all that was read that something was not.
func (c *content) damaged() {
	for _, r := range c.recordings {
		r.activity.Damaged = true
	}
}

// split shares the file's samples among its sessions, by their times, and cuts
// them where the timer stood.
func (a *fitActivity) split() ([]*recording, error) {
	slices.SortStableFunc(a.sessions, func(x, y fitSession) int { return cmp.Compare(x.start, y.start) })
	recordings := make([]*recording, max(1, len(a.sessions)))
	for i := range recordings {
		recordings[i] = &recording{activity: ports.Activity{Name: a.name, Sport: a.sport, Planned: a.kind == typedef.FileCourse}}
		if len(a.sessions) > 0 {
			s := a.sessions[i]
			recordings[i].activity.Sport = cmp.Or(s.sport, a.sport, otherSport(a.sessions))
			recordings[i].activity.Device = s.totals
		}
	}
	stops := pauses(a.timer)
	at, paused := 0, 0
	for i := a.first; i < a.n; i++ {
		if f := a.at(i); f.HasTime {
			session := max(0, sort.Search(len(a.sessions), func(j int) bool { return a.sessions[j].start > f.Timestamp })-1)
			before := sort.Search(len(stops), func(j int) bool { return stops[j].from >= f.Timestamp })
			if before > 0 && f.Timestamp < stops[before-1].to { // recorded while the timer stood
				continue
			}
			if session != at || before != paused {
				recordings[session].cut = true
			}
			at, paused = session, before
		}
		if err := a.extend(recordings[at], i); err != nil {
			return nil, err
		}
	}
	longest := slices.MaxFunc(recordings, func(x, y *recording) int { return cmp.Compare(len(x.spans), len(y.spans)) })
	longest.bad = a.bad
	for i, r := range recordings {
		if len(r.spans) == 0 && r.bad == 0 && i < len(a.sessions) && a.sessions[i].started && a.kind != typedef.FileCourse {
			if err := a.summary(r, a.sessions[i].start, 0, a.sessions[i].totals); err != nil {
				return nil, err
			}
		}
	}
	return recordings, nil
}

// otherSport is the sport of a session that does not say it, where another one
// does.
func otherSport(sessions []fitSession) ports.Sport {
	if slices.ContainsFunc(sessions, func(s fitSession) bool { return s.sport != "" }) {
		return "other"
	}
	return ""
}

// pause is a stretch in which the timer stood.
type pause struct{ from, to int64 }

// pauses returns the stretches in which the timer stood, in the order of time. Some
// writers put all events before or behind the records.
func pauses(timer []timerEvent) []pause {
	slices.SortStableFunc(timer, func(x, y timerEvent) int { return cmp.Compare(x.at, y.at) })
	var all []pause
	standing := false
	for _, e := range timer {
		switch {
		case e.stops && !standing:
			all = append(all, pause{from: e.at, to: e.at})
		case !e.stops && standing:
			all[len(all)-1].to = e.at
		}
		standing = e.stops
	}
	return all
}

// goOn adds the first recording of the next file of a chain: the device went on
// after it had closed the one before. Only a pause is a break.
func (r *recording) goOn(next *recording) {
	gap := float64(apart(r.to, next.from)) / 1000
	if last, first := len(r.spans)-1, next.spans[0]; r.spans[last].to == first.from {
		r.spans[last].to = first.to
		next.spans = next.spans[1:]
		if d := &next.activity.Device; d.TimerSeconds > 0 {
			d.TimerSeconds += gap
		}
	}
	if d := &next.activity.Device; d.ElapsedSeconds > 0 {
		d.ElapsedSeconds += gap
	}
	r.join(next)
}
