package memory

import (
	"maps"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
)

// The clones share nothing that can be written with what they are made of, and
// have their times as every store keeps them.

func pointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func moment(p *time.Time) *time.Time {
	if p == nil {
		return nil
	}
	t := stamp(*p)
	return &t
}

func cloneUser(u user.User) user.User {
	u.WeightKG, u.MaxHeartRate, u.BirthYear = pointer(u.WeightKG), pointer(u.MaxHeartRate), pointer(u.BirthYear)
	u.TokensValidAfter, u.TokensIssuedUntil = stamp(u.TokensValidAfter), stamp(u.TokensIssuedUntil)
	u.CreatedAt, u.UpdatedAt = stamp(u.CreatedAt), stamp(u.UpdatedAt)
	return u
}

func cloneSession(s run.SessionSnapshot) run.SessionSnapshot {
	s.DeviceInfo = slices.Clone(s.DeviceInfo)
	if s.Source.Indoor = pointer(s.Source.Indoor); s.Source.Indoor != nil {
		s.Source.Indoor.Heart = cloneHeart(s.Source.Indoor.Heart)
	}
	s.StartedAt, s.CreatedAt, s.ActiveSince = stamp(s.StartedAt), stamp(s.CreatedAt), stamp(s.ActiveSince)
	s.AbandonedAt, s.LastChunkAt = stamp(s.AbandonedAt), stamp(s.LastChunkAt)
	return s
}

func cloneChunk(c run.Chunk) run.Chunk {
	in := run.ChunkInput{
		Sequence: c.Sequence(), Type: c.Type(), Fixes: slices.Clone(c.Fixes()), Filtered: slices.Clone(c.Filtered()),
		Summary: cloneClaim(c.Summary()), Cumulative: cloneClaim(c.Cumulative()),
		CompletedSplits: slices.Clone(c.CompletedSplits()), Pauses: slices.Clone(c.Pauses()),
	}
	for i, p := range in.Pauses {
		in.Pauses[i] = run.Pause{StartedAt: p.StartedAt.UTC(), EndedAt: p.EndedAt.UTC()}
	}
	return run.RestoreChunk(in, c.Digest())
}

func cloneClaim(c run.Claim) run.Claim {
	c.Document = slices.Clone(c.Document)
	return c
}

func cloneRecord(r run.Record) run.Record {
	r.CreatedAt, r.StartedAt, r.FinishedAt = stamp(r.CreatedAt), stamp(r.StartedAt), stamp(r.FinishedAt)
	r.AvgPaceSecondsPerKM, r.BestPaceSecondsPerKM = pointer(r.AvgPaceSecondsPerKM), pointer(r.BestPaceSecondsPerKM)
	r.Route, r.ElevationProfile, r.Splits = slices.Clone(r.Route), slices.Clone(r.ElevationProfile), slices.Clone(r.Splits)
	for i, s := range r.Splits {
		r.Splits[i].AvgHeartRate, r.Splits[i].AvgCadence = pointer(s.AvgHeartRate), pointer(s.AvgCadence)
		r.Splits[i].GradeAdjustedPaceSecondsPerKM = pointer(s.GradeAdjustedPaceSecondsPerKM)
	}
	r.BestEfforts, r.Heart = slices.Clone(r.BestEfforts), cloneHeart(r.Heart)
	r.Pauses, r.Flags = slices.Clone(r.Pauses), slices.Clone(r.Flags)
	for i, p := range r.Pauses {
		r.Pauses[i].StartedAt, r.Pauses[i].EndedAt = p.StartedAt.UTC(), p.EndedAt.UTC()
	}
	r.ClientDiscrepancy, r.ClientFilter = maps.Clone(r.ClientDiscrepancy), slices.Clone(r.ClientFilter)
	if r.Result != nil {
		r.Result = pointer(r.Result)
		r.Result.DurationSeconds = pointer(r.Result.DurationSeconds)
	}
	r.Verdict, r.Edits = cloneVerdict(r.Verdict), cloneEdits(r.Edits)
	return r
}

func cloneEdits(e run.Edits) run.Edits {
	e.Takes, e.SplitAt = slices.Clone(e.Takes), stamp(e.SplitAt)
	for i, t := range e.Takes {
		e.Takes[i].From, e.Takes[i].To = stamp(t.From), stamp(t.To)
	}
	if e.Held = pointer(e.Held); e.Held != nil {
		e.Held.Reasons = slices.Clone(e.Held.Reasons)
	}
	return e
}

func cloneHeart(h run.Heart) run.Heart {
	return run.Heart{
		AvgHeartRate: pointer(h.AvgHeartRate), MaxHeartRate: pointer(h.MaxHeartRate), AvgCadence: pointer(h.AvgCadence), ZoneSeconds: slices.Clone(h.ZoneSeconds),
	}
}

func cloneVerdict(p *judge.Verdict) *judge.Verdict {
	if p == nil {
		return nil
	}
	v := *p
	v.Reasons, v.Missed, v.Efforts = slices.Clone(v.Reasons), slices.Clone(v.Missed), slices.Clone(v.Efforts)
	for i, e := range v.Efforts {
		v.Efforts[i].StartedAt, v.Efforts[i].FinishedAt = e.StartedAt.UTC(), e.FinishedAt.UTC()
	}
	v.StartGateAt, v.FinishGateAt = moment(v.StartGateAt), moment(v.FinishGateAt)
	v.CourseDurationSeconds, v.Worst = pointer(v.CourseDurationSeconds), pointer(v.Worst)
	return &v
}

// cloneCourse may share the line, which is immutable.
func cloneCourse(c course.Course) course.Course {
	c.EstimatedDurationSeconds = pointer(c.EstimatedDurationSeconds)
	c.ElevationProfile, c.Tags = slices.Clone(c.ElevationProfile), slices.Clone(c.Tags)
	c.CreatedAt, c.UpdatedAt = stamp(c.CreatedAt), stamp(c.UpdatedAt)
	return c
}

func cloneStats(s stats.Course) stats.Course {
	s.AvgDurationSeconds, s.AvgPaceSecondsPerKM = pointer(s.AvgDurationSeconds), pointer(s.AvgPaceSecondsPerKM)
	s.BestDurationSeconds, s.BestPaceSecondsPerKM = pointer(s.BestDurationSeconds), pointer(s.BestPaceSecondsPerKM)
	s.UpdatedAt = stamp(s.UpdatedAt)
	return s
}
