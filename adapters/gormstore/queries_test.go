package gormstore

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// statements notes every statement that GORM sends.
type statements struct {
	mu  sync.Mutex
	all []sent
}

// sent is a statement with its arguments.
type sent struct {
	sql  string
	args []any
}

func listen(t *testing.T, s *Store) *statements {
	t.Helper()
	var l statements
	note := func(db *gorm.DB) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, sent{db.Statement.SQL.String(), slices.Clone(db.Statement.Vars)})
	}
	must(t, s.db.Callback().Query().After("gorm:query").Register("test", note))
	must(t, s.db.Callback().Row().After("gorm:row").Register("test", note))
	must(t, s.db.Callback().Raw().After("gorm:raw").Register("test", note))
	return &l
}

func (l *statements) during(do func()) []sent {
	l.mu.Lock()
	l.all = nil
	l.mu.Unlock()
	do()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// heavy are the columns that a list must not read.
var heavy = regexp.MustCompile(`\*|route_geometry|elevation_profile|splits|pause_intervals|verdict|filter_config|raw_gps_points|filtered_points|chunk_summary|cumulative`)

func TestListsReadNoHeavyColumnsAndAskOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		var last course.Course
		for range 5 {
			last = newCourse(t, s, owner, seoul())
			rec := newRecord(t, s, owner, last.ID)
			other := newUser(t, s)
			must(t, s.PutRanking(t.Context(), ranking.Row{CourseID: last.ID, Period: ranking.AllTime, UserID: other, BestDurationSeconds: 9, AchievedAt: noon}, noon))
			c := newChunk(t, 0, run.Final, 5, 0)
			session := newSession(t, s, owner, id.Course{})
			_, _, err := s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, noon.Add(time.Hour)))
			must(t, err)
			_ = rec
		}
		l := listen(t, s)
		page := ports.Page{Limit: 50}
		box, err := geo.NewBounds(geo.MustPoint(30, 120), geo.MustPoint(40, 130))
		must(t, err)
		lists := map[string]struct {
			statements int
			list       func(ctx context.Context) (int, error)
		}{
			"sessions": {3, func(ctx context.Context) (int, error) {
				found, _, err := s.ListSessions(ctx, owner, "", page)
				return len(found), err
			}},
			"records": {2, func(ctx context.Context) (int, error) {
				found, _, err := s.ListRecords(ctx, ports.RecordQuery{Owner: owner, Page: page})
				return len(found), err
			}},
			"courses": {3, func(ctx context.Context) (int, error) {
				found, _, err := s.ListCourses(ctx, ports.CourseQuery{Tag: "", TitleContains: "run", Sort: ports.PopularFirst}, page, nil)
				return len(found), err
			}},
			"nearby": {12, func(ctx context.Context) (int, error) {
				found, err := s.NearbyCourses(ctx, ports.NearbyQuery{Center: seoul()[0], RadiusMeters: 3000, Limit: 5})
				return len(found), err
			}},
			"bounds": {4, func(ctx context.Context) (int, error) {
				found, _, err := s.CoursesInBounds(ctx, ports.BoundsQuery{Bounds: box, Limit: 50})
				return len(found), err
			}},
			"board": {2, func(ctx context.Context) (int, error) {
				found, _, err := s.Board(ctx, ports.BoardQuery{CourseID: last.ID, Period: ranking.AllTime, Page: page})
				return len(found), err
			}},
			"processing": {1, func(ctx context.Context) (int, error) {
				_, err := s.RecordProcessing(ctx, column.NewID[id.RecordKind]().ID)
				if err == nil {
					t.Error("no such record, and no error")
				}
				return 1, nil
			}},
		}
		for name, c := range lists {
			var found int
			sent := l.during(func() {
				var err error
				found, err = c.list(t.Context())
				must(t, err)
			})
			if found == 0 {
				t.Errorf("%s: nothing was found", name)
			}
			if len(sent) > c.statements {
				t.Errorf("%s: %d statements for one list: %q", name, len(sent), sent)
			}
			for _, s := range sent {
				statement := s.sql
				selected, _, _ := strings.Cut(strings.ReplaceAll(statement, "count(*)", "count"), "FROM")
				if name == "board" {
					selected = strings.ReplaceAll(selected, "rankings.*", "") // has none
				}
				if m := heavy.FindString(selected); m != "" && name != "sessions" {
					t.Errorf("%s: reads %s: %s", name, m, statement)
				}
				if strings.Contains(statement, "run_chunks") && heavy.MatchString(selected) {
					t.Errorf("%s: reads the chunks' points: %s", name, statement)
				}
			}
		}
	})
}

func TestARecordComesBackAsItWas(t *testing.T) {
	seconds := 1234
	at := noon.Add(1500 * time.Millisecond)
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		c := newCourse(t, s, owner, seoul())
		want := newRecord(t, s, owner, c.ID, func(r *run.Record) {
			r.Title = "아침 🏃"
			r.Flags = []string{run.FlagGaps}
			r.ClientFilter = []byte(`{"a":[1,"x"]}`)
			r.ClientDiscrepancy = map[string]run.Discrepancy{"distance_meters": {Claimed: 1, Computed: 2}}
			r.Pauses = []run.Break{{StartedAt: noon, EndedAt: at, Kind: run.Declared, DistanceMeters: 12.5}}
		})
		got, err := s.Record(t.Context(), want.ID)
		must(t, err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v, wanted\n%+v", got, want)
		}
		want.Judged(judge.Verdict{
			Status: judge.Completed, Reasons: []judge.Reason{}, RuleVersion: "founding-1", RouteMatchPercent: 99.5,
			Missed: []judge.Missed{}, Efforts: []judge.Effort{}, StartGateAt: &at, CourseDurationSeconds: &seconds,
			Worst: &judge.Worst{Lat: 1, Lng: 2, DeviationMeters: 3.25},
		})
		want.Processing = run.ProcessingDone
		must(t, s.SaveRecord(t.Context(), want))
		if got, err = s.LockRecord(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("judged: %v, got\n%+v, wanted\n%+v", err, got, want)
		}
		must(t, s.DeleteCourse(t.Context(), c.ID))
		if got, err = s.Record(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want.Detached()) {
			t.Errorf("after its course went: %v, got\n%+v, wanted\n%+v", err, got, want.Detached())
		}
		must(t, s.DeleteRecord(t.Context(), want.ID))
		if _, err := s.Session(t.Context(), want.SessionID); !errors.Is(err, run.ErrSessionNotFound) {
			t.Errorf("the session of a deleted record: %v", err)
		}
	})
}

func TestACourseComesBackAsItWas(t *testing.T) {
	seconds := 600
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		for _, tags := range [][]string{{}, {"park"}, {`a"b`, `c\d`, "e,f", "{g}", "NULL", "한강 'x", " "}} {
			want := newCourse(t, s, owner, seoul(), func(c *course.Course) {
				c.Description, c.Tags, c.EstimatedDurationSeconds = "two\nlines", tags, &seconds
				c.ElevationProfile = []run.ProfileSample{{DistanceMeters: 1.5, AltitudeMeters: -3}}
				c.ElevationGainMeters = 7
			})
			got, err := s.Course(t.Context(), want.ID)
			must(t, err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%+v, wanted\n%+v", got, want)
			}
			for _, tag := range tags {
				found, n, err := s.ListCourses(t.Context(), ports.CourseQuery{Tag: tag}, ports.Page{Limit: 5}, nil)
				if err != nil || n != 1 || len(found) != 1 || !reflect.DeepEqual(found[0].Tags, tags) {
					t.Errorf("by the tag %q: %v, %v", tag, found, err)
				}
			}
		}
	})
}

func TestATitleIsFoundByAnyPartInAnyCase(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		for _, title := range []string{"Äußere Runde", "100%_sure", "한강 Run"} {
			newCourse(t, s, owner, seoul(), func(c *course.Course) { c.Title = title })
		}
		for text, want := range map[string]int{"äUSS": 0, "äuß": 1, "RUN": 2, "%": 1, "_": 1, "강": 1, "'": 0, `\`: 0, "": 3} {
			if _, n, err := s.ListCourses(t.Context(), ports.CourseQuery{TitleContains: text}, ports.Page{Limit: 5}, nil); err != nil || n != want {
				t.Errorf("%q: %d courses, wanted %d, %v", text, n, want, err)
			}
		}
	})
}

func TestFirstLoginsAtOnceMakeOneUser(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		account := user.SocialAccount{Provider: "kakao", ProviderID: "9007199254740993", Email: "a@b.c"}
		var wg sync.WaitGroup
		made, same := make(chan id.User, 50), make(chan id.User, 50)
		for range 50 {
			wg.Go(func() {
				// The same nickname, too: it is one person.
				u, created, err := s.FindOrCreateUser(t.Context(), account, user.User{
					ID: column.NewID[id.UserKind]().ID, Nickname: user.RestoreNickname("민수", "민수"), CreatedAt: noon, UpdatedAt: noon,
				})
				if err != nil {
					t.Error(err)
				}
				if created {
					made <- u.ID
				}
				same <- u.ID
			})
		}
		wg.Wait()
		if len(made) != 1 {
			t.Fatalf("%d users were made", len(made))
		}
		want := <-made
		for range len(same) {
			if got := <-same; got != want {
				t.Errorf("one got the user %s, the others %s", got, want)
			}
		}
		var users, accounts int
		must(t, s.sql.QueryRow("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM social_accounts)").Scan(&users, &accounts))
		if users != 1 || accounts != 1 {
			t.Errorf("%d users and %d accounts are there", users, accounts)
		}
	})
}

func TestANicknameIsTakenInEveryCase(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		make := func(provider, nickname string) error {
			_, _, err := s.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: provider},
				user.User{ID: column.NewID[id.UserKind]().ID, Nickname: user.RestoreNickname(nickname, strings.ToLower(nickname)), CreatedAt: noon, UpdatedAt: noon})
			return err
		}
		must(t, make("1", "Élan"))
		must(t, make("2", ""))
		must(t, make("3", "")) // no nickname is not a nickname
		for _, twin := range []string{"Élan", "élan", "ÉLAN"} {
			if err := make("4", twin); err == nil || err.(interface{ Unwrap() error }).Unwrap() == nil {
				t.Errorf("%s: %v", twin, err)
			}
		}
		must(t, make("4", "Elan"))
	})
}

func TestSilentSessionsComeByTheirIDs(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		now := noon.Add(100 * time.Hour)
		silence := func(since time.Duration, lastChunk time.Duration) id.Session {
			session, err := run.NewSession(run.NewSessionInput{ID: column.NewID[id.SessionKind]().ID, UserID: owner, StartedAt: noon}, now.Add(-since))
			must(t, err)
			_, _, err = s.InsertSession(t.Context(), session)
			must(t, err)
			if lastChunk > 0 {
				c := newChunk(t, 0, run.Intermediate, 2, 0)
				_, _, err := s.AppendChunk(t.Context(), session.ID(), c, accept(c, owner, now.Add(-lastChunk)))
				must(t, err)
			}
			return session.ID()
		}
		mid := silence(90*time.Hour, 50*time.Hour)
		silence(90*time.Hour, time.Hour)
		oldest := silence(60*time.Hour, 0)
		silence(time.Hour, 0)
		least := silence(99*time.Hour, 24*time.Hour)
		ended := newSession(t, s, owner, id.Course{})
		ended, err := ended.Abandon(noon)
		must(t, err)
		must(t, s.SaveSession(t.Context(), ended))
		got, err := s.SilentSessions(t.Context(), now.Add(-run.SilenceLimit), id.Session{}, 10)
		must(t, err)
		want := []id.Session{oldest, mid, least}
		slices.SortFunc(want, id.Session.Compare)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, wanted %v", got, want)
		}
		if got, err := s.SilentSessions(t.Context(), now.Add(-run.SilenceLimit), want[0], 1); err != nil || len(got) != 1 || got[0] != want[1] {
			t.Errorf("the one after the first is %v, %v", got, err)
		}
	})
}

// Times are text in SQLite: it must sort as they do.
func TestTimesSortInSQL(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		owner := newUser(t, s)
		c := newCourse(t, s, owner, seoul())
		var want []time.Time
		for i, d := range []time.Duration{0, 1, 10, 99, 100, 1000, 99_999, 100_000, 1_000_000, 1_000_001, 60_000_000, 3600_000_000} {
			at := noon.Add(d * time.Microsecond)
			if i%2 == 1 {
				at = at.In(time.FixedZone("Seoul", 9*3600))
			}
			want = append(want, at)
			must(t, s.PutRanking(t.Context(), ranking.Row{CourseID: c.ID, Period: ranking.AllTime, UserID: newUser(t, s), BestDurationSeconds: 7, AchievedAt: at}, noon))
		}
		var after *ports.BoardKey
		for i := range want {
			rows, n, err := s.Board(t.Context(), ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 1}, After: after})
			must(t, err)
			if n != len(want) || len(rows) != 1 || !rows[0].AchievedAt.Equal(want[i]) {
				t.Fatalf("row %d is %v of %d, wanted %v", i, rows, n, want[i])
			}
			after = &ports.BoardKey{BestDurationSeconds: 7, AchievedAt: rows[0].AchievedAt, UserID: rows[0].UserID}
		}
	})
}
