package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// RunEdits is what became of a run after it was recorded.
type RunEdits struct {
	Takes   []RunTake `json:"takes" nullable:"false" doc:"The recordings that the run is made of, in order of time; empty for all of its own"`
	SplitAt *Time     `json:"split_at" doc:"Where it was split off another"`
	Held    *RunHeld  `json:"held" doc:"What the run was judged at on its course before it was edited: it is never judged better"`
}

// RunTake is a stretch of a recording.
type RunTake struct {
	SessionID string `json:"session_id" format:"uuid"`
	From      *Time  `json:"from" doc:"null for the beginning of the recording"`
	To        *Time  `json:"to" doc:"null for its end"`
}

// RunHeld is what an edited run is held to.
type RunHeld struct {
	CourseDurationSeconds *int     `json:"course_duration_seconds" doc:"null when the course was not completed"`
	Reasons               []string `json:"reasons" nullable:"false"`
}

func runEditsOf(r run.Record) *RunEdits {
	if !r.Edited() {
		return nil
	}
	out := RunEdits{
		Takes: each(r.Edits.Takes, func(t run.Take) RunTake {
			return RunTake{t.SessionID.String(), optionalTime(&t.From), optionalTime(&t.To)}
		}),
		SplitAt: optionalTime(&r.Edits.SplitAt),
	}
	if h := r.Edits.Held; h != nil {
		out.Held = &RunHeld{Reasons: reasonsOf(h.Reasons)}
		if h.Seconds > 0 {
			out.Held.CourseDurationSeconds = &h.Seconds
		}
	}
	return &out
}

// CropBody says what is left of a run.
type CropBody struct {
	From Instant `json:"from" doc:"What is before is cut away"`
	To   Instant `json:"to" doc:"What is behind is cut away"`
}

func (b CropBody) times() (from, to time.Time, err error) {
	from, first := instant("from", string(b.From))
	to, second := instant("to", string(b.To))
	return from, to, fault.Join(first, second)
}

// SplitBody says where a run is cut in two.
type SplitBody struct {
	At Instant `json:"at"`
}

func (b SplitBody) time() (time.Time, error) { return instant("at", string(b.At)) }

// MergeBody names runs that are one.
type MergeBody struct {
	IDs []UUID `json:"ids" minItems:"2" maxItems:"10" nullable:"false" doc:"In any order, each once"`
}

func (b MergeBody) runs() ([]id.Record, error) {
	ids := make([]id.Record, len(b.IDs))
	for i := range b.IDs {
		var err error
		if ids[i], err = bodyID[id.RecordKind]("ids["+itoa(i)+"]", &b.IDs[i]); err != nil {
			return nil, err
		}
		if slices.Contains(ids[:i], ids[i]) {
			return nil, fault.InvalidField("ids["+itoa(i)+"]", "stands there twice")
		}
	}
	return ids, nil
}

// SplitRun is the two runs that one was split into.
type SplitRun struct {
	First  Run `json:"first" doc:"It keeps the id"`
	Second Run `json:"second"`
}

func (s *Server) editRoutes() {
	const again = " It is judged, ranked and counted anew; `processing` says how far that is. What was recorded stays, and `DELETE /runs/{id}/edits` undoes it."
	register(s, web.Operation{
		ID: "crop-run", Method: http.MethodPost, Path: "/runs/{id}/crop", Summary: "Cut away the beginning or the end of a run",
		Description: "Both times lie within the run and count to what is left." + again + " On a course its time is never better than before. The same crop again changes nothing.",
		Tag:         "Runs", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Check: web.CheckOf(func(_ context.Context, b *CropBody) error { _, _, err := b.times(); return err }),
	}, func(ctx context.Context, in *struct {
		RunPath
		Preference
		Body CropBody
	}) (*created[Run], error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		from, to, err := in.Body.times()
		if err != nil {
			return nil, err
		}
		rec, err := s.app.Runs.Crop(ctx, web.Viewer(ctx), rid, from, to)
		if err != nil {
			return nil, err
		}
		return s.recordAnswer(ctx, rec, false, in.wait()), nil
	})
	register(s, web.Operation{
		ID: "split-run", Method: http.MethodPost, Path: "/runs/{id}/split", Summary: "Make two runs of one",
		Description: "The last point until then ends the first run, which keeps the id, and begins the second, which counts as an import." + again + " Either run may be deleted without the other.",
		Status:      http.StatusCreated, Repeats: true,
		Tag: "Runs", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Check: web.CheckOf(func(_ context.Context, b *SplitBody) error { _, err := b.time(); return err }),
	}, func(ctx context.Context, in *struct {
		RunPath
		Preference
		Body SplitBody
	}) (*created[SplitRun], error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		at, err := in.Body.time()
		if err != nil {
			return nil, err
		}
		first, second, isNew, err := s.app.Runs.Split(ctx, web.Viewer(ctx), rid, at)
		if err != nil {
			return nil, err
		}
		until := time.Now().Add(in.wait())
		one := s.recordAnswer(ctx, first, false, in.wait())
		two := s.recordAnswer(ctx, second, isNew, max(0, time.Until(until)))
		return &created[SplitRun]{two.Status, two.Location, one.Applied, SplitRun{one.Body, two.Body}}, nil
	})
	register(s, web.Operation{
		ID: "merge-runs", Method: http.MethodPost, Path: "/runs/merge", Summary: "Make one run of several that follow each other",
		Description: "They are of one activity and of one course, or of none, do not overlap, and lie at most 24 hours apart; what lies between them is a declared break. The first in time keeps its id; the others leave all lists (`merged_into`)." + again,
		Tag:         "Runs", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Check: web.CheckOf(func(_ context.Context, b *MergeBody) error { _, err := b.runs(); return err }),
	}, func(ctx context.Context, in *struct {
		Preference
		Body MergeBody
	}) (*created[Run], error) {
		ids, err := in.Body.runs()
		if err != nil {
			return nil, err
		}
		rec, err := s.app.Runs.Merge(ctx, web.Viewer(ctx), ids)
		if err != nil {
			return nil, err
		}
		return s.recordAnswer(ctx, rec, false, in.wait()), nil
	})
	register(s, web.Operation{
		ID: "undo-edits", Method: http.MethodDelete, Path: "/runs/{id}/edits", Summary: "Make a run again what was recorded",
		Description: "What was merged into it comes back, and what was split off it goes. For a run that was split off another, this is done to the other, which is the answer. Without edits nothing changes.",
		Tag:         "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		RunPath
		Preference
	}) (*created[Run], error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		rec, err := s.app.Runs.UndoEdits(ctx, web.Viewer(ctx), rid)
		if err != nil {
			return nil, err
		}
		return s.recordAnswer(ctx, rec, false, in.wait()), nil
	})
}
