package httpapi

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"iter"
	"strings"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
)

// exportPart is a kind of file in an archive.
type exportPart struct {
	Path   string   `json:"path"` // * stands for an id
	Tables []string `json:"-"`    // what it has of the database
	Holds  string   `json:"holds"`
}

// ExportTables returns the tables of the database that each kind of file of an
// archive has something of, by its path.
func ExportTables() map[string][]string {
	tables := map[string][]string{}
	for _, p := range exportParts {
		tables[p.Path] = p.Tables
	}
	return tables
}

// exportParts are all files of an archive but README.txt and index.json, which say
// what these are. A table of the database that has something of a user is in one.
var exportParts = []exportPart{
	{"account.json", []string{"users"}, "The account"},
	{"social_accounts.json", []string{"social_accounts"}, "The accounts at identity providers that sign in"},
	{"sign_ins.json", []string{"refresh_tokens"}, "Devices: since when each is signed in, when it last asked for tokens, until when it may"},
	{"avatar.jpg", nil, "The picture, if there is one"},
	{"statistics.json", []string{"user_periods", "user_bests"}, "What all runs add up to, and the best efforts"},
	{"rankings.json", []string{"rankings", "period_rankings"}, "Places on boards"},
	{"sessions/*.json", []string{"run_sessions", "run_chunks"}, "What a phone sent of a run, finished or not: raw points, claims and pauses"},
	{"runs/*.json", []string{"run_records"}, "What was made of it: measures, splits, flags, verdict"},
	{"runs/*.gpx", nil, "The track of a run, but for one indoors"},
	{"courses/*.json", []string{"courses"}, "Courses made, private ones too"},
}

// exportIndex says in plain text what is in an archive.
func exportIndex() string {
	var b strings.Builder
	for _, p := range exportParts {
		b.WriteString("- " + p.Path + ": " + p.Holds + ".\n")
	}
	return b.String()
}

const exportReadme = `Everything that RUNVS keeps of you, as it was while this archive was written.

Units are in the names. Coordinates are WGS84 degrees, times RFC 3339 in UTC, but
for the timestamp of a point, which is Unix milliseconds. Left out are hashes of
tokens and what indexes hold: they say nothing more. index.json has the same list
for programs.

`

// exporter writes an archive until the first error.
type exporter struct {
	ctx   context.Context // it lives as long as the archive is written
	app   *app.Export
	uid   id.User
	links links
	zip   *zip.Writer
	err   error
}

func (x *exporter) file(name string, write func(io.Writer) error) {
	if x.err == nil {
		x.err = x.ctx.Err()
	}
	if x.err != nil {
		return
	}
	var w io.Writer
	if w, x.err = x.zip.Create(name); x.err == nil {
		x.err = write(w)
	}
}

func (x *exporter) bytes(name string, data []byte) {
	x.file(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func (x *exporter) json(name string, v any) {
	x.file(name, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// list writes an array, an item at a time.
func list[T any](x *exporter, name string, items iter.Seq2[T, error], of func(T) any) {
	x.file(name, func(w io.Writer) error {
		separator := "[\n"
		for item, err := range items {
			if err != nil {
				return err
			}
			if err := appendItem(w, separator, of(item)); err != nil {
				return err
			}
			separator = ",\n"
		}
		if separator == "[\n" {
			separator = "["
		} else {
			separator = "\n"
		}
		_, err := io.WriteString(w, separator+"]\n")
		return err
	})
}

func appendItem(w io.Writer, separator string, item any) error {
	b, err := json.Marshal(item)
	if err == nil {
		_, err = w.Write(append([]byte(separator), b...))
	}
	return err
}

func (x *exporter) everything(account user.User, providers []user.SocialAccount) {
	x.bytes("README.txt", []byte(exportReadme+exportIndex()))
	x.json("index.json", exportParts)
	x.json("account.json", x.links.exportedAccountOf(account))
	x.json("social_accounts.json", each(providers, exportedSocialAccountOf))
	list(x, "sign_ins.json", x.app.SignIns(x.ctx, x.uid), func(s auth.SignIn) any { return exportedSignInOf(s) })
	if jpeg := got(x, func() ([]byte, error) { return x.app.Picture(x.ctx, account) }); jpeg != nil {
		x.bytes("avatar.jpg", jpeg)
	}
	x.json("statistics.json", userStatsOf(got(x, func() (stats.User, error) { return x.app.Stats(x.ctx, x.uid) })))
	list(x, "rankings.json", x.app.Rankings(x.ctx, x.uid), func(r ranking.Row) any { return exportedRankingOf(r) })
	forEach(x, x.app.Sessions(x.ctx, x.uid), x.session)
	forEach(x, x.app.Courses(x.ctx, x.uid), x.course)
}

// got returns what a call gives, or nothing after an error.
func got[T any](x *exporter, call func() (T, error)) (v T) {
	if x.err == nil {
		v, x.err = call()
	}
	return v
}

// forEach writes what is walked until an error.
func forEach[T any](x *exporter, items iter.Seq2[T, error], write func(T)) {
	if x.err != nil {
		return
	}
	for item, err := range items {
		if x.err = err; err == nil {
			write(item)
		}
		if x.err != nil {
			return
		}
	}
}

// session writes what was sent of a run, chunk by chunk, and what became of it.
func (x *exporter) session(s run.Session) {
	if x.err != nil {
		return
	}
	r, release, err := x.app.Run(x.ctx, s)
	if x.err = err; err != nil {
		return
	}
	defer release()
	name := s.ID().String()
	x.file("sessions/"+name+".json", func(w io.Writer) error {
		head, err := json.Marshal(exportedSessionOf(s))
		if err != nil {
			return err
		}
		if _, err := w.Write(append(head[:len(head)-1], `,"chunks":[`...)); err != nil {
			return err
		}
		separator := "\n"
		for _, c := range r.Chunks {
			if err := appendItem(w, separator, exportedChunkOf(c)); err != nil {
				return err
			}
			separator = ",\n"
		}
		_, err = io.WriteString(w, "]}\n")
		return err
	})
	if r.Record == nil {
		return
	}
	name = r.Record.ID.String()
	x.json("runs/"+name+".json", exportedRunOf(*r.Record))
	if r.GPX != nil {
		x.bytes("runs/"+name+".gpx", r.GPX)
	}
}

func (x *exporter) course(c course.Course) {
	x.json("courses/"+c.ID.String()+".json", x.links.exportedCourseOf(c))
}
