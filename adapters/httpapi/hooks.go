package httpapi

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/ports"
)

// Hooks are how providers show that it is them who call.
type Hooks struct {
	KakaoAppID    string
	KakaoAdminKey string // "" takes no calls
}

const kakaoUnlinkPath = basePath + "/hooks/kakao/unlink"

var errHookKey = ports.ErrTokenInvalid.Saying("this is not the key of our Kakao app")

// UnlinkForm is what Kakao tells of somebody who unlinked our app; more is passed over.
type UnlinkForm struct {
	_      struct{} `additionalProperties:"true"`
	AppID  string   `json:"app_id"`
	UserID string   `json:"user_id" doc:"Kakao's id of them"`
}

// hookRoutes takes what providers tell by themselves. Kakao sends a form, or a
// query, so it goes past huma.
func (s *Server) hookRoutes() {
	op := web.Operation{
		Path: kakaoUnlinkPath, Tag: "Service", Summary: "Kakao says that somebody has unlinked our app",
		Description: "Authorization: KakaoAK <admin key>; app_id and user_id as a form or a query. The account is deleted in a job, also when nobody has it: 200.",
		Access:      web.Anybody, Cache: web.NotKept, Counts: web.ByCaller, AnyQuery: true, Guard: s.fromKakao, Errors: []int{http.StatusUnauthorized},
		Answers: map[int]web.Media{http.StatusOK: {fiber.MIMETextPlain: &huma.Schema{Type: huma.TypeString}}},
	}
	for _, name := range []string{"app_id", "user_id"} {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}})
	}
	op.ID, op.Method, op.Body = "kakao-unlink-get", http.MethodGet, web.NoBody
	s.Handle(op, s.kakaoUnlink)
	op.ID, op.Method, op.Body, op.Schema = "kakao-unlink-post", http.MethodPost, web.FormBody, s.SchemaOf(UnlinkForm{})
	s.Handle(op, s.kakaoUnlink)
}

// fromKakao lets nobody through who has not our key.
func (s *Server) fromKakao(c *fiber.Ctx) error {
	key, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "KakaoAK ")
	want := s.cfg.Hooks.KakaoAdminKey
	if !ok || want == "" || subtle.ConstantTimeCompare([]byte(key), []byte(want)) != 1 {
		return errHookKey
	}
	return nil
}

func (s *Server) kakaoUnlink(c *fiber.Ctx) error {
	value := func(name string) string { return c.Query(name) }
	if c.Method() == http.MethodPost {
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
