package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// BoardRow is a runner's place on a board.
type BoardRow struct {
	Rank                 int     `json:"rank"`
	User                 *Person `json:"user"`
	BestDurationSeconds  int     `json:"best_duration_seconds"`
	BestPaceSecondsPerKM int     `json:"best_pace_seconds_per_km"`
	RunCount             int     `json:"run_count"`
	AchievedAt           Time    `json:"achieved_at"`
}

func (l links) boardRowOf(r ports.BoardRow) BoardRow {
	return BoardRow{
		Rank: r.Rank, User: l.personOf(r.Person), BestDurationSeconds: r.BestDurationSeconds,
		BestPaceSecondsPerKM: r.BestPaceSecondsPerKM, RunCount: r.RunCount, AchievedAt: Time{r.AchievedAt},
	}
}

// BoardPeriod says which runs a board is made of.
type BoardPeriod struct {
	Period string `query:"period" enum:"all,year,month,week" default:"all" doc:"Runs of this year, month or week (from Monday) at the course's place"`
	Date   string `query:"date" maxLength:"10" doc:"A day of another year, month or week: 2026-05-01"`
}

func (p BoardPeriod) board(ctx context.Context, cid id.Course) (app.BoardOf, error) {
	of := app.BoardOf{Viewer: web.Viewer(ctx), Course: cid, Span: ranking.Span(p.Period), Day: p.Date}
	if p.Date != "" {
		if _, err := ranking.PeriodOf(ranking.Week, p.Date); err != nil {
			return of, web.InQuery(err)
		}
	}
	return of, nil
}

// MyPlace is the runner's place with those around it.
type MyPlace struct {
	Me         *BoardRow  `json:"me" doc:"null when not ranked"`
	Neighbours []BoardRow `json:"neighbours" nullable:"false"`
	TotalCount int        `json:"total_count"`
}

// CourseStats is a course's statistics row.
type CourseStats struct {
	CourseID             string         `json:"course_id" format:"uuid"`
	TotalRuns            int            `json:"total_runs"`
	UniqueRunners        int            `json:"unique_runners"`
	AvgDurationSeconds   *int           `json:"avg_duration_seconds"`
	AvgPaceSecondsPerKM  *int           `json:"avg_pace_seconds_per_km"`
	BestDurationSeconds  *int           `json:"best_duration_seconds"`
	BestPaceSecondsPerKM *int           `json:"best_pace_seconds_per_km"`
	CompletionRate       float32        `json:"completion_rate"`
	RunsByHour           map[string]int `json:"runs_by_hour" doc:"By local hour of the course's place, \"0\" to \"23\"; hours without runs are left out"`
	UpdatedAt            *Time          `json:"updated_at"`
}

func courseStatsOf(s stats.Course) CourseStats {
	out := CourseStats{
		CourseID: s.CourseID.String(), TotalRuns: s.TotalRuns, UniqueRunners: s.UniqueRunners,
		AvgDurationSeconds: s.AvgDurationSeconds, AvgPaceSecondsPerKM: s.AvgPaceSecondsPerKM,
		BestDurationSeconds: s.BestDurationSeconds, BestPaceSecondsPerKM: s.BestPaceSecondsPerKM,
		CompletionRate: s.CompletionRate, RunsByHour: map[string]int{}, UpdatedAt: optionalTime(&s.UpdatedAt),
	}
	for hour, runs := range s.RunsByHour {
		if runs > 0 {
			out.RunsByHour[strconv.Itoa(hour)] = runs
		}
	}
	return out
}

func (s *Server) boardRoutes() {
	register(s, web.Operation{
		ID: "get-course-stats", Method: http.MethodGet, Path: "/courses/{id}/stats", Summary: "A course's statistics",
		Tag: "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *CoursePath) (*body[CourseStats], error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		row, err := s.app.Courses.Stats(ctx, web.Viewer(ctx), cid)
		return &body[CourseStats]{courseStatsOf(row)}, err
	})
	register(s, web.Operation{
		ID: "get-rankings", Method: http.MethodGet, Path: "/courses/{id}/rankings", Summary: "A course's board",
		Tag: "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		CoursePath
		BoardPeriod
		Sort string `query:"sort" enum:"time,recent,runs" default:"time" doc:"time: the fastest first; recent: the latest achieved_at first; runs: the highest run_count first, then the fastest. rank is the rank by time in each; a cursor of another order is refused"`
		CursorPages
	}) (*body[MovingList[BoardRow]], error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		sort := ranking.Sort(in.Sort)
		after, err := afterOnBoard(in.Cursor, sort)
		if err != nil {
			return nil, err
		}
		of, err := in.board(ctx, cid)
		if err != nil {
			return nil, err
		}
		rows, total, err := s.app.Boards.Board(ctx, of, sort, in.stretch(), after)
		if err != nil {
			return nil, err
		}
		return &body[MovingList[BoardRow]]{movingListOf(rows, in.CursorPages, total, s.links.boardRowOf, boardCursor(sort))}, nil
	})
	register(s, web.Operation{
		ID: "get-my-ranking", Method: http.MethodGet, Path: "/courses/{id}/rankings/me", Summary: "My place, with those around it",
		Tag: "Courses", Access: web.Users, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		CoursePath
		BoardPeriod
		Around int `query:"around" minimum:"0" maximum:"50" default:"5"`
	}) (*body[MyPlace], error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		of, err := in.board(ctx, cid)
		if err != nil {
			return nil, err
		}
		p, err := s.app.Boards.Mine(ctx, of, in.Around)
		if err != nil {
			return nil, err
		}
		out := MyPlace{Neighbours: each(p.Neighbours, s.links.boardRowOf), TotalCount: p.Total}
		if p.Me != nil {
			me := s.links.boardRowOf(*p.Me)
			out.Me = &me
		}
		return &body[MyPlace]{out}, nil
	})
}
