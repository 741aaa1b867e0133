package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// RunCard is a run in a list: without its heavy parts.
type RunCard struct {
	ID                    string   `json:"id" format:"uuid"`
	UserID                string   `json:"user_id" format:"uuid"`
	SessionID             string   `json:"session_id" format:"uuid"`
	CourseID              *string  `json:"course_id"`
	DuplicateOf           *string  `json:"duplicate_of" doc:"The record that another device made of the same run: only that one counts in totals and on boards"`
	Activity              string   `json:"activity" enum:"run,walk,hike" doc:"Only runs stand on boards"`
	Indoor                bool     `json:"indoor" doc:"No place was recorded: there is no route, no split and no course"`
	Edited                bool     `json:"edited" doc:"The run is another than was recorded"`
	Title                 *string  `json:"title"`
	DistanceMeters        int      `json:"distance_meters"`
	DurationSeconds       int      `json:"duration_seconds" doc:"Moving time: pauses taken out"`
	TotalElapsedSeconds   int      `json:"total_elapsed_seconds"`
	AvgPaceSecondsPerKM   *int     `json:"avg_pace_seconds_per_km"`
	BestPaceSecondsPerKM  *int     `json:"best_pace_seconds_per_km" doc:"Of the best whole kilometre, or of the run if it is shorter"`
	AvgSpeedMS            float32  `json:"avg_speed_ms"`
	MaxSpeedMS            float32  `json:"max_speed_ms" doc:"Over 5 seconds"`
	Calories              int      `json:"calories"`
	ElevationGainMeters   int      `json:"elevation_gain_meters"`
	ElevationLossMeters   int      `json:"elevation_loss_meters"`
	CourseCompleted       *bool    `json:"course_completed"`
	RouteMatchPercent     *float32 `json:"route_match_percent"`
	MaxDeviationMeters    *float32 `json:"max_deviation_meters"`
	CourseDurationSeconds *int     `json:"course_duration_seconds" doc:"Gate to gate, resting included"`
	RuleVersion           *string  `json:"rule_version"`
	StartedAt             Time     `json:"started_at"`
	FinishedAt            Time     `json:"finished_at"`
	CreatedAt             Time     `json:"created_at"`
	Processing            string   `json:"processing" enum:"pending,done,failed"`
	Flags                 []string `json:"flags" nullable:"false" doc:"What was odd about the recording; the description of this API lists all"`
}

// Run is a whole record, but for its line.
type Run struct {
	RunCard
	ElevationProfile  []ProfileSample        `json:"elevation_profile" nullable:"false"`
	Splits            []Split                `json:"splits" nullable:"false"`
	AvgHeartRate      *int                   `json:"avg_heart_rate"`
	MaxHeartRate      *int                   `json:"max_heart_rate"`
	AvgCadence        *int                   `json:"avg_cadence" doc:"Steps a minute, while there were any"`
	HeartRateZones    []int                  `json:"heart_rate_zones" doc:"Seconds below 60, 70, 80 and 90 percent of the runner's highest heart rate, and above; null when it is not known"`
	SkippedPoints     int                    `json:"skipped_points" doc:"Points of the file without a place, which were left out"`
	PauseIntervals    []Pause                `json:"pause_intervals" nullable:"false"`
	FilterConfig      FilterConfig           `json:"filter_config"`
	ClientDiscrepancy map[string]Discrepancy `json:"client_discrepancy" nullable:"true" doc:"Claims of the client that differ by more than 5 % from what was computed; null when none does"`
	Verdict           *Verdict               `json:"verdict"`
	Version           int                    `json:"version" doc:"How often the run was edited, or an edit undone"`
	MergedInto        *string                `json:"merged_into" doc:"The run that this one is part of now"`
	SplitFrom         *string                `json:"split_from" doc:"The run that this one was split off; null when that is gone"`
	Edits             *RunEdits              `json:"edits" doc:"null for a run as it was recorded"`
}

func runCardOf(r ports.RunSummary) RunCard {
	out := RunCard{
		ID: r.ID.String(), UserID: r.Runner.ID.String(), SessionID: r.SessionID.String(), CourseID: optionalID(r.CourseID),
		DuplicateOf: optionalID(r.DuplicateOf), Activity: string(r.Activity), Indoor: r.Indoor, Edited: r.Edited, Title: optional(r.Title), DistanceMeters: r.DistanceMeters, DurationSeconds: r.DurationSeconds,
		TotalElapsedSeconds: r.TotalElapsedSeconds, AvgPaceSecondsPerKM: r.AvgPaceSecondsPerKM,
		BestPaceSecondsPerKM: r.BestPaceSecondsPerKM, AvgSpeedMS: r.AvgSpeedMS, MaxSpeedMS: r.MaxSpeedMS,
		Calories: r.Calories, ElevationGainMeters: r.ElevationGainMeters, ElevationLossMeters: r.ElevationLossMeters,
		StartedAt: Time{r.StartedAt}, FinishedAt: Time{r.FinishedAt}, CreatedAt: Time{r.CreatedAt},
		Processing: string(r.Processing), Flags: r.Flags,
	}
	if out.Flags == nil {
		out.Flags = []string{}
	}
	if res := r.Result; res != nil {
		out.CourseCompleted, out.RouteMatchPercent, out.MaxDeviationMeters = &res.Completed, &res.RouteMatchPercent, &res.MaxDeviationMeters
		out.CourseDurationSeconds, out.RuleVersion = res.DurationSeconds, optional(res.RuleVersion)
	}
	return out
}

func runOf(r run.Record) Run {
	return Run{
		RunCard: runCardOf(ports.SummaryOf(r, user.Person{ID: r.UserID})), ElevationProfile: each(r.ElevationProfile, profileSampleOf), Splits: each(r.Splits, splitOf),
		AvgHeartRate: r.AvgHeartRate, MaxHeartRate: r.MaxHeartRate, AvgCadence: r.AvgCadence, HeartRateZones: r.ZoneSeconds, SkippedPoints: r.SkippedPoints,
		PauseIntervals: each(r.Pauses, pauseOf), FilterConfig: FilterConfig(r.Filter), ClientDiscrepancy: discrepanciesOf(r.ClientDiscrepancy),
		Verdict: optionalVerdict(r.Verdict), Version: r.Version, MergedInto: optionalID(r.MergedInto), SplitFrom: optionalID(r.SplitFrom), Edits: runEditsOf(r),
	}
}

// ChangeRunBody alters a run; what is absent stays.
type ChangeRunBody struct {
	Title Nullable[string] `json:"title,omitempty" required:"false" doc:"null takes the name away"`
}

// RunPath names a run.
type RunPath struct {
	ID string `path:"id" doc:"The run"`
}

func (p RunPath) id() (id.Record, error) { return parseID[id.RecordKind](p.ID, ports.ErrRunNotFound) }

func (s *Server) runRoutes() {
	s.editRoutes()
	register(s, web.Operation{
		ID: "get-run", Method: http.MethodGet, Path: "/runs/{id}", Summary: "A run's record",
		Tag: "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *RunPath) (*body[Run], error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		rec, err := s.app.Runs.Record(ctx, web.Viewer(ctx), rid)
		return &body[Run]{runOf(rec)}, err
	})
	register(s, web.Operation{
		ID: "delete-run", Method: http.MethodDelete, Path: "/runs/{id}", Summary: "Delete a run",
		Description: "It leaves rankings, statistics and totals too, and what was merged into it goes with it.", Status: http.StatusNoContent,
		Tag: "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *RunPath) (*struct{}, error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		return nil, s.app.Runs.Delete(ctx, web.Viewer(ctx), rid)
	})
	register(s, web.Operation{
		ID: "change-run", Method: http.MethodPatch, Path: "/runs/{id}", Summary: "Name a run",
		Tag: "Runs", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		RunPath
		Body ChangeRunBody
	}) (*body[Run], error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		if !in.Body.Title.Sent {
			rec, err := s.app.Runs.Record(ctx, web.Viewer(ctx), rid)
			return &body[Run]{runOf(rec)}, err
		}
		rec, err := s.app.Runs.SetTitle(ctx, web.Viewer(ctx), rid, in.Body.Title.Value)
		return &body[Run]{runOf(rec)}, err
	})
	register(s, web.Operation{
		ID: "get-verdict", Method: http.MethodGet, Path: "/runs/{id}/verdict", Summary: "The judge's explanation",
		Description: "`fixes` is empty for a run on a retired course: the line that it was judged on is gone.",
		Answers:     map[int]web.Media{http.StatusOK: web.JSON(s.SchemaOf(VerdictAnswer{}))},
		Tag:         "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *RunPath) (*file, error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		v, fixes, err := s.app.Runs.Verdict(ctx, web.Viewer(ctx), rid)
		if err != nil {
			return nil, err
		}
		return verdictFile(v, fixes)
	})
	register(s, web.Operation{
		ID: "get-run-track", Method: http.MethodGet, Path: "/runs/{id}/track", Summary: "A run's track, to look at or as a file", Answers: s.trackAnswers(),
		Description: "Of what was recorded in a break nothing is in it: each part of the run is a segment (GPX), a track (TCX, KML), a line (GeoJSON), or what lies between a start and a stop of the timer (FIT, of which times are whole seconds, and fixes one a second); a polyline has none. A run indoors has no track: 404 `track_not_found`.",
		Tag:         "Runs", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		RunPath
		TrackFormat
	}) (*file, error) {
		rid, err := in.id()
		if err != nil {
			return nil, err
		}
		t, release, err := s.app.Runs.Track(ctx, web.Viewer(ctx), rid)
		if err != nil {
			return nil, err
		}
		defer release()
		return s.trackFile(t, in.Format, "run-"+rid.String())
	})
	register(s, web.Operation{
		ID: "import-run", Method: http.MethodPost, Path: "/runs/import", Summary: "Upload a whole recorded run (GPX, TCX, FIT, KML, GeoJSON; plain, gzip or zip)",
		Description: "Of a file with one run the answer is the run. Of one with several, such as a zip, it is 207 with what became of each. A ride, a swim or a drive is no run (`not_a_run`); beside a run in one recording it is passed over. Walks and hikes stand on no board; a run without any place, of a treadmill, has no route.",
		Status:      http.StatusCreated, Repeats: true,
		Answers: map[int]web.Media{
			http.StatusOK: web.JSON(s.SchemaOf(Run{})), http.StatusCreated: web.JSON(s.SchemaOf(Run{})), http.StatusMultiStatus: web.JSON(s.SchemaOf(Imports{})),
		},
		Tag: "Runs", Access: web.Users, Body: web.UploadBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		Preference
		CourseID  UUID   `query:"course_id" doc:"The course followed"`
		Duplicate string `query:"duplicate" enum:"refuse,keep" default:"refuse" doc:"What becomes of a run that another device has recorded already"`
		RawBody   huma.MultipartFormFiles[struct {
			File huma.FormFile `form:"file" required:"true"`
		}]
	}) (*created[any], error) {
		cid, err := queryID[id.CourseKind]("course_id", in.CourseID)
		if err != nil {
			return nil, err
		}
		form, err := formOf(in.RawBody)
		if err != nil {
			return nil, err
		}
		data, err := readUpload(form.File)
		if err != nil {
			return nil, err
		}
		made, err := s.app.Runs.Import(ctx, web.Viewer(ctx), data, app.ImportInput{CourseID: cid, KeepDuplicates: in.Duplicate == "keep"})
		if err != nil {
			return nil, err
		}
		if len(made) == 1 {
			a := s.recordAnswer(ctx, made[0].Record, made[0].Created, in.wait())
			return &created[any]{a.Status, a.Location, a.Applied, a.Body}, nil
		}
		return &created[any]{Status: http.StatusMultiStatus, Body: s.importsOf(ctx, made, in.wait())}, nil
	})
}

// file is an answer that is not JSON of ours.
type file struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}
