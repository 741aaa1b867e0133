package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

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

var errDigest = fault.New(fault.Invalid, "digest_mismatch", "the body is not the one that Content-Digest describes; send it again")

// chunkRoute takes chunks in past huma, which would decode each body twice:
// phones send one every minute. Access, limits and errors are those of every
// other operation, and ChunkBody describes in the document what readChunk reads.
func (s *Server) chunkRoute() {
	path := basePath + "/runs/sessions/{id}/chunks"
	op := &huma.Operation{
		OperationID: "append-chunk", Method: http.MethodPost, Path: path, Summary: "Send a stretch of a run",
		Description: "Chunks may come in any order, any number of times. 201 when stored, 200 when it was stored before.",
		Tags:        []string{"Runs"}, Security: tokenNeeded,
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "Content-Digest", In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "sha-256=:…: of the body as it is sent (RFC 9530), or of the inflated one; checked when it is there"},
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: s.schemaOf(ChunkBody{})},
		}},
		Responses: map[string]*huma.Response{},
	}
	receipt := map[string]*huma.MediaType{"application/json": {Schema: s.schemaOf(Receipt{})}}
	op.Responses["201"] = &huma.Response{Description: "Stored", Content: receipt}
	op.Responses["200"] = &huma.Response{Description: "Stored before", Content: receipt}
	problem := map[string]*huma.MediaType{problemType: {Schema: s.schemaOf(Problem{})}}
	for _, status := range errorStatuses {
		op.Responses[itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: problem}
	}
	s.api.OpenAPI().AddOperation(op)
	s.fiber.Post(basePath+"/runs/sessions/:id/chunks", s.appendChunk)
}

func (s *Server) appendChunk(c *fiber.Ctx) error {
	uid, err := viewerOf(c)
	if err != nil {
		return err
	}
	if uid.IsZero() {
		return errNoToken
	}
	if err := noQuery(c); err != nil {
		return err
	}
	sid, err := parseID[id.SessionKind](c.Params("id"), run.ErrSessionNotFound)
	if err != nil {
		return err
	}
	if err := s.takeBody(c, uid, intake{limit: maxBodyBytes, media: fiber.MIMEApplicationJSON, loose: true}); err != nil {
		return err
	}
	raw := c.Request().Body()
	if len(raw) == 0 {
		return fault.New(fault.Malformed, strictjson.CodeMalformed, "the body is empty")
	}
	if err := checkDigest(c.Get("Content-Digest"), func() []byte { sum := sha256.Sum256(raw); return sum[:] }); err != nil {
		return err
	}
	in, err := readChunk(raw)
	if err != nil {
		return err
	}
	chunk, err := run.NewChunk(in)
	if err != nil {
		return err
	}
	session, outcome, err := s.app.Runs.AppendChunk(c.UserContext(), uid, sid, chunk)
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

// checkDigest compares a body's SHA-256 with RFC 9530's Content-Digest, if it has
// one of SHA-256.
func checkDigest(header string, have func() []byte) error {
	for _, part := range strings.Split(header, ",") {
		value, ok := strings.CutPrefix(strings.TrimSpace(part), "sha-256=:")
		if !ok {
			continue
		}
		want, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(value, ":"))
		if err != nil || subtle.ConstantTimeCompare(want, have()) != 1 {
			return errDigest
		}
	}
	return nil
}
