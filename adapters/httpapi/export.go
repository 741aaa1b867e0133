package httpapi

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// exportTimeout is how long making an export may take.
const exportTimeout = 10 * time.Minute

// exportRoute streams past huma, which would hold the whole archive in memory.
func (s *Server) exportRoute() {
	path := basePath + "/users/me/export"
	problem := map[string]*huma.MediaType{problemType: {Schema: s.schemaOf(Problem{})}}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "export", Method: http.MethodGet, Path: path, Summary: "Everything that is kept of me, as a zip",
		Description: "account.json, statistics.json, sessions.json, runs/<id>.json with runs/<id>.gpx, courses/<id>.json",
		Tags:        []string{"Users"}, Security: tokenNeeded,
		Responses: map[string]*huma.Response{
			"200": {Description: "The archive", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
			"401": {Description: http.StatusText(http.StatusUnauthorized), Content: problem},
			"503": {Description: http.StatusText(http.StatusServiceUnavailable), Content: problem},
		},
	})
	s.fiber.Get(path, s.export)
}

func (s *Server) export(c *fiber.Ctx) error {
	uid, err := viewerOf(c)
	if err != nil {
		return err
	}
	if uid.IsZero() {
		return errNoToken
	}
	// What can fail before anything is sent fails here, as a problem.
	account, err := s.app.Users.Me(c.UserContext(), uid)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="runvs-export.zip"`)
	ctx := context.WithoutCancel(c.UserContext())
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithTimeout(ctx, exportTimeout)
		defer cancel()
		x := exporter{s: s, uid: uid, zip: zip.NewWriter(w)}
		x.json("account.json", userOf(account))
		x.everything(ctx)
		if x.err == nil {
			x.err = x.zip.Close() // without it the archive has no table of contents: whoever opens it sees that it is cut off
		}
		if x.err != nil {
			s.cfg.Log.WarnContext(ctx, "an export was cut off", "request_id", infoOf(ctx).id, "error", x.err)
		}
	})
	return nil
}

// exporter writes an archive until the first error.
type exporter struct {
	s   *Server
	uid id.User
	zip *zip.Writer
	err error
}

func (x *exporter) file(name string, write func(io.Writer) error) {
	if x.err != nil {
		return
	}
	var w io.Writer
	if w, x.err = x.zip.Create(name); x.err == nil {
		x.err = write(w)
	}
}

func (x *exporter) json(name string, v any) {
	x.file(name, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

const exportBatch = 100

func (x *exporter) everything(ctx context.Context) {
	if x.err != nil {
		return
	}
	app := x.s.app
	stats, err := app.Users.Stats(ctx, x.uid)
	x.err = err
	x.json("statistics.json", userStatsOf(stats))
	var sessions []Session
	for page := (ports.Page{Limit: exportBatch}); x.err == nil; page.Offset += exportBatch {
		var some []run.Session
		if some, _, x.err = app.Runs.Sessions(ctx, x.uid, "", page); len(some) == 0 {
			break
		}
		sessions = append(sessions, each(some, sessionOf)...)
	}
	x.json("sessions.json", sessions)
	var after *ports.RecordKey
	for x.err == nil {
		var some []run.Record
		if some, _, x.err = app.Users.Runs(ctx, ports.RecordQuery{Owner: x.uid, Page: ports.Page{Limit: exportBatch}, After: after}); len(some) == 0 {
			break
		}
		for _, r := range some {
			x.run(ctx, r.ID)
		}
		last := some[len(some)-1]
		after = &ports.RecordKey{FinishedAt: last.FinishedAt, ID: last.ID}
	}
	for page := (ports.Page{Limit: exportBatch}); x.err == nil; page.Offset += exportBatch {
		cards, _, err := x.s.app.Courses.Mine(ctx, x.uid, page)
		if x.err = err; len(cards) == 0 {
			break
		}
		for _, c := range cards {
			x.course(ctx, c.ID)
		}
	}
}

// run writes a record and its track. One that was deleted meanwhile is left out.
func (x *exporter) run(ctx context.Context, rid id.Record) {
	if x.err != nil {
		return
	}
	rec, err := x.s.app.Runs.Record(ctx, x.uid, rid)
	if notThere(err) {
		return
	}
	x.err = err
	x.json("runs/"+rid.String()+".json", runOf(rec))
	x.file("runs/"+rid.String()+".gpx", func(w io.Writer) error {
		t, err := x.s.app.Runs.Track(ctx, x.uid, rid)
		if err != nil {
			return err
		}
		gpx, err := x.s.app.WriteGPX(t)
		if err == nil {
			_, err = w.Write(gpx)
		}
		return err
	})
}

func (x *exporter) course(ctx context.Context, cid id.Course) {
	if x.err != nil {
		return
	}
	v, err := x.s.app.Courses.Get(ctx, x.uid, cid)
	if notThere(err) {
		return
	}
	x.err = err
	x.json("courses/"+cid.String()+".json", courseOf(v, "geojson"))
}
