package judge

import (
	"math"
	"time"

	"github.com/runvs/runvs/domain/geo"
)

// coverageMeters is how finely coverage is counted.
const coverageMeters = 10

// finding is what is known of one fix.
type finding struct {
	deviation, progress float64
	curve               bool
	limits              Thresholds
}

func (c *Course) find(f Fix) finding {
	var out finding
	out.deviation, out.progress = c.nearest(f.Point.Vector())
	out.limits, out.curve = c.thresholds(out.progress)
	return out
}

func (f finding) deviated() bool { return f.deviation > f.limits.DeviateMeters }
func (f finding) warned() bool   { return f.deviation > f.limits.WarnMeters && !f.deviated() }

// Judge says whether the fixes, in order of time, are a run of the course.
// suspect says that the record may not count whatever its path, for its clock
// went back or it is a copy.
func (c *Course) Judge(fixes []Fix, suspect bool) Verdict {
	v := Verdict{
		Status: NotCompleted, Reasons: []Reason{}, RuleVersion: c.rules.Version,
		CurveSectionCount: len(c.sections), Missed: []Missed{}, Efforts: []Effort{}, Direction: "mixed",
	}
	if len(fixes) < c.rules.MinJudgedPoints {
		v.Reasons = append(v.Reasons, TooFewPoints)
		return v
	}
	found := make([]finding, len(fixes))
	for i, f := range fixes {
		found[i] = c.find(f)
	}
	start, startOK := c.firstVisit(fixes, 0)
	finish, finishOK := c.lastVisit(fixes, c.LengthMeters())
	from, to := 0, len(fixes)-1
	whole := startOK && finishOK && start < finish
	if whole {
		from, to = start, finish
	}
	c.count(&v, fixes[from:to+1], found[from:to+1])
	v.CoveragePercent = c.coverage(fixes[from : to+1])
	v.Direction = direction(found[from : to+1])
	if startOK {
		v.StartGateAt = timeOf(fixes[start])
	}
	if finishOK {
		v.FinishGateAt = timeOf(fixes[finish])
	}
	switch {
	case !startOK:
		v.Reasons = append(v.Reasons, StartNotPassed)
	case !finishOK || !whole:
		v.Reasons = append(v.Reasons, FinishNotPassed)
	default:
		seconds := float64(fixes[finish].Timestamp-fixes[start].Timestamp) / 1000
		duration := int(seconds)
		v.CourseDurationSeconds = &duration
		v.TimingUncertaintySeconds = gapAround(fixes, start)/2 + gapAround(fixes, finish)/2
		v.Efforts = append(v.Efforts, Effort{
			StartedAt: *v.StartGateAt, FinishedAt: *v.FinishGateAt,
			DurationSeconds: seconds, CoveragePercent: v.CoveragePercent,
		})
	}
	if float64(v.DeviationPoints) > c.rules.MaxDeviatedShare*float64(v.JudgedPoints) {
		v.Reasons = append(v.Reasons, OffCourse)
	}
	if v.CoveragePercent < c.rules.MinCoverage*100 {
		v.Reasons = append(v.Reasons, CoverageTooLow)
	}
	if v.Direction == "backwards" {
		v.Reasons = append(v.Reasons, WrongDirection)
	}
	if suspect {
		v.Reasons = append(v.Reasons, ImplausibleMovement)
	}
	if len(v.Reasons) == 0 {
		v.Status, v.Laps = Completed, 1
	}
	return v
}

// Explain returns what the judge found for each fix.
func (c *Course) Explain(fixes []Fix) []FixVerdict {
	out := make([]FixVerdict, len(fixes))
	for i, f := range fixes {
		found := c.find(f)
		out[i] = FixVerdict{
			Lat: f.Point.Lat(), Lng: f.Point.Lng(), Timestamp: f.Timestamp,
			DeviationMeters: centi(found.deviation), ProgressMeters: centi(found.progress),
			Section: "straight", Status: "ok",
		}
		if found.curve {
			out[i].Section = "curve"
		}
		if found.deviated() {
			out[i].Status = "deviated"
		} else if found.warned() {
			out[i].Status = "warned"
		}
	}
	return out
}

// count fills in what follows from the judged fixes one by one.
func (c *Course) count(v *Verdict, fixes []Fix, found []finding) {
	v.JudgedPoints = len(found)
	worst := 0
	for i, f := range found {
		switch {
		case f.deviated():
			v.DeviationPoints++
		case f.warned():
			v.WarningPoints++
		}
		if f.deviation > found[worst].deviation {
			worst = i
		}
	}
	v.RouteMatchPercent = centi(100 * float64(v.JudgedPoints-v.DeviationPoints) / float64(v.JudgedPoints))
	v.MaxDeviationMeters = centi(found[worst].deviation)
	v.Worst = &Worst{
		Lat: fixes[worst].Point.Lat(), Lng: fixes[worst].Point.Lng(),
		ProgressMeters: centi(found[worst].progress), DeviationMeters: v.MaxDeviationMeters,
	}
}

// coverage is the share of the course, in percent, that the run came near to,
// in whatever order.
func (c *Course) coverage(fixes []Fix) float64 {
	path := &Course{}
	for _, f := range fixes {
		path.add(f.Point)
	}
	path.index()
	n := int(math.Ceil(c.LengthMeters() / coverageMeters))
	covered := 0
	for i := 0; i < n; i++ {
		progress := math.Min((float64(i)+0.5)*coverageMeters, c.LengthMeters())
		limits, _ := c.thresholds(progress)
		if d, _ := path.nearest(c.place(progress)); d <= limits.DeviateMeters {
			covered++
		}
	}
	return centi(100 * float64(covered) / float64(n))
}

// maxStrideMeters is the longest step along the course between two fixes that
// says anything about the direction.
const maxStrideMeters = 300

// direction says which way most of the steps along the course went.
func direction(found []finding) string {
	forwards, backwards := 0.0, 0.0
	for i := 1; i < len(found); i++ {
		step := found[i].progress - found[i-1].progress
		if math.Abs(step) > maxStrideMeters {
			continue // across the seam of a loop, or a leap to a parallel stretch
		}
		forwards += math.Max(step, 0)
		backwards += math.Max(-step, 0)
	}
	switch {
	case forwards > 4*backwards:
		return "forwards"
	case backwards > 4*forwards:
		return "backwards"
	}
	return "mixed"
}

// firstVisit returns the fix nearest to the course's place at progress during
// the first time the run is within its deviated threshold.
func (c *Course) firstVisit(fixes []Fix, progress float64) (index int, ok bool) {
	return c.visit(len(fixes), func(i int) int { return i }, fixes, progress)
}

// lastVisit is firstVisit, from the end.
func (c *Course) lastVisit(fixes []Fix, progress float64) (index int, ok bool) {
	return c.visit(len(fixes), func(i int) int { return len(fixes) - 1 - i }, fixes, progress)
}

func (c *Course) visit(n int, index func(int) int, fixes []Fix, progress float64) (int, bool) {
	gate := c.place(progress)
	limits, _ := c.thresholds(progress)
	best, at := math.Inf(1), -1
	for k := 0; k < n; k++ {
		i := index(k)
		d, _ := geo.SegmentDistance(fixes[i].Point.Vector(), gate, gate)
		if d > limits.DeviateMeters {
			if at >= 0 {
				break
			}
			continue
		}
		if d < best {
			best, at = d, i
		}
	}
	return at, at >= 0
}

// gapAround is the longer of the times to the neighbouring fixes, in seconds.
func gapAround(fixes []Fix, i int) float64 {
	gap := 0.0
	if i > 0 {
		gap = float64(fixes[i].Timestamp-fixes[i-1].Timestamp) / 1000
	}
	if i+1 < len(fixes) {
		gap = math.Max(gap, float64(fixes[i+1].Timestamp-fixes[i].Timestamp)/1000)
	}
	return gap
}

func timeOf(f Fix) *time.Time {
	t := time.UnixMilli(f.Timestamp).UTC()
	return &t
}

// centi cuts to hundredths: finer is noise, and shorter to store.
func centi(v float64) float64 { return math.Round(v*100) / 100 }
