package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// User is one's own account.
type User struct {
	ID                  string   `json:"id" format:"uuid"`
	Email               *string  `json:"email"`
	Nickname            *string  `json:"nickname"`
	AvatarURL           *string  `json:"avatar_url"`
	TotalDistanceMeters int64    `json:"total_distance_meters"`
	TotalRuns           int      `json:"total_runs"`
	WeightKG            *float32 `json:"weight_kg"`
	MaxHeartRate        *int     `json:"max_heart_rate"`
	BirthYear           *int     `json:"birth_year"`
	CreatedAt           Time     `json:"created_at"`
	UpdatedAt           Time     `json:"updated_at"`
}

func (l links) userOf(u user.User) User {
	return User{
		ID: u.ID.String(), Email: optional(u.Email), Nickname: optional(u.Nickname.String()), AvatarURL: l.avatar(u.AvatarID),
		TotalDistanceMeters: u.TotalDistanceMeters, TotalRuns: u.TotalRuns, WeightKG: u.WeightKG, MaxHeartRate: u.MaxHeartRate, BirthYear: u.BirthYear,
		CreatedAt: Time{u.CreatedAt}, UpdatedAt: Time{u.UpdatedAt},
	}
}

// PublicUser is what anybody may see of a user.
type PublicUser struct {
	Person
	TotalDistanceMeters int64 `json:"total_distance_meters"`
	TotalRuns           int   `json:"total_runs"`
}

func (l links) publicUserOf(u user.User) PublicUser {
	return PublicUser{
		Person:              Person{ID: u.ID.String(), Nickname: optional(u.Nickname.String()), AvatarURL: l.avatar(u.AvatarID)},
		TotalDistanceMeters: u.TotalDistanceMeters, TotalRuns: u.TotalRuns,
	}
}

// ChangeMeBody is what a runner changes of their account; what is absent stays.
type ChangeMeBody struct {
	Nickname     Nullable[string]  `json:"nickname,omitempty" required:"false" doc:"2 to 12 characters after trimming, unique without regard to case; null gives it up"`
	AvatarURL    Nullable[string]  `json:"avatar_url,omitempty" required:"false" doc:"Only null, to remove the picture; POST /uploads/avatar sets one"`
	WeightKG     Nullable[float64] `json:"weight_kg,omitempty" required:"false" doc:"20 to 400; null makes it unknown"`
	MaxHeartRate Nullable[int]     `json:"max_heart_rate,omitempty" required:"false" doc:"100 to 250 beats a minute: for heart-rate zones of runs to come; null makes it unknown"`
	BirthYear    Nullable[int]     `json:"birth_year,omitempty" required:"false" doc:"Where no highest heart rate is given it follows from the age; null makes it unknown"`
}

func (b ChangeMeBody) profile() (p app.Profile, err error) {
	var nickname, avatar error
	switch {
	case b.Nickname.NotNull && strings.TrimSpace(b.Nickname.Value) == "":
		nickname = fault.InvalidField("nickname", "is empty; 2 to 12 characters are needed")
	case b.Nickname.Sent:
		p.Nickname = &b.Nickname.Value
	}
	if p.RemoveAvatar = b.AvatarURL.Sent; b.AvatarURL.NotNull {
		avatar = fault.InvalidField("avatar_url", "may only be null, to remove the picture; POST /uploads/avatar sets one")
	}
	if b.WeightKG.Sent {
		var kg *float32
		if b.WeightKG.NotNull {
			value := float32(b.WeightKG.Value) // infinite where it has no room, and refused
			kg = &value
		}
		p.WeightKG = &kg
	}
	p.MaxHeartRate, p.BirthYear = optionalChange(b.MaxHeartRate), optionalChange(b.BirthYear)
	return p, fault.Join(nickname, avatar)
}

// optionalChange is nil when nothing was sent, and points to nil when null was.
func optionalChange[T any](n Nullable[T]) **T {
	if !n.Sent {
		return nil
	}
	var v *T
	if n.NotNull {
		v = &n.Value
	}
	return &v
}

// profileOf reads a body, and names all that is wrong in it.
func (s *Server) profileOf(b *ChangeMeBody) (app.Profile, error) {
	p, err := b.profile()
	return p, fault.Join(err, s.app.Users.Check(p))
}

// LeaveBody is what somebody who signed in with Apple may send along.
type LeaveBody struct {
	AuthorizationCode *string `json:"authorization_code,omitempty" required:"false" maxLength:"1024" doc:"A fresh one of Sign in with Apple: the grant is revoked there. It is not stored"`
}

// RunSum is what some runs add up to.
type RunSum struct {
	Runs            int   `json:"runs"`
	DistanceMeters  int64 `json:"distance_meters"`
	DurationSeconds int64 `json:"duration_seconds" doc:"Moving"`
}

// WeekSum is a week with its runs.
type WeekSum struct {
	Week string `json:"week" doc:"ISO 8601, at the place of the run" example:"2026-W18"`
	RunSum
}

// MonthSum is a month with its runs.
type MonthSum struct {
	Month string `json:"month" doc:"At the place of the run" example:"2026-05"`
	RunSum
}

// BestEffort is the fastest stretch of a length inside any run.
type BestEffort struct {
	DistanceMeters  float64 `json:"distance_meters"`
	DurationSeconds float64 `json:"duration_seconds" doc:"Elapsed"`
	RunID           string  `json:"run_id" format:"uuid"`
	AchievedAt      Time    `json:"achieved_at"`
}

// UserStats is what a runner's processed runs add up to.
type UserStats struct {
	TotalRuns            int         `json:"total_runs"`
	TotalDistanceMeters  int64       `json:"total_distance_meters"`
	TotalDurationSeconds int64       `json:"total_duration_seconds" doc:"Moving"`
	ByWeek               []WeekSum   `json:"by_week" nullable:"false" doc:"Weeks with runs, the latest first"`
	ByMonth              []MonthSum  `json:"by_month" nullable:"false" doc:"Months with runs, the latest first"`
	BestEfforts          BestEfforts `json:"best_efforts"`
}

// BestEfforts are null where no run is long enough.
type BestEfforts struct {
	K1       *BestEffort `json:"1k"`
	K5       *BestEffort `json:"5k"`
	K10      *BestEffort `json:"10k"`
	Half     *BestEffort `json:"half"`
	Marathon *BestEffort `json:"marathon"`
}

func userStatsOf(u stats.User) UserStats {
	sum := func(s stats.Sum) RunSum { return RunSum(s) }
	out := UserStats{
		TotalRuns: u.Total.Runs, TotalDistanceMeters: u.Total.DistanceMeters, TotalDurationSeconds: u.Total.DurationSeconds,
		ByWeek:  each(u.Weeks, func(p stats.Period) WeekSum { return WeekSum{p.Name, sum(p.Sum)} }),
		ByMonth: each(u.Months, func(p stats.Period) MonthSum { return MonthSum{p.Name, sum(p.Sum)} }),
	}
	b := &out.BestEfforts
	for i, place := range [...]**BestEffort{&b.K1, &b.K5, &b.K10, &b.Half, &b.Marathon} {
		for _, best := range u.Bests {
			if best.DistanceMeters == run.EffortMeters[i] {
				*place = &BestEffort{best.DistanceMeters, best.DurationSeconds, best.RunID.String(), Time{best.AchievedAt}}
			}
		}
	}
	return out
}

func (s *Server) userRoutes() {
	register(s, web.Operation{
		ID: "me", Method: http.MethodGet, Path: "/users/me", Summary: "My account",
		Tag: "Users", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, _ *struct{}) (*body[User], error) {
		u, err := s.app.Users.Me(ctx, web.Viewer(ctx))
		return &body[User]{s.links.userOf(u)}, err
	})
	register(s, web.Operation{
		ID: "change-me", Method: http.MethodPatch, Path: "/users/me", Summary: "Change my account",
		Tag: "Users", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusConflict},
		Check: web.CheckOf(func(_ context.Context, b *ChangeMeBody) error { _, err := s.profileOf(b); return err }),
	}, func(ctx context.Context, in *struct{ Body ChangeMeBody }) (*body[User], error) {
		p, err := s.profileOf(&in.Body)
		if err != nil {
			return nil, err
		}
		u, err := s.app.Users.Change(ctx, web.Viewer(ctx), p)
		return &body[User]{s.links.userOf(u)}, err
	})
	register(s, web.Operation{
		ID: "leave", Method: http.MethodDelete, Path: "/users/me", Summary: "Delete my account",
		Description: "Everything personal goes: account, sign-ins, runs and what was sent of them, board rows, picture. A course stays only if somebody else completed it, and then as nobody's: without 200 m of its line at either end (less of a short one, of which 100 m stay), without the run it was made of and its estimated duration, and without a title, description or tag that names its maker or leads to somebody (an address, handle, link or telephone number; the title then says the length). A public one stays open, and all runs on it are judged again, on the line as it then is; a private one is retired, as when it is deleted.",
		Status:      http.StatusNoContent,
		Tag:         "Users", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, in *struct{ Body *LeaveBody }) (*noContent, error) {
		code := ""
		if in.Body != nil && in.Body.AuthorizationCode != nil {
			code = *in.Body.AuthorizationCode
		}
		return nil, s.app.Users.Leave(ctx, web.Viewer(ctx), code)
	})
	register(s, web.Operation{
		ID: "my-stats", Method: http.MethodGet, Path: "/users/me/stats", Summary: "My totals, by week and month, and my best efforts",
		Tag: "Users", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, _ *struct{}) (*body[UserStats], error) {
		u, err := s.app.Users.Stats(ctx, web.Viewer(ctx))
		return &body[UserStats]{userStatsOf(u)}, err
	})
	register(s, web.Operation{
		ID: "get-user", Method: http.MethodGet, Path: "/users/{id}", Summary: "A runner's public profile",
		Tag: "Users", Access: web.Everyone, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*body[PublicUser], error) {
		uid, err := parseID[id.UserKind](in.ID, ports.ErrUserNotFound)
		if err != nil {
			return nil, err
		}
		u, err := s.app.Users.Public(ctx, uid)
		return &body[PublicUser]{s.links.publicUserOf(u)}, err
	})
	register(s, web.Operation{
		ID: "my-runs", Method: http.MethodGet, Path: "/users/me/runs", Summary: "My runs, newest first",
		Tag: "Users", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, in *struct {
		CourseID UUID `query:"course_id" doc:"Only runs on this course; none of a course that is not there, or never was run by me"`
		CursorPages
	}) (*body[MovingList[RunCard]], error) {
		cid, err := queryID[id.CourseKind]("course_id", in.CourseID)
		if err != nil {
			return nil, err
		}
		after, err := afterInHistory(in.Cursor)
		if err != nil {
			return nil, err
		}
		runs, total, err := s.app.Users.Runs(ctx, ports.RecordQuery{Owner: web.Viewer(ctx), CourseID: cid, Page: in.stretch(), After: after})
		if err != nil {
			return nil, err
		}
		return &body[MovingList[RunCard]]{movingListOf(runs, in.CursorPages, total, runCardOf, historyCursor)}, nil
	})
	register(s, web.Operation{
		ID: "my-courses", Method: http.MethodGet, Path: "/users/me/courses", Summary: "Courses I made, newest first",
		Tag: "Users", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, in *struct{ Pages }) (*body[List[CourseCard]], error) {
		found, total, err := s.app.Courses.Mine(ctx, web.Viewer(ctx), in.page())
		if err != nil {
			return nil, err
		}
		return &body[List[CourseCard]]{listOf(each(found, s.links.courseCardOf), in.Pages, total)}, nil
	})
}
