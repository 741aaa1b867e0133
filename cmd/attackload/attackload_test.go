package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	_ "image/png" // what pngBomb makes
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/runvs/runvs/adapters/budget"
	"github.com/runvs/runvs/adapters/tracks"
	"github.com/runvs/runvs/domain/fault"
)

// build builds a command of the project, as it is run: attacks have their time, and
// the race detector would take most of it.
func build(t *testing.T, command string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), command)
	out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "sqlite_math_functions,sqlite_fts5", "-o", binary, "../"+command).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// TestTheProgramOutlivesEveryAttack is make attack-load in short: the real program
// under a limit of memory, every attack alone and all at once.
func TestTheProgramOutlivesEveryAttack(t *testing.T) {
	figures := filepath.Join(t.TempDir(), "figures.json")
	var shown, progress bytes.Buffer
	cmd := exec.CommandContext(t.Context(), build(t, "attackload"), "--bin", build(t, "runvs"), "--short", "--json", figures)
	cmd.Stdout, cmd.Stderr = &shown, &progress
	failed := cmd.Run()
	t.Logf("\n%s", shown.String())
	if failed != nil {
		lines := strings.Split(progress.String(), "\r")
		t.Fatalf("%v: %s", failed, lines[len(lines)-1])
	}
	data, err := os.ReadFile(figures)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != len(attacks)+1 {
		t.Errorf("%d lines of %d attacks and all at once", len(r.Results), len(attacks))
	}
}

func TestAnAttackThatThereIsNotIsRefused(t *testing.T) {
	c := command()
	c.SetArgs([]string{"--bin", "attackload_test.go", "--only", "rowing"})
	if err := c.ExecuteContext(context.Background()); err == nil || !strings.Contains(err.Error(), "fit_bomb") {
		t.Errorf("%v, want an error that names the attacks", err)
	}
}

func TestSizesAreRead(t *testing.T) {
	for in, want := range map[string]int64{"512MiB": 512 << 20, "1GiB": 1 << 30, "64KiB": 64 << 10, "": 0, "1GB": 0, "-1GiB": 0, "GiB": 0} {
		if got, err := parseBytes(in); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %d, %v; want %d", in, got, err, want)
		}
	}
}

// TestInputsAreRead shows that the attacks get past the first look at a file.
func TestInputsAreRead(t *testing.T) {
	read, err := tracks.New(budget.New(1<<30)).Read(t.Context(), gzipped(gpx(snake(4, 20, 1))))
	if err != nil || len(read) != 1 || len(read[0].Fixes()) != 4 {
		t.Errorf("the GPX: %d activities, %v", len(read), err)
	}
	if _, err := tracks.New(budget.New(1<<30)).Read(t.Context(), fit(3)); fault.As(err) == nil || !strings.Contains(err.Error(), "no points") {
		t.Errorf("the FIT: %v, want a whole file without points", err)
	}
	picture, kind, err := image.Decode(bytes.NewReader(png(3, 2)))
	if err != nil || kind != "png" || picture.Bounds() != image.Rect(0, 0, 3, 2) {
		t.Errorf("the picture: %s, %v", kind, err)
	}
}

func TestTheTableFits(t *testing.T) {
	worst := result{
		Name: "corridor_square_wave", Seconds: 180.04, Unfinished: true, PeakMiB: 1024, DiskMiB: 1234, Deaths: 12, Back: true, HealthMS: 10000,
		Sent: 1000, Stored: 900, LostChunks: 5, Busy: 123,
		Answers: map[string]int{"422 too_many_course_vertices": 1000, "201": 3, "a": 1, "b": 1, "c": 1, "d": 1, "e": 1},
	}
	before := report{Binary: "runvs version 0", Store: "sqlite", Results: []result{worst}}
	var out bytes.Buffer
	table{before: before, now: report{Binary: "runvs version 1", Store: "sqlite", LimitMiB: 1024, Results: []result{worst, {Name: "new"}}}}.print(&out)
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line); n > 121 {
			t.Errorf("%d columns: %s", n-1, line)
		}
	}
	for _, want := range []string{"| before", ">180.0 s 1024 MiB", "died 12×, is back", "| 1000× 422 ", "|   too_many_course_vertices |", "and 2 other kinds", "| new"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestEveryPromiseIsKept(t *testing.T) {
	good := result{Back: true, Sent: 5, Stored: 5, HealthMS: 1000, JudgedSeconds: 1, Answers: map[string]int{"503 overloaded": 3, "422 x": 1, "201": 5}}
	if broken := good.brokenByAll(); len(broken) > 0 {
		t.Errorf("nothing is broken: %q", broken)
	}
	for want, spoil := range map[string]func(r *result){
		"died 1 times":       func(r *result) { r.Deaths = 1 },
		"not ready":          func(r *result) { r.Back = false },
		"does not stay":      func(r *result) { r.Back, r.Deaths = false, 3 },
		"not over":           func(r *result) { r.Unfinished = true },
		"health took":        func(r *result) { r.HealthMS = 1001 },
		"were not stored":    func(r *result) { r.Stored = 4 },
		"are gone":           func(r *result) { r.LostChunks = 1 },
		"the honest phone":   func(r *result) { r.PhoneTrouble = "answered 404" },
		"was not judged":     func(r *result) { r.RunTrouble = "pending after 10 s" },
		"7 answers 500 oops": func(r *result) { r.Answers = map[string]int{"500 oops": 7} },
	} {
		r := good
		spoil(&r)
		if broken := strings.Join(r.brokenByAll(), "; "); !strings.Contains(broken, want) {
			t.Errorf("%q, want %q", broken, want)
		}
	}
}

func TestWhyItDiedIsTold(t *testing.T) {
	var w lastWords
	for _, part := range []string{"level=ERROR msg=x\nruntime: out of memory\nfatal ", "error: out of ", "memory\n\ngoroutine 1:\nfatal error: later\n"} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.reason(); got != "fatal error: out of memory" {
		t.Errorf("%q", got)
	}
}
