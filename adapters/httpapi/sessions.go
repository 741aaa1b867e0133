package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// Session is a run being recorded.
type Session struct {
	ID          string  `json:"id" format:"uuid"`
	CourseID    *string `json:"course_id"`
	Status      string  `json:"status" enum:"active,completed,recovered,abandoned"`
	Activity    string  `json:"activity" enum:"run,walk,hike"`
	StartedAt   Time    `json:"started_at"`
	DeviceInfo  Object  `json:"device_info"`
	Received    []Range `json:"received" nullable:"false" doc:"Stored sequences, as ranges with both ends"`
	Missing     []Range `json:"missing" nullable:"false" doc:"Gaps below the highest stored sequence"`
	HasFinal    bool    `json:"has_final"`
	RunRecordID *string `json:"run_record_id"`
}

// Range is a run of sequences, both ends included.
type Range [2]int

func rangeOf(r run.Range) Range { return Range(r) }

func sessionOf(s run.Session) Session {
	x := s.Snapshot()
	return Session{
		ID: x.ID.String(), CourseID: optionalID(x.CourseID), Status: string(x.Status), Activity: string(x.Activity), StartedAt: Time{x.StartedAt},
		DeviceInfo: Object{x.DeviceInfo}, Received: each(x.Ledger.Received(), rangeOf), Missing: each(x.Ledger.Missing(), rangeOf),
		HasFinal: x.Ledger.HasFinal(), RunRecordID: optionalID(x.RecordID),
	}
}

// StartBody starts a session.
type StartBody struct {
	CourseID        *UUID   `json:"course_id,omitempty" required:"false" nullable:"true" doc:"The course followed; none for a free run"`
	StartedAt       Instant `json:"started_at" doc:"By the phone's clock"`
	Activity        string  `json:"activity,omitempty" required:"false" enum:"run,walk,hike" default:"run" doc:"Only runs stand on boards"`
	DeviceInfo      *Object `json:"device_info,omitempty" required:"false"`
	ClientSessionID *UUID   `json:"client_session_id,omitempty" required:"false" nullable:"true" doc:"A UUID made by the client: a repeat returns the same session"`
}

func (b StartBody) input(now time.Time) (in app.StartInput, err error) {
	var wrong [3]error
	in.CourseID, wrong[0] = bodyID[id.CourseKind]("course_id", b.CourseID)
	client, err := bodyID[id.SessionKind]("client_session_id", b.ClientSessionID)
	in.ClientSessionID, wrong[1] = client.String(), err
	in.StartedAt, wrong[2] = b.StartedAt.ofPhone("started_at", now)
	in.Activity = run.Activity(b.Activity)
	if b.DeviceInfo != nil {
		in.DeviceInfo = b.DeviceInfo.Document
	}
	return in, fault.Join(wrong[:]...)
}

// SessionPath names a session.
type SessionPath struct {
	ID string `path:"id" doc:"The session"`
}

func (p SessionPath) id() (id.Session, error) {
	return parseID[id.SessionKind](p.ID, run.ErrSessionNotFound)
}

// created is an answer that is 201 for new things and 200 for repeats.
type created[T any] struct {
	Status   int
	Location string `header:"Location"`
	Applied  string `header:"Preference-Applied"`
	Body     T
}

func createdAnswer[T any](isNew bool, path string, v T) *created[T] {
	out := &created[T]{Status: http.StatusOK, Body: v}
	if isNew {
		out.Status, out.Location = http.StatusCreated, basePath+path
	}
	return out
}

func (s *Server) sessionRoutes() {
	register(s, web.Operation{
		ID: "start-session", Method: http.MethodPost, Path: "/runs/sessions", Summary: "Start a run",
		Status: http.StatusCreated, Repeats: true,
		Tag: "Runs", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Check: web.CheckOf(func(ctx context.Context, b *StartBody) error { _, err := b.input(web.Came(ctx)); return err }),
	}, func(ctx context.Context, in *struct{ Body StartBody }) (*created[Session], error) {
		start, err := in.Body.input(web.Came(ctx))
		if err != nil {
			return nil, err
		}
		session, isNew, err := s.app.Runs.Start(ctx, web.Viewer(ctx), start)
		if err != nil {
			return nil, err
		}
		return createdAnswer(isNew, "/runs/sessions/"+session.ID().String(), sessionOf(session)), nil
	})
	register(s, web.Operation{
		ID: "list-sessions", Method: http.MethodGet, Path: "/runs/sessions", Summary: "My sessions, newest first",
		Tag: "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, in *struct {
		Pages
		Status string `query:"status" enum:"active,completed,recovered,abandoned"`
	}) (*body[List[Session]], error) {
		found, total, err := s.app.Runs.Sessions(ctx, web.Viewer(ctx), run.Status(in.Status), in.page())
		if err != nil {
			return nil, err
		}
		return &body[List[Session]]{listOf(each(found, sessionOf), in.Pages, total)}, nil
	})
	register(s, web.Operation{
		ID: "get-session", Method: http.MethodGet, Path: "/runs/sessions/{id}", Summary: "What has arrived of a run",
		Tag: "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *SessionPath) (*body[Session], error) {
		sid, err := in.id()
		if err != nil {
			return nil, err
		}
		session, err := s.app.Runs.Session(ctx, web.Viewer(ctx), sid)
		return &body[Session]{sessionOf(session)}, err
	})
	register(s, web.Operation{
		ID: "abandon-session", Method: http.MethodPost, Path: "/runs/sessions/{id}/abandon", Summary: "Give a run up",
		Description: "Its chunks are kept 30 days; until then it can be recovered.",
		Tag:         "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *SessionPath) (*body[Session], error) {
		sid, err := in.id()
		if err != nil {
			return nil, err
		}
		session, err := s.app.Runs.Abandon(ctx, web.Viewer(ctx), sid)
		return &body[Session]{sessionOf(session)}, err
	})
	s.completeRoutes()
}

// CompleteBody ends a run.
type CompleteBody struct {
	FinishedAt   Instant `json:"finished_at" doc:"By the phone's clock; the record's times are those of its points"`
	TotalChunks  *int    `json:"total_chunks,omitempty" required:"false" nullable:"true" minimum:"1" maximum:"5000"`
	FilterConfig *Object `json:"filter_config,omitempty" required:"false" doc:"What the client's own filter was set to; noted"`
	Title        *string `json:"title,omitempty" required:"false" nullable:"true"`
}

func (b CompleteBody) input(now time.Time) (in app.CompleteInput, err error) {
	_, late := b.FinishedAt.ofPhone("finished_at", now)
	if b.TotalChunks != nil {
		in.TotalChunks = *b.TotalChunks
	}
	if b.Title != nil {
		in.Title = *b.Title
	}
	if b.FilterConfig != nil {
		in.ClientFilter = b.FilterConfig.Document
	}
	_, long := run.CheckTitle(in.Title)
	return in, fault.Join(late, long)
}

// RecoverBody says how to recover.
type RecoverBody struct {
	Mode *string `json:"mode,omitempty" required:"false" nullable:"true" enum:"finalize,resume" doc:"finalize (default) makes the record of what arrived; resume opens the session again"`
}

// Preference is the header by which a client waits for the jobs.
type Preference struct {
	Prefer string `header:"Prefer" doc:"wait=5 waits up to that many seconds, at most 10, for the run to be judged and counted"`
}

// maxWait bounds what a client may ask to wait.
const maxWait = 10 * time.Second

// wait returns how long the client wants to wait (RFC 7240 §4.3).
func (p Preference) wait() time.Duration {
	for _, part := range strings.Split(p.Prefer, ",") {
		preference, _, _ := strings.Cut(part, ";") // parameters of it mean nothing here
		name, value, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		if d, err := time.ParseDuration(strings.Trim(value, `" `) + "s"); err == nil && d > 0 {
			return min(d, maxWait)
		}
	}
	return 0
}

func (s *Server) completeRoutes() {
	register(s, web.Operation{
		ID: "complete-session", Method: http.MethodPost, Path: "/runs/sessions/{id}/complete", Summary: "End a run and make its record",
		Status: http.StatusCreated, Repeats: true,
		Tag: "Runs", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Check: web.CheckOf(func(ctx context.Context, b *CompleteBody) error { _, err := b.input(web.Came(ctx)); return err }),
	}, func(ctx context.Context, in *struct {
		SessionPath
		Preference
		Body CompleteBody
	}) (*created[Run], error) {
		sid, err := in.id()
		if err != nil {
			return nil, err
		}
		complete, err := in.Body.input(web.Came(ctx))
		if err != nil {
			return nil, err
		}
		rec, isNew, err := s.app.Runs.Complete(ctx, web.Viewer(ctx), sid, complete)
		if err != nil {
			return nil, err
		}
		return s.recordAnswer(ctx, rec, isNew, in.wait()), nil
	})
	register(s, web.Operation{
		ID: "recover-session", Method: http.MethodPost, Path: "/runs/sessions/{id}/recover", Summary: "Make a record of what arrived, or open the session again",
		Status: http.StatusCreated,
		Tag:    "Runs", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Answers: map[int]web.Media{
			http.StatusCreated: web.JSON(s.SchemaOf(Run{})),
			http.StatusOK:      web.JSON(&huma.Schema{AnyOf: []*huma.Schema{s.SchemaOf(Run{}), s.SchemaOf(Session{})}}),
		},
	}, func(ctx context.Context, in *struct {
		SessionPath
		Preference
		Body *RecoverBody `required:"false"`
	}) (*created[any], error) {
		sid, err := in.id()
		if err != nil {
			return nil, err
		}
		if in.Body != nil && in.Body.Mode != nil && *in.Body.Mode == "resume" {
			session, err := s.app.Runs.Resume(ctx, web.Viewer(ctx), sid)
			if err != nil {
				return nil, err
			}
			return createdAnswer[any](false, "", sessionOf(session)), nil
		}
		rec, isNew, err := s.app.Runs.Finalize(ctx, web.Viewer(ctx), sid)
		if err != nil {
			return nil, err
		}
		answer := s.recordAnswer(ctx, rec, isNew, in.wait())
		return &created[any]{Status: answer.Status, Location: answer.Location, Applied: answer.Applied, Body: answer.Body}, nil
	})
}

// recordAnswer answers with a record, after waiting for its jobs if asked to.
func (s *Server) recordAnswer(ctx context.Context, rec run.Record, isNew bool, wait time.Duration) *created[Run] {
	if wait > 0 {
		rec = s.app.Runs.Await(ctx, rec, wait)
	}
	answer := createdAnswer(isNew, "/runs/"+rec.ID.String(), runOf(rec))
	if wait > 0 {
		answer.Applied = "wait=" + itoa(seconds(wait))
	}
	return answer
}
