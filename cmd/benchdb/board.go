package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/runvs/runvs/adapters/gormstore"
	"github.com/runvs/runvs/cmd/runvs/seed"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// database is a store, and how its SQL counts and makes ids.
type database struct {
	name          string
	store         *gormstore.Store
	series, newID string

	courses *seed.Generator
	creator id.User
	stored  int // courses
}

type ids struct{}

// NewUUID implements id.Generator.
func (ids) NewUUID() [16]byte {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	return id.V7(time.Now().UnixMilli(), random)
}

// filled is a board that is long.
type filled struct {
	*database
	course  course.Course
	runners int
	me      id.User
}

// fill makes a course whose board has so many runners.
func (db *database) fill(ctx context.Context, runners int) (filled, error) {
	now := time.Now()
	b := filled{database: db, runners: runners}
	line, err := geo.NewLine([]geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.55, 127)})
	if err != nil {
		return b, err
	}
	name := fmt.Sprint("runner ", runners)
	me, _, err := db.store.FindOrCreateUser(ctx, user.SocialAccount{Provider: "dev", ProviderID: name},
		user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: now, UpdatedAt: now})
	if err != nil {
		return b, err
	}
	b.me = me.ID
	b.course, err = course.New(course.Input{
		ID: id.New[id.CourseKind](ids{}), CreatorID: b.me, Title: name, Route: line, IsPublic: true, Tags: []string{},
	}, now)
	if err != nil {
		return b, err
	}
	if err := db.store.InsertCourse(ctx, b.course); err != nil {
		return b, err
	}
	// Times spread over 20 to 80 minutes; users are shared by the boards.
	statements := []string{
		fmt.Sprintf("INSERT INTO users (id) SELECT %s FROM "+db.series, db.newID, runners),
		fmt.Sprintf(`INSERT INTO rankings (id, course_id, user_id, best_duration_seconds, best_pace_seconds_per_km, achieved_at)
			SELECT %s, '%s', id, 1200 + abs(n * 7919) %% 3600, 300, '2026-05-01 06:00:00+00:00'
			FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users WHERE id <> '%s' LIMIT %d) AS u`, db.newID, b.course.ID, b.me, runners),
	}
	if db.store.Pool() != nil { // what its autovacuum does sooner or later
		statements = append(statements, "VACUUM ANALYZE")
	}
	for _, statement := range statements {
		if _, err := db.store.SQL().ExecContext(ctx, statement); err != nil {
			return b, err
		}
	}
	return b, b.finish(ctx, 0)
}

// finish is what a run does to a board.
func (b filled) finish(ctx context.Context, i int) error {
	return b.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		row := ranking.Row{
			CourseID: b.course.ID, UserID: b.me, Period: ranking.AllTime, RunCount: i + 1,
			BestDurationSeconds: 1500 + i%1000, BestPaceSecondsPerKM: 300, AchievedAt: time.Now(),
		}
		if err := tx.PutRanking(ctx, row, time.Now()); err != nil {
			return err
		}
		return tx.CacheRanks(ctx, b.course.ID)
	})
}

// rerank is what a run did to a board in the founding design. Our triggers do
// not count in it.
func (b filled) rerank(ctx context.Context, _ int) (err error) {
	tx, err := b.store.SQL().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if b.store.Pool() != nil {
		if _, err := tx.ExecContext(ctx, "SET LOCAL session_replication_role = replica"); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf(`UPDATE rankings SET rank = r.place FROM (
		SELECT id, rank() OVER (ORDER BY best_duration_seconds) AS place FROM rankings WHERE course_id = '%s') AS r
		WHERE rankings.id = r.id`, b.course.ID))
	return err
}

// work is something that is done, here and in the founding design; nil where that
// had nothing of the kind.
type work struct {
	name           string
	ours, founding func(ctx context.Context, i int) error
}

func (b filled) works() []work {
	board := ports.BoardQuery{CourseID: b.course.ID, Period: ranking.AllTime}
	query := func(statement string) func(context.Context, int) error {
		return func(ctx context.Context, _ int) error { return b.read(ctx, statement) }
	}
	const columns = "SELECT r.*, u.nickname, u.avatar_id, rank() OVER (ORDER BY r.best_duration_seconds) FROM rankings r JOIN users u ON u.id = r.user_id"
	return []work{
		{"finish a run on the board", b.finish, b.rerank},
		{"the first page of 20", func(ctx context.Context, _ int) error {
			board.Page = ports.Page{Limit: 20}
			_, _, err := b.store.Board(ctx, board)
			return err
		}, query(fmt.Sprintf("%s WHERE r.course_id = '%s' ORDER BY r.best_duration_seconds LIMIT 20", columns, b.course.ID))},
		{"a page in the middle", func(ctx context.Context, i int) error {
			board.Page = ports.Page{Limit: 20, Offset: b.runners/2 + i}
			_, _, err := b.store.Board(ctx, board)
			return err
		}, query(fmt.Sprintf("%s WHERE r.course_id = '%s' ORDER BY r.best_duration_seconds LIMIT 20 OFFSET %d", columns, b.course.ID, b.runners/2))},
		{"my rank, with 5 around me", func(ctx context.Context, _ int) error {
			_, _, err := b.store.BoardAround(ctx, b.course.ID, ranking.AllTime, b.me, 5)
			return err
		}, query(fmt.Sprintf("SELECT count(*) FROM rankings WHERE course_id = '%s' AND best_duration_seconds < (SELECT best_duration_seconds FROM rankings WHERE course_id = '%s' AND user_id = '%s')",
			b.course.ID, b.course.ID, b.me))},
	}
}
