package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	newid "github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

type recordRow struct {
	ID                    column.ID[id.RecordKind] `gorm:"column:id;primaryKey"`
	UserID                column.ID[id.UserKind]
	SessionID             column.ID[id.SessionKind]
	CourseID              column.ID[id.CourseKind]
	DuplicateOf           column.ID[id.RecordKind]
	MergedInto            column.ID[id.RecordKind]
	SplitFrom             column.ID[id.RecordKind]
	Version               int
	Edits                 column.JSON // NULL of a run as it was recorded
	EditedDigest          []byte      // NULL as well
	Activity              string
	Indoor                bool
	SkippedPoints         int
	Title                 string
	DistanceMeters        int
	DurationSeconds       int
	TotalElapsedSeconds   int
	AvgPaceSecondsPerKM   *int    `gorm:"column:avg_pace_seconds_per_km"`
	BestPaceSecondsPerKM  *int    `gorm:"column:best_pace_seconds_per_km"`
	AvgSpeedMS            float32 `gorm:"column:avg_speed_ms"`
	MaxSpeedMS            float32 `gorm:"column:max_speed_ms"`
	Calories              int
	ElevationGainMeters   int
	ElevationLossMeters   int
	RouteGeometry         column.Line
	ElevationProfile      column.JSON
	Splits                column.JSON
	Heart                 column.JSON // NULL without readings
	PauseIntervals        column.JSON
	FilterConfig          column.JSON
	ClientFilter          column.JSON
	ClientDiscrepancy     column.JSON
	Flags                 column.JSON
	TrackDigest           column.Digest
	LocalHour             int
	BestEfforts           column.JSON
	LocalDate             *string
	Processing            string
	CourseCompleted       *bool
	RouteMatchPercent     *float32
	MaxDeviationMeters    *float32
	CourseDurationSeconds *int
	RuleVersion           *string
	Verdict               column.JSON
	StartedAt             time.Time
	FinishedAt            time.Time
	CreatedAt             time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (recordRow) TableName() string { return "run_records" }

// What of a course's or a runner's records is counted, and what stands on boards, as
// run.Record.Counts and Ranks say.
const (
	counted = "processing = 'done' AND duplicate_of IS NULL AND merged_into IS NULL"
	ranked  = counted + " AND activity = 'run'"
)

// runSummaryRow is a record in a list with its runner.
type runSummaryRow struct {
	Record         recordRow `gorm:"embedded"` // gorm passes over embedded names in lower case
	RunnerNickname *string
	RunnerAvatarID column.ID[id.AvatarKind]
}

// runSummary selects what a runSummaryRow has.
const runSummary = `id, user_id, session_id, course_id, duplicate_of, edits, activity, indoor, title, distance_meters, duration_seconds, total_elapsed_seconds,
	avg_pace_seconds_per_km, best_pace_seconds_per_km, avg_speed_ms, max_speed_ms, calories, elevation_gain_meters,
	elevation_loss_meters, flags, processing, course_completed, route_match_percent, max_deviation_meters,
	course_duration_seconds, rule_version, started_at, finished_at, created_at,
	(SELECT nickname FROM users WHERE users.id = run_records.user_id) AS runner_nickname,
	(SELECT avatar_id FROM users WHERE users.id = run_records.user_id) AS runner_avatar_id`

func (r runSummaryRow) summary() (ports.RunSummary, error) {
	rec, err := r.Record.record()
	return ports.SummaryOf(rec, user.Person{ID: rec.UserID, Nickname: column.Value(r.RunnerNickname), AvatarID: r.RunnerAvatarID.ID}), err
}

func recordRowOf(r run.Record) (row recordRow, err error) {
	row = recordRow{
		ID: column.IDOf(r.ID), UserID: column.IDOf(r.UserID), SessionID: column.IDOf(r.SessionID), CourseID: column.IDOf(r.CourseID),
		DuplicateOf: column.IDOf(r.DuplicateOf), MergedInto: column.IDOf(r.MergedInto), SplitFrom: column.IDOf(r.SplitFrom), Version: r.Version, Activity: string(r.Activity), Indoor: r.Indoor, SkippedPoints: r.SkippedPoints, Title: r.Title, DistanceMeters: r.DistanceMeters, DurationSeconds: r.DurationSeconds,
		TotalElapsedSeconds: r.TotalElapsedSeconds, AvgPaceSecondsPerKM: r.AvgPaceSecondsPerKM,
		BestPaceSecondsPerKM: r.BestPaceSecondsPerKM, AvgSpeedMS: r.AvgSpeedMS, MaxSpeedMS: r.MaxSpeedMS,
		Calories: r.Calories, ElevationGainMeters: r.ElevationGainMeters, ElevationLossMeters: r.ElevationLossMeters,
		RouteGeometry: r.Route, ClientFilter: column.JSON(r.ClientFilter), TrackDigest: column.Digest(r.TrackDigest),
		LocalHour: r.LocalHour, LocalDate: column.Text(r.LocalDate), Processing: string(r.Processing),
		StartedAt: column.Stamp(r.StartedAt), FinishedAt: column.Stamp(r.FinishedAt), CreatedAt: column.Stamp(r.CreatedAt),
	}
	for _, c := range []struct {
		column *column.JSON
		value  any
	}{
		{&row.ElevationProfile, listOf(sampleJSONOf)(r.ElevationProfile)}, {&row.Splits, listOf(splitJSONOf)(r.Splits)},
		{&row.PauseIntervals, listOf(breakJSONOf)(r.Pauses)}, {&row.FilterConfig, filterJSONOf(r.Filter)},
		{&row.Flags, r.Flags}, {&row.BestEfforts, listOf(effortJSONOf)(r.BestEfforts)},
	} {
		if *c.column, err = column.Encode(c.value); err != nil {
			return row, err
		}
	}
	if row.Heart, err = heartColumn(r.Heart); err != nil {
		return row, err
	}
	if row.Edits, err = editsColumn(r.Edits); err != nil {
		return row, err
	}
	if r.EditedDigest != (run.Digest{}) {
		row.EditedDigest = r.EditedDigest[:]
	}
	if r.ClientDiscrepancy != nil {
		if row.ClientDiscrepancy, err = column.Encode(mapOf(discrepancyJSONOf)(r.ClientDiscrepancy)); err != nil {
			return row, err
		}
	}
	if res := r.Result; res != nil {
		row.CourseCompleted, row.RouteMatchPercent = &res.Completed, &res.RouteMatchPercent
		row.MaxDeviationMeters, row.CourseDurationSeconds = &res.MaxDeviationMeters, res.DurationSeconds
		row.RuleVersion = &res.RuleVersion
	}
	if r.Verdict != nil {
		row.Verdict, err = column.Encode(verdictJSONOf(*r.Verdict))
	}
	return row, err
}

func (r recordRow) record() (run.Record, error) {
	out := run.Record{
		ID: r.ID.ID, UserID: r.UserID.ID, SessionID: r.SessionID.ID, CourseID: r.CourseID.ID,
		DuplicateOf: r.DuplicateOf.ID, MergedInto: r.MergedInto.ID, SplitFrom: r.SplitFrom.ID, Version: r.Version, Activity: run.Activity(r.Activity), Title: r.Title, CreatedAt: r.CreatedAt.UTC(),
		Measures: run.Measures{
			Indoor: r.Indoor, SkippedPoints: r.SkippedPoints,
			DistanceMeters: r.DistanceMeters, DurationSeconds: r.DurationSeconds,
			TotalElapsedSeconds: r.TotalElapsedSeconds, AvgPaceSecondsPerKM: r.AvgPaceSecondsPerKM,
			BestPaceSecondsPerKM: r.BestPaceSecondsPerKM, AvgSpeedMS: r.AvgSpeedMS, MaxSpeedMS: r.MaxSpeedMS,
			Calories: r.Calories, ElevationGainMeters: r.ElevationGainMeters, ElevationLossMeters: r.ElevationLossMeters,
			Route: r.RouteGeometry, StartedAt: r.StartedAt.UTC(), FinishedAt: r.FinishedAt.UTC(),
			TrackDigest: run.Digest(r.TrackDigest),
		},
		Processing: run.Processing(r.Processing), LocalHour: r.LocalHour, LocalDate: column.Value(r.LocalDate),
	}
	err := errors.Join(
		decodeAs(r.ElevationProfile, listOf(sampleJSON.sample), &out.ElevationProfile), decodeAs(r.Splits, listOf(splitJSON.split), &out.Splits),
		decodeAs(r.PauseIntervals, listOf(breakJSON.rest), &out.Pauses), decodeAs(r.FilterConfig, filterJSON.filter, &out.Filter),
		decodeAs(r.Heart, heartJSON.heart, &out.Heart), decodeAs(r.Edits, editsJSON.edits, &out.Edits),
		r.Flags.Decode(&out.Flags), decodeAs(r.BestEfforts, listOf(effortJSON.effort), &out.BestEfforts),
		decodeAs(r.ClientDiscrepancy, mapOf(discrepancyJSON.discrepancy), &out.ClientDiscrepancy),
	)
	if err != nil {
		return out, err
	}
	copy(out.EditedDigest[:], r.EditedDigest)
	if out.ClientFilter, err = r.ClientFilter.Canonical(); err != nil {
		return out, err
	}
	if r.CourseCompleted != nil {
		out.Result = &run.CourseResult{
			Completed: *r.CourseCompleted, RouteMatchPercent: column.Value(r.RouteMatchPercent),
			MaxDeviationMeters: column.Value(r.MaxDeviationMeters), DurationSeconds: r.CourseDurationSeconds,
			RuleVersion: column.Value(r.RuleVersion),
		}
	}
	if r.Verdict != nil {
		out.Verdict = new(judge.Verdict)
		err = decodeAs(r.Verdict, verdictJSON.verdict, out.Verdict)
	}
	return out, err
}

// InsertRecord implements ports.Records.
func (r *repo) InsertRecord(ctx context.Context, rec run.Record) error {
	row, err := recordRowOf(rec)
	if err != nil {
		return err
	}
	return faultOf(r.db.WithContext(ctx).Create(&row).Error)
}

// Record implements ports.Records.
func (r *repo) Record(ctx context.Context, rid id.Record) (run.Record, error) {
	return r.record(r.db.WithContext(ctx), rid)
}

// LockRecord implements ports.Records.
func (r *repo) LockRecord(ctx context.Context, rid id.Record) (run.Record, error) {
	return r.record(r.dialect.lock(r.db.WithContext(ctx)), rid)
}

func (r *repo) record(db *gorm.DB, rid id.Record) (run.Record, error) {
	var row recordRow
	if err := db.Take(&row, "id = ?", column.IDOf(rid)).Error; err != nil {
		return run.Record{}, found(err, ports.ErrRunNotFound)
	}
	return row.record()
}

// RecordProcessing implements ports.Records.
func (r *repo) RecordProcessing(ctx context.Context, rid id.Record) (run.Processing, error) {
	var row recordRow
	err := r.db.WithContext(ctx).Select("processing").Take(&row, "id = ?", column.IDOf(rid)).Error
	return run.Processing(row.Processing), found(err, ports.ErrRunNotFound)
}

// SaveRecord implements ports.Records.
func (r *repo) SaveRecord(ctx context.Context, rec run.Record) error {
	row, err := recordRowOf(rec)
	if err != nil {
		return err
	}
	return faultOf(r.db.WithContext(ctx).Select("title", "processing", "duplicate_of", "course_id", "course_completed", "route_match_percent",
		"max_deviation_meters", "course_duration_seconds", "rule_version", "verdict").Updates(&row).Error)
}

// RewriteRecord implements ports.Records.
func (r *repo) RewriteRecord(ctx context.Context, rec run.Record) error {
	row, err := recordRowOf(rec)
	if err != nil {
		return err
	}
	return faultOf(r.db.WithContext(ctx).Select("*").Omit("id", "user_id", "session_id", "created_at").Updates(&row).Error)
}

// DeleteRecord implements ports.Records. Records and chunks go with their sessions.
func (r *repo) DeleteRecord(ctx context.Context, rid id.Record) error {
	return faultOf(r.db.WithContext(ctx).Exec(`WITH RECURSIVE gone (id, session_id) AS (
			SELECT id, session_id FROM run_records WHERE id = ?
			UNION SELECT r.id, r.session_id FROM run_records r JOIN gone ON r.merged_into = gone.id
		) DELETE FROM run_sessions WHERE id IN (SELECT session_id FROM gone)`, column.IDOf(rid)).Error)
}

// ListRecords implements ports.Records.
func (r *repo) ListRecords(ctx context.Context, q ports.RecordQuery) ([]ports.RunSummary, int, error) {
	matching := func() *gorm.DB {
		db := r.db.WithContext(ctx).Model(&recordRow{}).Where("user_id = ? AND merged_into IS NULL", column.IDOf(q.Owner))
		if !q.CourseID.IsZero() {
			db = db.Where("course_id = ?", column.IDOf(q.CourseID))
		}
		return db
	}
	var total int64
	if err := matching().Count(&total).Error; err != nil {
		return nil, 0, faultOf(err)
	}
	page := matching().Select(runSummary).Order("finished_at DESC, id DESC").Limit(q.Page.Limit)
	if q.After != nil {
		page = page.Where("(finished_at, id) < (?, ?)", column.Stamp(q.After.FinishedAt), column.IDOf(q.After.ID))
	} else {
		page = page.Offset(q.Page.Offset)
	}
	var rows []runSummaryRow
	err := page.Find(&rows).Error
	if err != nil {
		return nil, 0, faultOf(err)
	}
	out := make([]ports.RunSummary, len(rows))
	for i, row := range rows {
		if out[i], err = row.summary(); err != nil {
			return nil, 0, err
		}
	}
	return out, int(total), nil
}

// Overlapping implements ports.Records.
func (r *repo) Overlapping(ctx context.Context, owner id.User, from, to time.Time, limit int) ([]id.Record, error) {
	var keys []column.ID[id.RecordKind]
	err := r.db.WithContext(ctx).Raw(`SELECT id FROM run_records WHERE user_id = ? AND finished_at >= ? AND started_at <= ?
		AND NOT indoor AND duplicate_of IS NULL AND merged_into IS NULL ORDER BY finished_at, id LIMIT ?`,
		column.IDOf(owner), column.Stamp(from), column.Stamp(to), limit).Scan(&keys).Error
	return idsFrom(keys), faultOf(err)
}

// DuplicatesOf implements ports.Records.
func (r *repo) DuplicatesOf(ctx context.Context, rid id.Record) ([]id.Record, error) {
	var keys []column.ID[id.RecordKind]
	err := r.db.WithContext(ctx).Raw("SELECT id FROM run_records WHERE duplicate_of = ? ORDER BY created_at, id", column.IDOf(rid)).Scan(&keys).Error
	return idsFrom(keys), faultOf(err)
}

// PartsOf implements ports.Records.
func (r *repo) PartsOf(ctx context.Context, rid id.Record) ([]id.Record, error) {
	var keys []column.ID[id.RecordKind]
	err := r.db.WithContext(ctx).Raw("SELECT id FROM run_records WHERE merged_into = ? ORDER BY id", column.IDOf(rid)).Scan(&keys).Error
	return idsFrom(keys), faultOf(err)
}

// SplitOff implements ports.Records.
func (r *repo) SplitOff(ctx context.Context, rid id.Record) ([]id.Record, error) {
	var keys []column.ID[id.RecordKind]
	err := r.db.WithContext(ctx).Raw("SELECT id FROM run_records WHERE split_from = ? ORDER BY id", column.IDOf(rid)).Scan(&keys).Error
	return idsFrom(keys), faultOf(err)
}

// RunsOn implements ports.Records.
func (r *repo) RunsOn(ctx context.Context, cid id.Course, after id.Record, limit int) ([]id.Record, error) {
	var keys []column.ID[id.RecordKind]
	err := r.db.WithContext(ctx).Raw("SELECT id FROM run_records WHERE course_id = ? AND processing = 'done' AND id > ? ORDER BY id LIMIT ?",
		column.IDOf(cid), behind(after), limit).Scan(&keys).Error
	return idsFrom(keys), faultOf(err)
}

// CoursesWithRuns implements ports.Records.
func (r *repo) CoursesWithRuns(ctx context.Context, after id.Course, limit int) ([]id.Course, error) {
	var keys []column.ID[id.CourseKind]
	err := r.db.WithContext(ctx).Raw("SELECT DISTINCT course_id FROM run_records WHERE course_id > ? ORDER BY course_id LIMIT ?",
		behind(after), limit).Scan(&keys).Error
	return idsFrom(keys), faultOf(err)
}

// behind is an id to go on from; the nil UUID, which is before all others, for none.
func behind[K id.Kind](x id.ID[K]) string {
	if x.IsZero() {
		return newid.Nil.String()
	}
	return x.String()
}

func idsFrom[K id.Kind](keys []column.ID[K]) []id.ID[K] {
	out := make([]id.ID[K], len(keys))
	for i, k := range keys {
		out[i] = k.ID
	}
	return out
}

// TrackTaken implements ports.Records.
func (r *repo) TrackTaken(ctx context.Context, d run.Digest, except id.User) (bool, error) {
	var taken bool
	err := r.db.WithContext(ctx).Raw(
		`SELECT EXISTS (SELECT 1 FROM run_records WHERE track_digest = @digest AND user_id <> @except)
			OR EXISTS (SELECT 1 FROM run_records WHERE edited_digest = @digest AND user_id <> @except)`,
		sql.Named("digest", column.Digest(d)), sql.Named("except", column.IDOf(except))).Scan(&taken).Error
	return taken, faultOf(err)
}
