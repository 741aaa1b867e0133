package httpapi

import (
	"archive/zip"
	"bufio"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// What exports may take. Each holds one run in memory, at most 64 MiB of points.
const (
	exportTimeout = web.LongestAnswer - 5*time.Minute // in all; what is written then has some minutes to leave
	MaxExports    = 4                                 // at once, in this process
)

var (
	errExporting   = fault.New(fault.Conflict, "export_running", "an export of yours is being written; ask again when it has ended")
	errManyExports = fault.New(fault.Unavailable, "unavailable", "too many exports are being written; ask again in a minute").With("retry_after", 60)
)

// exports knows whose exports are being written.
type exports struct {
	mu      sync.Mutex
	running map[id.User]bool
}

// begin lets a user's export begin. Faults: export_running, unavailable.
func (e *exports) begin(uid id.User) (end func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.running[uid]:
		return nil, errExporting
	case len(e.running) >= MaxExports:
		return nil, errManyExports.With("limit", MaxExports)
	}
	if e.running == nil {
		e.running = map[id.User]bool{}
	}
	e.running[uid] = true
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.running, uid)
	}, nil
}

// exportRoute streams past huma, which would hold the whole archive in memory.
func (s *Server) exportRoute() {
	s.Handle(web.Operation{
		ID: "export", Method: http.MethodGet, Path: basePath + "/users/me/export", Summary: "Everything that is kept of me, as a zip",
		Description: "README.txt says what is in it. It is written while it is sent, within ten minutes; an archive that was cut off has no table of contents, and cannot be opened. One at a time a user: 409 `export_running`. Hashes of tokens and what indexes hold are left out; what is others' is not in it.\n\n" + exportIndex(),
		Answers:     map[int]web.Media{http.StatusOK: {"application/zip": web.Binary()}},
		Tag:         "Users", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusConflict},
	}, s.export)
}

func (s *Server) export(c *fiber.Ctx) error {
	uid := web.Viewer(c.UserContext())
	// What can fail before anything is sent fails here, as a problem.
	account, providers, err := s.app.Export.Account(c.UserContext(), uid)
	if err != nil {
		return err
	}
	end, err := s.exports.begin(uid)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="runvs-export.zip"`)
	ctx := ports.AsJob(context.WithoutCancel(c.UserContext())) // an archive that has begun waits for its turn
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer end()
		ctx, cancel := context.WithTimeout(ctx, exportTimeout)
		defer cancel()
		x := exporter{ctx: ctx, app: s.app.Export, uid: uid, links: s.links, zip: zip.NewWriter(w)}
		x.everything(account, providers)
		if x.err == nil {
			x.err = x.zip.Close() // without it the archive has no table of contents: whoever opens it sees that it is cut off
		}
		if x.err != nil {
			s.cfg.Log.WarnContext(ctx, "an export was cut off", "request_id", web.RequestID(ctx), "error", x.err)
		}
	})
	return nil
}
