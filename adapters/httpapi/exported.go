package httpapi

import (
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/domain/user"
)

// What is exported has the names of the columns that it is kept in.

type exportedAccount struct {
	User
	TokensValidAfter  *Time `json:"tokens_valid_after"`
	TokensIssuedUntil *Time `json:"tokens_issued_until"`
}

func (l links) exportedAccountOf(u user.User) exportedAccount {
	return exportedAccount{l.userOf(u), optionalTime(&u.TokensValidAfter), optionalTime(&u.TokensIssuedUntil)}
}

type exportedSocialAccount struct {
	Provider      string  `json:"provider"`
	ProviderID    string  `json:"provider_id"`
	ProviderEmail *string `json:"provider_email"`
	CreatedAt     Time    `json:"created_at"`
}

func exportedSocialAccountOf(a user.SocialAccount) exportedSocialAccount {
	return exportedSocialAccount{a.Provider, a.ProviderID, optional(a.Email), Time{a.LinkedAt}}
}

type exportedSignIn struct {
	FamilyID        string `json:"family_id"`
	FamilyStartedAt Time   `json:"family_started_at"`
	UsedAt          Time   `json:"used_at"` // the last time
	ExpiresAt       Time   `json:"expires_at"`
	IsRevoked       bool   `json:"is_revoked"`
	RevokedAt       *Time  `json:"revoked_at"`
}

func exportedSignInOf(s auth.SignIn) exportedSignIn {
	return exportedSignIn{s.Family.String(), Time{s.StartedAt}, Time{s.LastUsedAt}, Time{s.ExpiresAt}, !s.RevokedAt.IsZero(), optionalTime(&s.RevokedAt)}
}

type exportedRanking struct {
	CourseID             string `json:"course_id"`
	Period               string `json:"period"`
	StartsOn             string `json:"starts_on"`
	BestDurationSeconds  int    `json:"best_duration_seconds"`
	BestPaceSecondsPerKM int    `json:"best_pace_seconds_per_km"`
	RunCount             int    `json:"run_count"`
	AchievedAt           Time   `json:"achieved_at"`
}

func exportedRankingOf(r ranking.Row) exportedRanking {
	return exportedRanking{
		r.CourseID.String(), string(r.Period.Span), r.Period.StartsOn, r.BestDurationSeconds, r.BestPaceSecondsPerKM, r.RunCount, Time{r.AchievedAt},
	}
}

type exportedSession struct {
	Session
	ClientSessionID *string        `json:"client_session_id"`
	Imported        bool           `json:"imported"`
	Source          exportedSource `json:"source"`
	ActiveSince     Time           `json:"active_since"`
	AbandonedAt     *Time          `json:"abandoned_at"`
	CreatedAt       Time           `json:"created_at"`
}

func exportedSessionOf(s run.Session) exportedSession {
	x := s.Snapshot()
	return exportedSession{sessionOf(s), optional(x.ClientSessionID), x.Imported, exportedSourceOf(x.Source), Time{x.ActiveSince}, optionalTime(&x.AbandonedAt), Time{x.CreatedAt}}
}

type exportedChunk struct {
	Sequence        int                 `json:"sequence"`
	ChunkType       string              `json:"chunk_type"`
	RawGPSPoints    strictjson.Document `json:"raw_gps_points"`
	FilteredPoints  strictjson.Document `json:"filtered_points"`
	ChunkSummary    strictjson.Document `json:"chunk_summary"`
	Cumulative      strictjson.Document `json:"cumulative"`
	CompletedSplits strictjson.Document `json:"completed_splits"`
	PauseIntervals  []PauseInterval     `json:"pause_intervals"`
}

func exportedChunkOf(c run.Chunk) exportedChunk {
	out := exportedChunk{
		Sequence: c.Sequence(), ChunkType: string(c.Type()), RawGPSPoints: run.AppendFixes(nil, c.Fixes()),
		ChunkSummary: c.Summary().Document, Cumulative: c.Cumulative().Document, CompletedSplits: c.CompletedSplits(),
		PauseIntervals: each(c.Pauses(), func(p run.Pause) PauseInterval { return PauseInterval{Time{p.StartedAt}, Time{p.EndedAt}} }),
	}
	if c.Filtered() != nil {
		out.FilteredPoints = run.AppendFixes(nil, c.Filtered())
	}
	return out
}

type exportedRun struct {
	Run
	Heart        exportedHeart       `json:"heart"`
	ClientFilter strictjson.Document `json:"client_filter"`
	BestEfforts  []exportedEffort    `json:"best_efforts"`
	LocalDate    string              `json:"local_date"`
	LocalHour    int                 `json:"local_hour"`
}

type exportedHeart struct {
	AvgHeartRate *int  `json:"avg_heart_rate"`
	MaxHeartRate *int  `json:"max_heart_rate"`
	AvgCadence   *int  `json:"avg_cadence"`
	ZoneSeconds  []int `json:"zone_seconds"`
}

// exportedSource is what a file said beside its fixes.
type exportedSource struct {
	TimerSeconds  float64         `json:"timer_seconds"`
	SkippedPoints int             `json:"skipped_points"`
	Damaged       bool            `json:"damaged"`
	ClockUnset    bool            `json:"clock_unset"`
	Indoor        *exportedIndoor `json:"indoor"`
}

type exportedIndoor struct {
	DistanceMeters float64       `json:"distance_meters"`
	ElapsedSeconds float64       `json:"elapsed_seconds"`
	Heart          exportedHeart `json:"heart"`
}

func exportedSourceOf(s run.Source) exportedSource {
	out := exportedSource{TimerSeconds: s.TimerSeconds, SkippedPoints: s.SkippedPoints, Damaged: s.Damaged, ClockUnset: s.ClockUnset}
	if i := s.Indoor; i != nil {
		out.Indoor = &exportedIndoor{i.DistanceMeters, i.ElapsedSeconds, exportedHeart(i.Heart)}
	}
	return out
}

type exportedEffort struct {
	DistanceMeters  float64 `json:"distance_meters"`
	DurationSeconds float64 `json:"duration_seconds"`
}

func exportedRunOf(r run.Record) exportedRun {
	efforts := eachKnown(r.BestEfforts, func(e run.Effort) exportedEffort { return exportedEffort(e) })
	return exportedRun{runOf(r), exportedHeart(r.Heart), r.ClientFilter, efforts, r.LocalDate, r.LocalHour}
}

type exportedCourse struct {
	ID                       string          `json:"id"`
	CreatorID                *string         `json:"creator_id"`
	RunRecordID              *string         `json:"run_record_id"`
	Title                    string          `json:"title"`
	Description              *string         `json:"description"`
	RouteGeometry            LineString      `json:"route_geometry"`
	StartPoint               GeoPoint        `json:"start_point"`
	DistanceMeters           int             `json:"distance_meters"`
	EstimatedDurationSeconds *int            `json:"estimated_duration_seconds"`
	ElevationGainMeters      int             `json:"elevation_gain_meters"`
	ElevationProfile         []ProfileSample `json:"elevation_profile"`
	ThumbnailURL             *string         `json:"thumbnail_url"`
	IsPublic                 bool            `json:"is_public"`
	Tags                     []string        `json:"tags"`
	CreatedAt                Time            `json:"created_at"`
	UpdatedAt                Time            `json:"updated_at"`
}

func (l links) exportedCourseOf(c course.Course) exportedCourse {
	return exportedCourse{
		ID: c.ID.String(), CreatorID: optionalID(c.CreatorID), RunRecordID: optionalID(c.RunRecordID), Title: c.Title, Description: optional(c.Description),
		RouteGeometry: lineString(c.Route.Points()), StartPoint: geoPointOf(c.Route.Start()),
		DistanceMeters: c.DistanceMeters, EstimatedDurationSeconds: c.EstimatedDurationSeconds,
		ElevationGainMeters: c.ElevationGainMeters, ElevationProfile: eachKnown(c.ElevationProfile, profileSampleOf), ThumbnailURL: l.thumbnail(c.ID, c.ThumbnailDrawn),
		IsPublic: c.IsPublic, Tags: c.Tags, CreatedAt: Time{c.CreatedAt}, UpdatedAt: Time{c.UpdatedAt},
	}
}
