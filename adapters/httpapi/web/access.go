package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

var errNoToken = ports.ErrTokenInvalid.Saying("an access token is needed: Authorization: Bearer …")

// caller is who sends a request, as far as its token tells.
type caller struct {
	user id.User // zero when nobody signed in
	err  error   // why a token that is there is none
}

type countedKey struct{}

// count finds out who calls, and counts the request: by its user or, when no good
// token comes with it, by its address.
func (s *Server) count(c *fiber.Ctx, by Counts) (who caller, err error) {
	c.Locals(countedKey{}, true)
	switch by {
	case Uncounted:
		return who, nil
	case BySignIn:
		return who, s.limit(c, s.signIns, s.address(c))
	}
	who.user, who.err = s.userOf(c)
	switch {
	case !who.user.IsZero():
		return who, s.limit(c, s.users, who.user.String())
	case by == ByTile:
		return who, s.limit(c, s.tiles, s.address(c))
	}
	return who, s.limit(c, s.strangers, s.address(c))
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
	return s.cfg.Authenticate(c.UserContext(), token)
}

// admits returns who calls, if they may.
func (a Access) admits(who caller) (id.User, error) {
	switch {
	case a == Anybody:
		return id.User{}, nil
	case who.err == nil && who.user.IsZero() && a == Users:
		return id.User{}, errNoToken
	}
	return who.user, who.err
}
