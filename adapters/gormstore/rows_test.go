package gormstore

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	gormschema "gorm.io/gorm/schema"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// storedRow is a row as a release wrote it. Its JSON stands in
// testdata/rows/<table>.<column>.json: line i of each of a table's files is of row
// i. NULL is SQL's. A line is never changed: programs of the past wrote it, and
// nobody writes their rows anew. A new form is a new line.
type storedRow struct {
	name  string
	key   string                                  // the column that finds it
	write func(t *testing.T, s *Store) (k string) // stores what the row means
	read  func(t *testing.T, s *Store, k string)  // checks what the store makes of it
	older bool                                    // nobody writes this form any more
}

// TestRowsOfTheReleaseBefore reads every JSON that a release before has stored, and
// finds that what it means is written the same, to the byte.
func TestRowsOfTheReleaseBefore(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		for table, rows := range storedRows() {
			columns := jsonFixtures(t, table, len(rows))
			for i, row := range rows {
				t.Run(table+"/"+row.name, func(t *testing.T) {
					k := row.write(t, s)
					for column, lines := range columns {
						if !row.older {
							wantStored(t, s, table, column, row.key, k, lines[i])
						}
					}
					for column, lines := range columns {
						putStored(t, s, table, column, row.key, k, lines[i])
					}
					row.read(t, s, k)
				})
			}
		}
	})
}

// jsonFixtures returns the lines of a table's files by column.
func jsonFixtures(t *testing.T, table string, rows int) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "rows", table+".*.json"))
	must(t, err)
	columns := map[string][]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(t, err)
		column := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), table+"."), ".json")
		columns[column] = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		if len(columns[column]) != rows {
			t.Fatalf("%s has %d lines, one for each of %d rows is needed", file, len(columns[column]), rows)
		}
	}
	return columns
}

// wantStored checks a JSON column: the bytes on SQLite; PostgreSQL writes JSONB in
// a form of its own.
func wantStored(t *testing.T, s *Store, table, column, keyColumn, k, want string) {
	t.Helper()
	query := fmt.Sprintf("SELECT coalesce(%s, 'NULL') FROM %s WHERE %s = ?", column, table, keyColumn)
	if !onSQLite(s) {
		query = fmt.Sprintf("SELECT coalesce(to_jsonb(%s)::text, 'NULL') FROM %s WHERE %s = ?", column, table, keyColumn)
		if want != "NULL" {
			must(t, s.db.Raw("SELECT ?::jsonb::text", want).Scan(&want).Error)
		}
	}
	var got string
	must(t, s.db.Raw(query, k).Scan(&got).Error)
	if got != want {
		t.Errorf("%s.%s is written\n%s, the release before wrote\n%s", table, column, got, want)
	}
}

// putStored puts a release's JSON into a column.
func putStored(t *testing.T, s *Store, table, column, keyColumn, k, line string) {
	t.Helper()
	var value any = line
	if line == "NULL" {
		value = nil
	}
	place := "?"
	if column == "tags" && !onSQLite(s) {
		place = "ARRAY(SELECT jsonb_array_elements_text(?::jsonb))"
	}
	res := s.db.Exec(fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s = ?", table, column, place, keyColumn), value, k)
	if must(t, res.Error); res.RowsAffected != 1 {
		t.Fatalf("%d rows of %s with the key %s", res.RowsAffected, table, k)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v, wanted\n%+v", got, want)
	}
}

func storedRows() map[string][]storedRow {
	return map[string][]storedRow{
		"run_records": {
			older(recordAs("of the second filter", secondRecord)), recordAs("with empty lists", emptyRecord), recordAs("with nothing", nullRecord),
			older(recordAs("of the first filter", firstRecord)), recordAs("whole", wholeRecord),
		},
		"courses": {
			courseAs("whole", func(c *course.Course) {
				c.ElevationProfile = []run.ProfileSample{{DistanceMeters: 12.5, AltitudeMeters: -3.1}, {DistanceMeters: 40, AltitudeMeters: 2}}
				c.Tags = []string{"flat", `a"b`, "한강 <&>"}
			}),
			courseAs("with empty lists", func(c *course.Course) { c.ElevationProfile, c.Tags = []run.ProfileSample{}, []string{} }),
			courseAs("with nothing", func(c *course.Course) { c.ElevationProfile = nil }),
			older(courseAs("without a profile", func(c *course.Course) { c.ElevationProfile = nil })),
		},
		"course_shapes": {
			shapeAs("whole", []judge.Section{{FromMeters: 10.5, ToMeters: 42}, {FromMeters: 100, ToMeters: 130.25}}),
			shapeAs("straight", []judge.Section{}), shapeAs("with nothing", nil),
		},
		"course_stats": {statsAs("whole", map[int]int{0: 1, 6: 12, 23: 3}), statsAs("with no runs", nil)},
		"run_sessions": {
			sessionAs("whole", `{"model":"P","os":[1,null,{"a":1500}]}`, run.Source{}), sessionAs("with nothing", "", run.Source{}), sessionAs("of a file", "", wholeSource()),
		},
		"run_chunks": {chunkAs("whole", wholeChunk()), chunkAs("with nothing", bareChunk()), older(chunkAs("with null readings", bareChunk()))},
	}
}

func older(r storedRow) storedRow {
	r.older = true
	return r
}

func recordAs(name string, change func(*run.Record)) storedRow {
	var want run.Record
	return storedRow{
		name: name, key: "id",
		write: func(t *testing.T, s *Store) string {
			owner := newUser(t, s)
			want = newRecord(t, s, owner, newCourse(t, s, owner, seoul()).ID, change)
			return want.ID.String()
		},
		read: func(t *testing.T, s *Store, _ string) {
			got, err := s.Record(t.Context(), want.ID)
			must(t, err)
			equal(t, got, want)
		},
	}
}

// wholeRecord has something in each field, and no number twice in a struct.
func wholeRecord(r *run.Record) {
	seconds, pace, best, rate, top, steps, graded := 1234, 301, 287, 151, 171, 172, 290.5
	start, finish := noon.Add(1500*time.Millisecond), noon.Add(1235*time.Second)
	r.Title, r.LocalDate, r.AvgPaceSecondsPerKM, r.BestPaceSecondsPerKM, r.ElevationGainMeters, r.ElevationLossMeters = "아침", "2026-05-01", &pace, &best, 3, 4
	r.ElevationProfile = []run.ProfileSample{{DistanceMeters: 12.5, AltitudeMeters: -3.1}, {DistanceMeters: 40, AltitudeMeters: 2}}
	r.Splits = []run.Split{
		{
			Index: 1, DistanceMeters: 1000, DurationSeconds: 301.25, PaceSecondsPerKM: 301.3, ElevationGainMeters: 4.5, ElevationLossMeters: 2.5,
			AvgHeartRate: &rate, AvgCadence: &steps, GradeAdjustedPaceSecondsPerKM: &graded,
		},
		{Index: 2, DistanceMeters: 234.5, DurationSeconds: 71.125, PaceSecondsPerKM: 303.3, ElevationGainMeters: 0.5, ElevationLossMeters: 1e-7},
	}
	r.Pauses = []run.Break{{StartedAt: noon, EndedAt: start, Kind: run.Declared, DistanceMeters: 12.5}, {StartedAt: start, EndedAt: finish, Kind: run.Gap}}
	r.Filter = run.FilterConfig{
		Version: "filter-2", MaxAccuracyMeters: 50, MaxSpeedMS: 12.5, JumpToleranceMeters: 5, MaxSpikeSeconds: 30.5,
		StandingBlockSeconds: 10, StandingRadiusMeters: 6, StandingMinBlocks: 3, GapSeconds: 31, GapSpeedMS: 1,
	}
	r.BestEfforts = []run.Effort{{DistanceMeters: 1000, DurationSeconds: 287.125}, {DistanceMeters: 21097.5, DurationSeconds: 7000}}
	r.ClientFilter = []byte(`{"a":[1,"x",null],"한강":{"<":1.5}}`)
	r.ClientDiscrepancy = map[string]run.Discrepancy{"distance_meters": {Claimed: 1, Computed: 2.5}, "duration_seconds": {Claimed: 3, Computed: 4}}
	r.Flags = []string{run.FlagGaps, run.FlagLeaps}
	r.Heart = run.Heart{AvgHeartRate: &rate, MaxHeartRate: &top, AvgCadence: &steps, ZoneSeconds: []int{11, 12, 13, 14, 15}}
	r.Version, r.EditedDigest = 3, run.Digest{7}
	r.Edits = run.Edits{
		Takes: []run.Take{{SessionID: aSession, From: start}, {SessionID: aSession, To: finish}}, SplitAt: start,
		Held: &run.Held{Seconds: 1200, Reasons: []judge.Reason{judge.Shortcut}},
	}
	r.Judged(judge.Verdict{
		Status: judge.Completed, Reasons: []judge.Reason{judge.OffCourse, judge.Shortcut}, RuleVersion: "aligned-2", RouteMatchPercent: 99.5, MaxDeviationMeters: 31.25,
		JudgedPoints: 400, DeviationPoints: 2, WarningPoints: 5, CurveSectionCount: 7, CoveragePercent: 98.75,
		Missed:    []judge.Missed{{FromMeters: 10.5, ToMeters: 42, Why: "shortcut"}, {FromMeters: 50, ToMeters: 60, Why: "not_reached"}},
		Direction: "forwards", Laps: 3,
		Efforts:     []judge.Effort{{StartedAt: start, FinishedAt: finish, DurationSeconds: 1233.5, CoveragePercent: 98.5}},
		StartGateAt: &start, FinishGateAt: &finish, CourseDurationSeconds: &seconds, TimingUncertaintySeconds: 1.25,
		Worst: &judge.Worst{Lat: 37.5125, Lng: -127.25, ProgressMeters: 123.5, DeviationMeters: 31.5},
	})
}

// aSession is one that a take is of.
var aSession = func() id.Session {
	sid, err := id.Parse[id.SessionKind]("0199b0a2-0000-7000-8000-000000000001")
	if err != nil {
		panic(err)
	}
	return sid
}()

// secondRecord is whole as filter-2 wrote it: why there was a pause, no heart, and no
// edits.
func secondRecord(r *run.Record) {
	wholeRecord(r)
	r.Heart, r.Edits, r.Version, r.EditedDigest = run.Heart{}, run.Edits{}, 0, run.Digest{}
	for i := range r.Pauses {
		r.Pauses[i].DistanceMeters = 0
	}
	for i := range r.Splits {
		r.Splits[i].AvgHeartRate, r.Splits[i].AvgCadence, r.Splits[i].GradeAdjustedPaceSecondsPerKM = nil, nil, nil
	}
}

func emptyRecord(r *run.Record) {
	wholeRecord(r)
	r.ElevationProfile, r.Splits, r.Pauses, r.BestEfforts, r.Flags = []run.ProfileSample{}, []run.Split{}, []run.Break{}, []run.Effort{}, []string{}
	r.Edits = run.Edits{SplitAt: noon.Add(1500 * time.Millisecond)}
	r.Heart, r.ClientFilter, r.ClientDiscrepancy = run.Heart{}, []byte(`{}`), map[string]run.Discrepancy{}
	r.Judged(judge.Verdict{Status: judge.NotCompleted, Reasons: []judge.Reason{}, RuleVersion: "aligned-2", Missed: []judge.Missed{}, Efforts: []judge.Effort{}, Direction: "mixed"})
}

// nullRecord has null where a list was never made.
func nullRecord(r *run.Record) {
	r.ElevationProfile, r.Splits, r.Pauses, r.BestEfforts, r.Flags, r.Filter = nil, nil, nil, nil, nil, run.FilterConfig{}
	r.ClientDiscrepancy, r.Heart = nil, run.Heart{}
}

// firstRecord is of before best efforts, with a filter whose constants were others,
// and a verdict whose lists are null.
func firstRecord(r *run.Record) {
	nullRecord(r)
	r.Splits = []run.Split{{Index: 1, DistanceMeters: 1000}}
	r.Filter = run.FilterConfig{Version: "filter-1", MaxAccuracyMeters: 50, MaxSpeedMS: 12.5, StandingBlockSeconds: 10, GapSeconds: 30, GapSpeedMS: 1}
	r.Judged(judge.Verdict{Status: judge.NotCompleted, RuleVersion: "founding-1", JudgedPoints: 12})
}

func courseAs(name string, change func(*course.Course)) storedRow {
	var want course.Course
	return storedRow{
		name: name, key: "id",
		write: func(t *testing.T, s *Store) string {
			want = newCourse(t, s, newUser(t, s), seoul(), change)
			return want.ID.String()
		},
		read: func(t *testing.T, s *Store, _ string) {
			got, err := s.Course(t.Context(), want.ID)
			must(t, err)
			equal(t, got, want)
		},
	}
}

func shapeAs(name string, sections []judge.Section) storedRow {
	var want ports.CourseShape
	return storedRow{
		name: name, key: "course_id",
		write: func(t *testing.T, s *Store) string {
			want = ports.CourseShape{CourseID: newCourse(t, s, newUser(t, s), seoul()).ID, RuleVersion: "r", Sections: sections, Corridor: ports.CorridorDrawn}
			must(t, s.PutCourseShape(t.Context(), want, noon))
			return want.CourseID.String()
		},
		read: func(t *testing.T, s *Store, _ string) {
			got, err := s.CourseShape(t.Context(), want.CourseID)
			must(t, err)
			equal(t, got, want)
		},
	}
}

func statsAs(name string, hours map[int]int) storedRow {
	var want stats.Course
	return storedRow{
		name: name, key: "course_id",
		write: func(t *testing.T, s *Store) string {
			want = stats.Course{CourseID: newCourse(t, s, newUser(t, s), seoul()).ID, UpdatedAt: noon}
			for hour, runs := range hours {
				want.RunsByHour[hour] = runs
			}
			must(t, s.PutCourseStats(t.Context(), want))
			return want.CourseID.String()
		},
		read: func(t *testing.T, s *Store, _ string) {
			got, err := s.CourseStats(t.Context(), want.CourseID)
			must(t, err)
			equal(t, got, want)
		},
	}
}

// wholeSource has something in each field.
func wholeSource() run.Source {
	rate, top, steps := 151, 171, 172
	return run.Source{TimerSeconds: 590.5, SkippedPoints: 3, Damaged: true, ClockUnset: true, Indoor: &run.Indoor{
		DistanceMeters: 1661.5, ElapsedSeconds: 615.25,
		Heart: run.Heart{AvgHeartRate: &rate, MaxHeartRate: &top, AvgCadence: &steps, ZoneSeconds: []int{11, 12, 13, 14, 15}},
	}}
}

func sessionAs(name string, device string, source run.Source) storedRow {
	var want run.Session
	return storedRow{
		name: name, key: "id",
		write: func(t *testing.T, s *Store) string {
			in := run.NewSessionInput{ID: column.NewID[id.SessionKind]().ID, UserID: newUser(t, s), StartedAt: noon, Source: source}
			if device != "" {
				in.DeviceInfo = []byte(device)
			}
			var err error
			want, err = run.NewSession(in, noon)
			must(t, err)
			_, _, err = s.InsertSession(t.Context(), want)
			must(t, err)
			return want.ID().String()
		},
		read: func(t *testing.T, s *Store, _ string) {
			got, err := s.Session(t.Context(), want.ID())
			must(t, err)
			equal(t, string(got.Snapshot().DeviceInfo), device)
			equal(t, got.Source(), source)
		},
	}
}

func chunkAs(name string, in run.ChunkInput) storedRow {
	var sid id.Session
	return storedRow{
		name: name, key: "session_id",
		write: func(t *testing.T, s *Store) string {
			owner := newUser(t, s)
			sid = newSession(t, s, owner, id.Course{}).ID()
			c, err := run.NewChunk(in)
			must(t, err)
			_, _, err = s.AppendChunk(t.Context(), sid, c, accept(c, owner, noon.Add(time.Hour)))
			must(t, err)
			return sid.String()
		},
		read: func(t *testing.T, s *Store, _ string) {
			chunks, err := s.Chunks(t.Context(), sid)
			must(t, err)
			equal(t, len(chunks), 1)
			got := chunks[0]
			// By fmt, for a value that a phone did not give is NaN.
			equal(t, fmt.Sprintf("%+v", got.Fixes()), fmt.Sprintf("%+v", in.Fixes))
			equal(t, fmt.Sprintf("%+v", got.Filtered()), fmt.Sprintf("%+v", in.Filtered))
			equal(t, got.Summary(), in.Summary)
			equal(t, got.Cumulative(), in.Cumulative)
			equal(t, got.CompletedSplits(), in.CompletedSplits)
			equal(t, got.Pauses(), in.Pauses)
		},
	}
}

func wholeChunk() run.ChunkInput {
	fix := run.Fix{
		Point: geo.MustPoint(37.5125, -127.25), Timestamp: noon.UnixMilli() + 1, Altitude: 20.5, Accuracy: 4, Speed: 3.125, Heading: 359.5, HeartRate: 151, Cadence: 178,
	}
	return run.ChunkInput{
		Type: run.Final, Fixes: []run.Fix{fix, bareFix()}, Filtered: []run.Fix{fix},
		Summary:         run.Claim{DistanceMeters: 180.5, DurationSeconds: 60, Document: []byte(`{"distance_meters":180.5,"duration_seconds":60,"mood":"<좋음>"}`)},
		Cumulative:      run.Claim{DistanceMeters: 360, DurationSeconds: 120.25, Document: []byte(`{"distance_meters":360,"duration_seconds":120.25}`)},
		CompletedSplits: []byte(`[{"distance_meters":1000,"n":1},{}]`),
		Pauses:          []run.Pause{{StartedAt: noon, EndedAt: noon.Add(1500 * time.Millisecond)}, {StartedAt: noon.Add(time.Minute), EndedAt: noon.Add(time.Hour)}},
	}
}

func bareChunk() run.ChunkInput {
	return run.ChunkInput{Type: run.Intermediate, Fixes: []run.Fix{bareFix()}}
}

func bareFix() run.Fix {
	return run.Fix{
		Point: geo.MustPoint(0, 0), Timestamp: noon.UnixMilli(),
		Altitude: run.Absent, Accuracy: run.Absent, Speed: run.Absent, Heading: run.Absent, HeartRate: run.Absent, Cadence: run.Absent,
	}
}

// TestEveryStoredFieldHasAFixture: what the whole examples leave out, no fixture
// would miss.
func TestEveryStoredFieldHasAFixture(t *testing.T) {
	var r run.Record
	wholeRecord(&r)
	for what, v := range map[string]any{
		"verdict": *r.Verdict, "profile": r.ElevationProfile[0], "splits": r.Splits[0], "pauses": r.Pauses[0], "filter": r.Filter,
		"efforts": r.BestEfforts[0], "discrepancy": r.ClientDiscrepancy["distance_meters"], "section": judge.Section{FromMeters: 1, ToMeters: 2},
		"chunk": wholeChunk(),
	} {
		for _, field := range unset(reflect.ValueOf(v), what) {
			if field != "chunk.Sequence" { // a column of its own
				t.Errorf("%s is in no fixture: add a line to testdata/rows", field)
			}
		}
	}
}

// unset returns the fields that are zero.
func unset(v reflect.Value, name string) (fields []string) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return unset(v.Elem(), name)
	case v.Kind() == reflect.Slice && v.Len() > 0:
		return unset(v.Index(0), name+"[0]")
	case v.Kind() == reflect.Struct && v.NumField() > 0 && v.Type().Field(0).IsExported():
		for i := range v.NumField() {
			fields = append(fields, unset(v.Field(i), name+"."+v.Type().Field(i).Name)...)
		}
		return fields
	case v.IsZero():
		return []string{name}
	}
	return nil
}

// TestEveryJSONColumnHasAFixture finds the columns that hold JSON: those that are
// mapped so, which TestWhatGORMMapsIsWhatTheMigrationsMake compares with both
// schemas, and the JSONB and lists of PostgreSQL, which says what a text is.
func TestEveryJSONColumnHasAFixture(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "rows", "*.json"))
	must(t, err)
	have := map[string]bool{}
	for _, file := range files {
		have[strings.TrimSuffix(filepath.Base(file), ".json")] = true
	}
	check := func(t *testing.T, columns map[string]bool) {
		for column := range columns {
			if !have[column] {
				t.Errorf("%s holds JSON: testdata/rows/%s.json is missing", column, column)
			}
		}
		for column := range have {
			if !columns[column] {
				t.Errorf("testdata/rows/%s.json is of no column that holds JSON", column)
			}
		}
	}
	t.Run("mapped", func(t *testing.T) {
		columns := map[string]bool{}
		for _, model := range models {
			s, err := gormschema.Parse(model, &sync.Map{}, gormschema.NamingStrategy{})
			must(t, err)
			for _, f := range s.Fields {
				if f.FieldType == reflect.TypeFor[column.JSON]() || f.FieldType == reflect.TypeFor[column.Tags]() {
					columns[s.Table+"."+f.DBName] = true
				}
			}
		}
		check(t, columns)
	})
	t.Run("PostGIS", func(t *testing.T) {
		m, err := migrate.NewPostgres(migrated.Copy(t))
		must(t, err)
		t.Cleanup(func() { must(t, m.Close()) })
		made, err := m.Facts(t.Context())
		must(t, err)
		columns := map[string]bool{}
		for what, definition := range made {
			column, isColumn := strings.CutPrefix(what, "column ")
			if isColumn && (strings.HasPrefix(definition, "json") || strings.Contains(definition, "[]")) {
				columns[column] = true
			}
		}
		check(t, columns)
	})
}
