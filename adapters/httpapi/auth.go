package httpapi

import (
	"context"
	"net/http"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// LoginBody is a sign-in.
type LoginBody struct {
	Provider string  `json:"provider" enum:"kakao,apple,dev" doc:"dev takes any name as token, on a developer's machine only"`
	Token    string  `json:"token" minLength:"1" maxLength:"16384" doc:"Kakao: an access token. Apple: an id_token"`
	Nonce    *string `json:"nonce,omitempty" maxLength:"255" required:"false" nullable:"true" doc:"Apple: the nonce that the id_token was asked for"`
}

// TokensAnswer is what a client signs in with from now on.
type TokensAnswer struct {
	AccessToken      string `json:"access_token"`
	TokenType        string `json:"token_type" enum:"Bearer"`
	ExpiresIn        int    `json:"expires_in" doc:"Seconds"`
	RefreshToken     string `json:"refresh_token" doc:"Good for one refresh"`
	RefreshExpiresIn int    `json:"refresh_expires_in" doc:"Seconds"`
}

func tokensOf(t app.Tokens) TokensAnswer {
	return TokensAnswer{
		AccessToken: t.Access, TokenType: "Bearer", ExpiresIn: seconds(t.ExpiresIn),
		RefreshToken: t.Refresh, RefreshExpiresIn: seconds(t.RefreshExpiresIn),
	}
}

// LoginAnswer is what a sign-in gives.
type LoginAnswer struct {
	TokensAnswer
	IsNewUser bool `json:"is_new_user"`
	User      User `json:"user"`
}

// RefreshBody names a refresh token.
type RefreshBody struct {
	RefreshToken string `json:"refresh_token" maxLength:"1024"`
}

// What a client hears of a credential that cannot be one, whatever is wrong with
// it: who cannot sign in learns so in one way.
var (
	socialToken = func() map[string]*fault.Error {
		none := ports.ErrSocialTokenInvalid.Saying("provider must be kakao or apple, and token what it gave")
		return map[string]*fault.Error{"body.provider": none, "body.token": none}
	}()
	refreshToken = map[string]*fault.Error{"body.refresh_token": auth.ErrInvalid}
)

// noContent is a 204.
type noContent struct{}

func (s *Server) authRoutes() {
	register(s, web.Operation{
		ID: "login", Method: http.MethodPost, Path: "/auth/login", Summary: "Sign in",
		Description: "An id_token of Apple signs in once: a second use is 401 `invalid_social_token`, on every process. It counts as used only when the sign-in is done, so after a 503 it may be sent again; when the answer was lost, ask Apple for another.",
		Tag:         "Auth", Access: web.Anybody, Body: web.JSONBody, Cache: web.NotKept, Counts: web.BySignIn, Errors: []int{http.StatusUnauthorized}, Credentials: socialToken,
	}, func(ctx context.Context, in *struct{ Body LoginBody }) (*body[LoginAnswer], error) {
		nonce := ""
		if in.Body.Nonce != nil {
			nonce = *in.Body.Nonce
		}
		l, err := s.app.Auth.Login(ctx, in.Body.Provider, in.Body.Token, nonce)
		if err != nil {
			return nil, err
		}
		return &body[LoginAnswer]{LoginAnswer{TokensAnswer: tokensOf(l.Tokens), IsNewUser: l.IsNewUser, User: s.links.userOf(l.User)}}, nil
	})
	register(s, web.Operation{
		ID: "refresh", Method: http.MethodPost, Path: "/auth/refresh", Summary: "Get new tokens for a refresh token",
		Description: "A refresh token is good for one refresh. When the answer is lost, the same request with the same Idempotency-Key gives the same answer, as long as the new token has not been used. Using it again in any other way is taken for theft: the user is signed out everywhere.",
		Tag:         "Auth", Access: web.Anybody, Body: web.JSONBody, Cache: web.NotKept, Counts: web.BySignIn, Errors: []int{http.StatusUnauthorized}, Credentials: refreshToken,
	}, func(ctx context.Context, in *struct {
		RequestKey
		Body RefreshBody
	}) (*body[TokensAnswer], error) {
		t, err := s.app.Auth.Refresh(ctx, in.Body.RefreshToken, in.Key)
		if err != nil {
			return nil, err
		}
		return &body[TokensAnswer]{tokensOf(t)}, nil
	})
	register(s, web.Operation{
		ID: "logout", Method: http.MethodPost, Path: "/auth/logout", Summary: "Sign this device out",
		Status:      http.StatusNoContent,
		Description: "The refresh token is enough: an access token is not looked at, so that it may have expired. A device that is signed out already, or whose account is gone, stays so.",
		Tag:         "Auth", Access: web.Anybody, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusUnauthorized}, Credentials: refreshToken,
	}, func(ctx context.Context, in *struct{ Body RefreshBody }) (*noContent, error) {
		return nil, s.app.Auth.Logout(ctx, in.Body.RefreshToken)
	})
	register(s, web.Operation{
		ID: "logout-all", Method: http.MethodPost, Path: "/auth/logout-all", Summary: "Sign all my devices out",
		Status: http.StatusNoContent,
		Tag:    "Auth", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, _ *struct{}) (*noContent, error) {
		return nil, s.app.Auth.LogoutAll(ctx, web.Viewer(ctx))
	})
}
