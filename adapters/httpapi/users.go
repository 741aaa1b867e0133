package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/domain/user"
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
	CreatedAt           Time     `json:"created_at"`
	UpdatedAt           Time     `json:"updated_at"`
}

func userOf(u user.User) User {
	return User{
		ID: u.ID.String(), Email: optional(u.Email), Nickname: optional(u.Nickname.String()), AvatarURL: optional(u.AvatarURL),
		TotalDistanceMeters: u.TotalDistanceMeters, TotalRuns: u.TotalRuns, WeightKG: u.WeightKG,
		CreatedAt: Time{u.CreatedAt}, UpdatedAt: Time{u.UpdatedAt},
	}
}

func (s *Server) userRoutes() {
	register(s, huma.Operation{
		OperationID: "me", Method: http.MethodGet, Path: "/users/me", Summary: "My account",
		Tags: []string{"Users"}, Security: tokenNeeded, Errors: errorStatuses,
	}, func(ctx context.Context, _ *struct{}) (*body[User], error) {
		u, err := s.app.Users.Me(ctx, viewer(ctx))
		return &body[User]{userOf(u)}, err
	})
	register(s, huma.Operation{
		OperationID: "my-runs", Method: http.MethodGet, Path: "/users/me/runs", Summary: "My runs, newest first",
		Tags: []string{"Users"}, Security: tokenNeeded, Errors: errorStatuses,
	}, func(ctx context.Context, in *CursorPages) (*body[MovingList[RunCard]], error) {
		after, err := afterInHistory(in.Cursor)
		if err != nil {
			return nil, err
		}
		runs, total, err := s.app.Users.Runs(ctx, viewer(ctx), in.stretch(), after)
		if err != nil {
			return nil, err
		}
		return &body[MovingList[RunCard]]{movingListOf(runs, *in, total, runCardOf, historyCursor)}, nil
	})
	register(s, huma.Operation{
		OperationID: "my-courses", Method: http.MethodGet, Path: "/users/me/courses", Summary: "Courses I made, newest first",
		Tags: []string{"Users"}, Security: tokenNeeded, Errors: errorStatuses,
	}, func(ctx context.Context, in *struct{ Pages }) (*body[List[CourseCard]], error) {
		cards, total, err := s.app.Users.Courses(ctx, viewer(ctx), in.page())
		if err != nil {
			return nil, err
		}
		return &body[List[CourseCard]]{listOf(each(cards, courseCardOf), in.Pages, total)}, nil
	})
}
