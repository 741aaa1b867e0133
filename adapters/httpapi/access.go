package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

var errNoToken = ports.ErrTokenInvalid.Saying("an access token is needed: Authorization: Bearer …")

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

// caller is who sends a request, as far as its token tells.
type caller struct {
	user id.User // zero when nobody signed in
	err  error   // why a token that is there is none
}

type callerKey struct{}

// identify finds out who calls, and counts the request: by its user or, when no
// good token comes with it, by its address.
func (s *Server) identify(c *fiber.Ctx) error {
	switch path := c.Path(); path {
	case "/healthz", "/readyz": // who watches over us must hear it also when others ask too much
		return c.Next()
	case basePath + "/auth/login", basePath + "/auth/refresh": // anybody may call them, to get tokens
		return s.limited(c, s.signIns, s.address(c))
	default:
		var who caller
		who.user, who.err = s.userOf(c)
		c.Locals(callerKey{}, who)
		switch {
		case !who.user.IsZero():
			return s.limited(c, s.users, who.user.String())
		case strings.HasPrefix(path, basePath+"/tiles/"):
			return s.limited(c, s.tiles, s.address(c))
		}
		return s.limited(c, s.strangers, s.address(c))
	}
}

// userOf returns the user of a request's token; zero when it has none. A token
// that is there must be good.
func (s *Server) userOf(c *fiber.Ctx) (id.User, error) {
	headers := c.Request().Header.PeekAll(fiber.HeaderAuthorization)
	if len(headers) == 0 {
		return id.User{}, nil
	}
	scheme, token, ok := strings.Cut(string(headers[0]), " ")
	if len(headers) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return id.User{}, errNoToken
	}
	return s.app.Auth.Authenticate(c.UserContext(), token)
}

// viewerOf returns who was identified.
func viewerOf(c *fiber.Ctx) (id.User, error) {
	who, _ := c.Locals(callerKey{}).(caller)
	return who.user, who.err
}

// authenticate checks the token of operations that want one.
func (s *Server) authenticate(ctx huma.Context, next func(huma.Context)) {
	security := ctx.Operation().Security
	if len(security) == 0 {
		next(ctx)
		return
	}
	uid, err := viewerOf(humafiber.UnwrapV2(ctx))
	if err == nil && uid.IsZero() && len(security) == 1 {
		err = errNoToken
	}
	if err != nil {
		s.refuse(ctx, err)
		return
	}
	next(huma.WithValue(ctx, viewerKey{}, uid))
}

// refuse answers in place of an operation.
func (s *Server) refuse(ctx huma.Context, err error) {
	if werr := s.write(humafiber.UnwrapV2(ctx), problemOf(err, "body")); werr != nil {
		s.cfg.Log.Error("an answer could not be written", "error", werr)
	}
}

// errorStatuses are the errors that any operation may answer with.
var errorStatuses = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict,
	http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable}
