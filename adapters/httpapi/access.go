package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

var errNoToken = fault.New(fault.Unauthorized, "token_invalid", "an access token is needed: Authorization: Bearer …")

// The security of an operation: a token is needed, or widens what is seen.
var (
	tokenNeeded   = []map[string][]string{{"bearer": {}}}
	tokenOptional = []map[string][]string{{}, {"bearer": {}}}
)

type viewerKey struct{}

// viewer returns who asks; zero when nobody signed in.
func viewer(ctx context.Context) id.User {
	uid, _ := ctx.Value(viewerKey{}).(id.User)
	return uid
}

// authenticate checks the token of operations that want one.
func (s *Server) authenticate(ctx huma.Context, next func(huma.Context)) {
	security := ctx.Operation().Security
	if len(security) == 0 {
		next(ctx)
		return
	}
	c := humafiber.UnwrapV2(ctx)
	uid, err := s.viewerOf(c)
	if err == nil && uid.IsZero() && len(security) == 1 {
		err = errNoToken
	}
	if err != nil {
		if werr := s.write(c, problemOf(err, "")); werr != nil {
			s.cfg.Log.Error("an answer could not be written", "error", werr)
		}
		return
	}
	next(huma.WithValue(ctx, viewerKey{}, uid))
}

// viewerOf returns the user of a request's token; zero when it has none. A
// token that is there must be good.
func (s *Server) viewerOf(c *fiber.Ctx) (id.User, error) {
	headers := c.Request().Header.PeekAll(fiber.HeaderAuthorization)
	if len(headers) == 0 {
		return id.User{}, nil
	}
	scheme, token, ok := strings.Cut(string(headers[0]), " ")
	if len(headers) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return id.User{}, errNoToken
	}
	uid, err := s.app.Auth.Authenticate(c.UserContext(), token)
	if err != nil {
		return id.User{}, err
	}
	return uid, s.limit(c, s.requests, uid.String())
}

// errorStatuses are the errors that any operation may answer with.
var errorStatuses = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict,
	http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable}
