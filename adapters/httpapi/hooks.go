package httpapi

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// Hooks are how providers show that it is them who call.
type Hooks struct {
	KakaoAppID    string
	KakaoAdminKey string // "" takes no calls
}

const kakaoUnlinkPath = basePath + "/hooks/kakao/unlink"

var (
	errHookKey  = ports.ErrTokenInvalid.Saying("this is not the key of our Kakao app")
	errFormOnly = errMediaType.Saying("the body must be application/x-www-form-urlencoded")
)

// hookRoutes takes what providers tell by themselves. Kakao sends a form, or a
// query, so it goes past huma.
func (s *Server) hookRoutes() {
	problem := map[string]*huma.MediaType{problemType: {Schema: s.schemaOf(Problem{})}}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		s.api.OpenAPI().AddOperation(&huma.Operation{
			OperationID: "kakao-unlink-" + strings.ToLower(method), Method: method, Path: kakaoUnlinkPath, Tags: []string{"Service"},
			Summary:     "Kakao says that somebody has unlinked our app",
			Description: "Authorization: KakaoAK <admin key>; app_id and user_id as a form or a query. The account is deleted in a job.",
			Responses: map[string]*huma.Response{
				"200": {Description: "Taken, also for somebody we do not know"},
				"401": {Description: http.StatusText(http.StatusUnauthorized), Content: problem},
			},
		})
		s.fiber.Add(method, kakaoUnlinkPath, s.kakaoUnlink)
	}
}

func (s *Server) kakaoUnlink(c *fiber.Ctx) error {
	key, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "KakaoAK ")
	want := s.cfg.Hooks.KakaoAdminKey
	if !ok || want == "" || subtle.ConstantTimeCompare([]byte(key), []byte(want)) != 1 {
		return errHookKey
	}
	value := func(name string) string { return c.Query(name) }
	if c.Method() == http.MethodPost {
		if err := s.takeBody(c, id.User{}, intake{limit: maxSmallBytes, media: fiber.MIMEApplicationForm}); err != nil {
			return err
		}
		value = func(name string) string { return c.FormValue(name) }
	}
	if value("app_id") != s.cfg.Hooks.KakaoAppID {
		return errHookKey
	}
	// As it is kept: the decimal text of a positive int64.
	if n, err := strconv.ParseInt(value("user_id"), 10, 64); err == nil && n > 0 {
		if err := s.app.Users.ProviderUnlinked(c.UserContext(), "kakao", strconv.FormatInt(n, 10)); err != nil {
			return err
		}
	}
	return c.SendStatus(http.StatusOK)
}
