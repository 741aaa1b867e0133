package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muktihari/fit/profile/typedef"

	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/cmd/runvs/bulk"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// archive is a store for imports, with people in it.
type archive struct {
	args []string
	s    config.Settings
}

func newArchive(t testing.TB, database string) archive {
	t.Helper()
	dir := t.TempDir()
	if database == "" {
		database = "sqlite:" + filepath.Join(dir, "runvs.db")
	}
	a := archive{
		args: []string{"--data-dir", dir, "--database-url", database, "--refresh-hash-cost", "4"},
		s: config.Settings{
			Env: "development", DataDir: dir, DatabaseURL: database, BlobURL: "file:" + dir + "/blobs", Migrate: "auto", HashCost: 4, MemoryBytes: 1 << 30,
		},
	}
	a.at(t, func(p *program.Program) {
		for _, c := range []struct{ nickname, email string }{{"미나", "Mina@example.com"}, {"joon", "shared@example.com"}, {"sora", "shared@example.com"}} {
			nickname := user.RestoreNickname(c.nickname, c.nickname)
			_, _, err := p.Store().FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: c.nickname, Email: c.email},
				user.User{ID: id.New[id.UserKind](p.IDs()), Nickname: nickname, CreatedAt: day(0), UpdatedAt: day(0)})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	return a
}

// at opens the store for a look.
func (a archive) at(t testing.TB, look func(*program.Program)) {
	t.Helper()
	p, err := program.Open(t.Context(), a.s, program.Options{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	look(p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// records are what Mina has, by title.
func (a archive) records(t testing.TB) map[string]run.Record {
	t.Helper()
	records := map[string]run.Record{}
	a.at(t, func(p *program.Program) {
		mina, err := p.Store().UserOf(t.Context(), "dev", "미나")
		if err != nil {
			t.Fatal(err)
		}
		sessions, n, err := p.Store().ListSessions(t.Context(), mina, "", ports.Page{Limit: 1000})
		if err != nil || n != len(sessions) {
			t.Fatal(n, err)
		}
		for _, s := range sessions {
			rec, err := p.Store().Record(t.Context(), s.RecordID())
			if err != nil {
				t.Fatalf("a session is open: %v", err)
			}
			if rec.Processing != run.ProcessingDone {
				t.Errorf("%s is %s", rec.Title, rec.Processing)
			}
			if _, twice := records[rec.Title]; twice {
				rec.Title += fmt.Sprint(" ", len(records))
			}
			records[rec.Title] = rec
		}
	})
	return records
}

// imports runs the command for Mina, and returns its lines and its sums.
func (a archive) imports(t testing.TB, ctx context.Context, out *stopping, more ...string) (lines []bulk.Line, sums map[string]any, err error) {
	t.Helper()
	c := rootCommand()
	c.SetArgs(slices.Concat([]string{"import", "--user", "미나", "--json"}, more, a.args))
	c.SetOut(out)
	c.SetErr(&out.errors)
	err = c.ExecuteContext(ctx)
	if out.errors.Len() > 0 {
		t.Errorf("a bar was drawn where there is no terminal: %s", out.errors.String())
	}
	for raw := range strings.Lines(out.String()) {
		var line bulk.Line
		var last struct{ Summary map[string]any }
		if err := errors.Join(json.Unmarshal([]byte(raw), &line), json.Unmarshal([]byte(raw), &last)); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if sums = last.Summary; sums == nil {
			lines = append(lines, line)
		}
	}
	return lines, sums, err
}

// stopping is an output that calls stop when it has so many lines.
type stopping struct {
	bytes.Buffer
	errors bytes.Buffer
	after  int
	stop   context.CancelFunc
}

// Write implements io.Writer.
func (s *stopping) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if s.stop != nil && bytes.Count(s.Bytes(), []byte("\n")) == s.after {
		s.stop()
	}
	return n, err
}

func eachDatabase(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, "") })
	t.Run("PostGIS", func(t *testing.T) { test(t, pgtest.Empty(t)) })
}

// outcomes are the lines without what differs from one store to another.
func outcomes(root string, lines []bulk.Line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s %s %s %s\n", strings.TrimPrefix(l.File, filepath.ToSlash(root)+"/"), l.Outcome, l.Code, l.Title)
	}
	return b.String()
}

const stravaOutcomes = `activities/gone.fit.gz missing file_missing 
activities/1.gpx imported  Han "river", east
activities/1_again.gpx already_there  Han "river", east
activities/1_phone.gpx already_recorded already_recorded 
activities/2.fit.gz imported  한강 아침 달리기
activities/3.gpx.gz not_a_run not_a_run 
activities/4.gpx not_a_run not_a_run 
activities/5.tcx refused bad_track 
activities/7.gpx.gz refused bad_track 
activities/9.fit.gz imported  벨트
`

func TestTheExportOfStravaIsImported(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		a := newArchive(t, database)
		path := filepath.Join(t.TempDir(), "export_1.zip")
		if err := os.WriteFile(path, zipOf(t, stravaExport(t)...), 0o600); err != nil {
			t.Fatal(err)
		}

		lines, sums, err := a.imports(t, t.Context(), &stopping{}, path, "--dry-run")
		if err == nil || sums["dry_run"] != true || sums["imported"] != 5.0 || sums["refused"] != 2.0 { // with those that only a stored run would refuse
			t.Errorf("%v %v\n%s", err, sums, outcomes(path, lines))
		}
		if n := len(a.records(t)); n != 0 {
			t.Errorf("a dry run left %d records", n)
		}

		lines, sums, err = a.imports(t, t.Context(), &stopping{}, path)
		if got := outcomes(path, lines); got != stravaOutcomes {
			t.Errorf("%s\nwant\n%s", got, stravaOutcomes)
		}
		if err == nil || !strings.Contains(err.Error(), "2 files were refused, 1 are missing") {
			t.Errorf("it ends with %v", err)
		}
		if want := "map[already_recorded:1 already_there:1 dry_run:false imported:3 missing:1 no_activity:0 not_a_run:2 pending:0 refused:2]"; fmt.Sprint(sums) != want {
			t.Errorf("%v", sums)
		}
		records := a.records(t)
		if len(records) != 3 || !records["벨트"].Indoor || records["한강 아침 달리기"].DurationSeconds != 299 {
			t.Errorf("%v", records)
		}

		_, sums, _ = a.imports(t, t.Context(), &stopping{}, path)
		if sums["imported"] != 0.0 || sums["already_there"] != 4.0 || len(a.records(t)) != 3 {
			t.Errorf("again: %v", sums)
		}
		lines, _, err = a.imports(t, t.Context(), &stopping{}, path, "--keep-duplicates")
		if i := slices.IndexFunc(lines, func(l bulk.Line) bool { return strings.HasSuffix(l.File, "1_phone.gpx") }); err == nil || lines[i].Outcome != bulk.Imported {
			t.Errorf("duplicates kept: %v\n%s", err, outcomes(path, lines))
		}
	})
}

func TestAnUnpackedExportIsImported(t *testing.T) {
	a, dir := newArchive(t, ""), t.TempDir()
	unpacked(t, dir, stravaExport(t)...)
	lines, _, _ := a.imports(t, t.Context(), &stopping{}, dir)
	if got := outcomes(dir, lines); got != stravaOutcomes {
		t.Errorf("%s\nwant\n%s", got, stravaOutcomes)
	}
}

func TestTheExportOfGarminIsImported(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		a := newArchive(t, database)
		path := filepath.Join(t.TempDir(), "garmin.zip")
		if err := os.WriteFile(path, zipOf(t, garminExport(t)...), 0o600); err != nil {
			t.Fatal(err)
		}
		lines, _, err := a.imports(t, t.Context(), &stopping{}, path)
		if err != nil {
			t.Error(err)
		}
		const in = "DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip/"
		want := in + "mina_501.fit imported  서울 러닝\n" + in + "mina_502.fit no_activity  \n" +
			in + "mina_503.fit imported  \n" + in + "mina_504.fit not_a_run not_a_run \n"
		if got := outcomes(path, lines); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	})
}

// season is an archive of so many runs.
func season(t testing.TB, runs, seconds int) string {
	t.Helper()
	var files []packed
	for n := range runs {
		files = append(files, packed{fmt.Sprintf("activities/%04d.fit.gz", n), gzipped(t, fitOf(t, typedef.FileActivity, day(n), seconds, typedef.SportRunning, false))})
	}
	path := filepath.Join(t.TempDir(), "season.zip")
	if err := os.WriteFile(path, zipOf(t, files...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnImportGoesOnWhereItWasStopped(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		a, path := newArchive(t, database), season(t, 12, 60)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		lines, sums, err := a.imports(t, ctx, &stopping{after: 5, stop: stop}, path)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "0005.fit.gz") || !strings.Contains(err.Error(), "goes on") {
			t.Errorf("it ends with %v", err)
		}
		if len(lines) != 5 || sums["imported"] != 5.0 {
			t.Errorf("%v\n%s", sums, outcomes(path, lines))
		}
		_, sums, err = a.imports(t, t.Context(), &stopping{}, path)
		if err != nil || sums["imported"] != 7.0 || sums["already_there"] != 5.0 {
			t.Errorf("%v %v", err, sums)
		}
		if n := len(a.records(t)); n != 12 { // all of them done
			t.Errorf("%d records", n)
		}
	})
}

func TestTheCommandIsNotHeldToTheDaysBound(t *testing.T) {
	a, path := newArchive(t, ""), season(t, 1, 60)
	a.at(t, func(p *program.Program) {
		mina, err := p.Store().UserOf(t.Context(), "dev", "미나")
		if err != nil {
			t.Fatal(err)
		}
		err = p.Store().InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
			for range run.MaxImportsADay {
				s, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](p.IDs()), UserID: mina, StartedAt: day(0), Imported: true}, time.Now())
				if err != nil {
					return err
				}
				if _, _, err := tx.InsertSession(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if _, sums, err := a.imports(t, t.Context(), &stopping{}, path); err != nil || sums["imported"] != 1.0 {
		t.Errorf("%v %v", err, sums)
	}
}

// A file may be a bomb, and the others are imported.
func TestAnArchiveThatIsMadeToHurt(t *testing.T) {
	a := newArchive(t, "")
	deep := zipOf(t, packed{"run.gpx", gpxOf(day(1), 60, "", 0)})
	for range 5 {
		deep = zipOf(t, packed{"deep.zip", deep})
	}
	path := filepath.Join(t.TempDir(), "bombs.zip")
	blank := bytes.Repeat([]byte(" "), 65<<20)
	if err := os.WriteFile(path, zipOf(t,
		packed{"../../\x1b[2Jbomb.gpx", blank}, packed{"bomb.gpx.gz", gzipped(t, append([]byte("<gpx>"), blank...))}, packed{"broken.zip", deep[:60]}, packed{"deep.zip", deep},
		packed{"good.gpx", gpxOf(day(0), 60, "", 0)}, packed{"activities.csv", blank}, packed{"x_summarizedActivities.json", []byte("[")},
	), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, _, err := a.imports(t, t.Context(), &stopping{}, path)
	if err == nil {
		t.Error("it succeeds")
	}
	want := []string{"activities.csv body_too_large", "x_summarizedActivities.json bad_track", "\x1b[2Jbomb.gpx body_too_large", "bomb.gpx.gz track_too_complex", "broken.zip bad_track", "deep.zip/deep.zip/deep.zip/deep.zip bad_track", "good.gpx "}
	var got []string
	for _, l := range lines {
		_, name, _ := strings.Cut(l.File, "bombs.zip/")
		if name == "" {
			name = filepath.Base(l.File)
		}
		got = append(got, name+" "+l.Code)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
	out, _ := runvs(t, slices.Concat([]string{"import", path, "--user", "미나"}, a.args)...)
	contains(t, out, "refused", "body_too_large: ", "at most 67108864", "0 imported, 1 already there", "6 refused")
	if strings.Contains(out, "\x1b") {
		t.Errorf("a file's name commands the terminal: %q", out)
	}
}

func TestWhoImportsIsNamed(t *testing.T) {
	a, file := newArchive(t, ""), filepath.Join(t.TempDir(), "one.gpx")
	if err := os.WriteFile(file, gpxOf(day(0), 60, "", 0), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(who string) []string {
		return slices.Concat([]string{"import", file, "--user", who, "--dry-run"}, a.args)
	}
	var mina string
	a.at(t, func(p *program.Program) {
		uid, err := p.Store().UserOf(t.Context(), "dev", "미나")
		if err != nil {
			t.Fatal(err)
		}
		mina = uid.String()
	})
	for _, who := range []string{"미나", " mina@EXAMPLE.com", mina} {
		step(t, "1 would be imported (nothing was stored)", command(who)...)
	}
	step(t, "new       "+filepath.ToSlash(file)+"  2024-03-01  0.18 km  the watch's", command("미나")...)
	refused(t, []string{"several people", "joon", "sora"}, command("shared@example.com")...)
	refused(t, []string{"nobody", "minna"}, command("minna")...)
	refused(t, []string{"nobody", "x@example.com"}, command("x@example.com")...)
	refused(t, []string{"no user's id"}, command("a name far too long for one")...)
	refused(t, []string{"user_not_found"}, command("0199b0a2-0000-7000-8000-000000000000")...)
	refused(t, []string{`"user" not set`}, "import", file)
	refused(t, []string{"memory:"}, "import", file, "--user", "미나", "--database-url", "memory:")
	gone, err := runvs(t, slices.Concat([]string{"import", "gone.gpx", "--user", "미나"}, a.args)...)
	if err == nil {
		t.Error("a file that is not there is imported")
	}
	contains(t, gone, "gone.gpx", "unreadable_file: the file cannot be read: no such file")
}

// BenchmarkImport imports an archive of 100 runs of 40 minutes, then once more.
//
//	go test ./cmd/runvs -run xxx -bench Import -benchtime 1x
func BenchmarkImport(b *testing.B) {
	path := season(b, 100, 2400)
	for range b.N {
		a := newArchive(b, "")
		for _, pass := range []string{"first", "second"} {
			began := time.Now()
			if _, _, err := a.imports(b, b.Context(), &stopping{}, path); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(100/time.Since(began).Seconds(), pass+"_files/s")
		}
	}
}
