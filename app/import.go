package app

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/text"
	"github.com/runvs/runvs/ports"
)

// Import makes a record of a whole recorded file at once, along the same path
// as chunks. The same file again returns the same record with created false.
// Faults: those of ports.TrackFiles.Read, Start and Complete.
func (r *Runs) Import(ctx context.Context, uid id.User, data []byte, cid id.Course) (rec run.Record, created bool, err error) {
	track, err := r.Files.Read(ctx, data)
	if err != nil {
		return rec, false, err
	}
	fixes := importable(track, r.Clock.Now())
	if len(fixes) < 2 && len(track.Fixes) >= 2 {
		return rec, false, errNoTimes
	}
	if len(fixes) < 2 {
		return rec, false, run.ErrRunTooShort
	}
	chunks, err := run.CutChunks(fixes, run.MaxChunkFixes)
	if err != nil {
		return rec, false, err
	}
	s, _, err := r.Start(ctx, uid, StartInput{
		CourseID: cid, StartedAt: time.UnixMilli(fixes[0].Timestamp).UTC(),
		ClientSessionID: run.ImportSessionID(fixes, cid),
	})
	if err != nil {
		return rec, false, err
	}
	for _, c := range chunks {
		if _, _, err := r.AppendChunk(ctx, uid, s.ID(), c); err != nil {
			return rec, false, err
		}
	}
	title := text.Cut(track.Name, run.MaxTitleRunes) // a file's own name is no reason to refuse the run
	return r.Complete(ctx, uid, s.ID(), CompleteInput{TotalChunks: len(chunks), Title: title})
}

// importable returns the fixes of a track that a phone could have sent: with a
// time, between the year 2000 and now. A clock that jumps decades is a
// receiver's defect, and its fixes say nothing.
func importable(t ports.Track, now time.Time) []run.Fix {
	latest := now.Add(run.MaxFutureSkew).UnixMilli()
	fixes := make([]run.Fix, 0, len(t.Fixes))
	for _, f := range t.Fixes {
		fix := run.Fix{
			Point: f.Point, Timestamp: f.Timestamp, Altitude: f.Altitude, Accuracy: run.Absent,
			Speed: f.Speed, Heading: run.Absent, HeartRate: f.HeartRate, Cadence: f.Cadence,
		}
		early := len(fixes) > 0 && f.Timestamp < fixes[0].Timestamp-run.MaxEarlyFixSkew.Milliseconds()
		if f.HasTime && f.Timestamp <= latest && !early && fix.Validate() == nil {
			fixes = append(fixes, fix)
		}
	}
	return fixes
}

// errNoTimes answers for a run's file whose points have no times, or wrong ones.
var errNoTimes = fault.New(fault.Invalid, run.ErrRunTooShort.Code,
	"fewer than 2 points of the file have a time between the year 2000 and now; a route without times can be imported as a course")

// errNoTrack answers for a course file without a line.
var errNoTrack = fault.New(fault.Invalid, "bad_track", "the file has no track or route with at least 2 points")
