package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
)

// Receipt is the answer to a chunk.
type Receipt struct {
	Sequence     int     `json:"sequence"`
	Status       string  `json:"status" enum:"stored,replayed"`
	Received     []Range `json:"received" nullable:"false"`
	Missing      []Range `json:"missing" nullable:"false"`
	NextExpected int     `json:"next_expected" doc:"The lowest sequence that has not arrived"`
	HasFinal     bool    `json:"has_final"`
}

// chunkRoute takes chunks in past huma, which would decode each body twice:
// phones send one every minute. ChunkBody describes in the document what readChunk
// reads.
func (s *Server) chunkRoute() {
	receipt := web.JSON(s.SchemaOf(Receipt{}))
	s.Handle(web.Operation{
		ID: "append-chunk", Method: http.MethodPost, Path: basePath + "/runs/sessions/{id}/chunks", Summary: "Send a stretch of a run",
		Description: "Chunks may come in any order, any number of times. 201 when stored, 200 when it was stored before.",
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "Content-Digest", In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "sha-256=:…: of the body as it is sent (RFC 9530), or of the inflated one; checked when it is there"},
		},
		Schema: s.SchemaOf(ChunkBody{}), Status: http.StatusCreated, Repeats: true, Answers: map[int]web.Media{http.StatusCreated: receipt},
		Tag: "Runs", Access: web.Users, Body: web.RawJSON, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.appendChunk)
}

func (s *Server) appendChunk(c *fiber.Ctx) error {
	sid, err := parseID[id.SessionKind](c.Params("id"), run.ErrSessionNotFound)
	if err != nil {
		return err
	}
	raw := c.Request().Body()
	if len(raw) == 0 {
		return fault.New(fault.Malformed, strictjson.CodeMalformed, "the body is empty")
	}
	if err := web.CheckDigest(c); err != nil {
		return err
	}
	in, err := readChunk(raw)
	if err != nil {
		return chunkMistakes(raw, err)
	}
	chunk, err := run.NewChunk(in)
	if err != nil {
		return err
	}
	session, outcome, err := s.app.Runs.AppendChunk(c.UserContext(), web.Viewer(c.UserContext()), sid, chunk)
	if err != nil {
		return err
	}
	l := session.Ledger()
	receipt := Receipt{
		Sequence: chunk.Sequence(), Status: "stored", Received: each(l.Received(), rangeOf), Missing: each(l.Missing(), rangeOf),
		NextExpected: l.NextExpected(), HasFinal: l.HasFinal(),
	}
	status := http.StatusCreated
	if outcome == run.Replayed {
		receipt.Status, status = "replayed", http.StatusOK
	}
	return c.Status(status).JSON(receipt)
}
