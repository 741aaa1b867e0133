package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/run"
)

// Outcome is what became of a run, or of a file.
type Outcome string

// The outcomes.
const (
	Imported     Outcome = "imported"
	AlreadyThere Outcome = "already_there"    // the same recording was imported before
	Duplicate    Outcome = "already_recorded" // another device recorded the same run
	OtherSport   Outcome = "not_a_run"
	NoActivity   Outcome = "no_activity" // a FIT file of a watch's other matters
	Missing      Outcome = "missing"     // a table of titles names the file
	Refused      Outcome = "refused"
)

// Codes of what no fault says.
const (
	codeUnreadable = "unreadable_file"
	codeMissing    = "file_missing"
	codeInternal   = "internal_error"
)

// Line is an outcome in JSON.
type Line struct {
	File           string     `json:"file"`
	Outcome        Outcome    `json:"outcome"`
	RunID          string     `json:"run_id,omitempty"`
	Title          string     `json:"title,omitempty"`
	StartedAt      *time.Time `json:"started_at,omitempty"`
	DistanceMeters int        `json:"distance_meters,omitempty"`
	Code           string     `json:"code,omitempty"`
	Message        string     `json:"message,omitempty"`
}

// Report tells people, or programs, what became of files.
type Report struct {
	out     io.Writer
	json    bool
	dry     bool
	bar     *progressbar.ProgressBar // nil where nobody looks
	counts  map[Outcome]int
	pending int // runs whose job had not ended
	err     error
}

// NewReport makes a report: lines, or JSON, to out, and a bar to bars where that is a
// terminal.
func NewReport(out, bars io.Writer, asJSON, dry bool) *Report {
	r := &Report{out: out, json: asJSON, dry: dry, counts: map[Outcome]int{}}
	if file, ok := bars.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		r.bar = progressbar.NewOptions(0, progressbar.OptionSetWriter(bars), progressbar.OptionSetDescription("files"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return r
}

// expect says that so many more files were found.
func (r *Report) expect(files int) {
	if r.bar != nil {
		r.bar.AddMax(files)
	}
}

// passed says that a file is done with.
func (r *Report) passed() {
	if r.bar != nil {
		_ = r.bar.Add(1) // what a bar cannot draw does not matter
	}
}

// run reports a run of a file.
func (r *Report) run(path string, made app.Imported) {
	if made.Err != nil {
		r.file(path, made.Err)
		return
	}
	outcome := AlreadyThere
	if made.Created {
		outcome = Imported
	}
	rec := made.Record
	line := Line{File: path, Outcome: outcome, RunID: rec.ID.String(), Title: rec.Title, StartedAt: &rec.StartedAt, DistanceMeters: rec.DistanceMeters}
	if made.Created && r.dry {
		line.RunID = ""
	}
	r.say(line)
}

// file reports a file of which there is no run.
func (r *Report) file(path string, err error) {
	line := Line{File: path, Outcome: Refused, Code: codeInternal, Message: err.Error()}
	var disk *unreadable
	switch f := fault.As(err); {
	case errors.Is(err, run.ErrAlreadyRecorded):
		line.RunID, _ = f.Details["run_id"].(string)
		line.Outcome, line.Code, line.Message = Duplicate, f.Code, f.Message
	case errors.Is(err, run.ErrNotARun):
		line.Outcome, line.Code, line.Message = OtherSport, f.Code, f.Message
	case f != nil:
		line.Code, line.Message = f.Code, f.Message
		if limit, ok := f.Details["limit"]; ok {
			line.Message += fmt.Sprintf(" (%v, at most %v)", f.Details["value"], limit)
		}
	case errors.As(err, &disk):
		line.Code = codeUnreadable
	}
	r.say(line)
}

// other reports a file of a watch that is no activity.
func (r *Report) other(path string) { r.say(Line{File: path, Outcome: NoActivity}) }

// missing reports a file that is named in a table and not there.
func (r *Report) missing(path, table string) {
	r.say(Line{File: path, Outcome: Missing, Code: codeMissing, Message: table + " names it, and it is not there"})
}

func (r *Report) say(l Line) {
	r.counts[l.Outcome]++
	switch {
	case r.json:
		r.write(func(w io.Writer) error { return json.NewEncoder(w).Encode(l) })
	case l.Outcome == Refused, l.Outcome == Missing:
		r.write(printf("%-8s  %s  %s: %s\n", l.Outcome, oneLine(l.File), l.Code, oneLine(l.Message)))
	case l.Outcome == Imported && r.dry:
		r.write(printf("%-8s  %s  %s  %.2f km  %s\n", "new", oneLine(l.File), l.StartedAt.Format(time.DateOnly), float64(l.DistanceMeters)/1000, oneLine(l.Title)))
	}
}

func printf(format string, args ...any) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := fmt.Fprintf(w, format, args...)
		return err
	}
}

// oneLine keeps a text of a file from looking like two lines, or from telling the
// terminal what to do.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, strings.Join(strings.Fields(s), " "))
}

// write writes above the bar. The first error stays, for End.
func (r *Report) write(what func(io.Writer) error) {
	if r.bar != nil {
		_ = r.bar.Clear()
	}
	if r.err == nil {
		r.err = what(r.out)
	}
}

// End writes the sums. Its error says that files were refused or missing, or that
// nothing could be written.
func (r *Report) End() error {
	if r.bar != nil {
		_ = r.bar.Finish()
	}
	c := r.counts
	if r.json {
		r.write(func(w io.Writer) error {
			return json.NewEncoder(w).Encode(map[string]any{"summary": map[string]any{
				"dry_run": r.dry, "pending": r.pending, string(Imported): c[Imported], string(AlreadyThere): c[AlreadyThere], string(Duplicate): c[Duplicate],
				string(OtherSport): c[OtherSport], string(NoActivity): c[NoActivity], string(Missing): c[Missing], string(Refused): c[Refused],
			}})
		})
	} else {
		imported := "imported"
		if r.dry {
			imported = "would be imported (nothing was stored)"
		}
		r.write(printf("%d %s, %d already there, %d duplicates of another device, %d of other sports, %d refused\n",
			c[Imported], imported, c[AlreadyThere], c[Duplicate], c[OtherSport], c[Refused]))
		if c[NoActivity] > 0 {
			r.write(printf("%d files of watches are no activities\n", c[NoActivity]))
		}
		if c[Missing] > 0 {
			r.write(printf("%d files are named, and not there\n", c[Missing]))
		}
		if r.pending > 0 {
			r.write(printf("%d runs are still to be judged and counted, which the server goes on with\n", r.pending))
		}
	}
	if failed := c[Refused] + c[Missing]; failed > 0 && r.err == nil {
		return fmt.Errorf("%d files were refused, %d are missing", c[Refused], c[Missing])
	}
	return r.err
}
