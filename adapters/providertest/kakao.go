package providertest

import (
	"fmt"
	"net/http"
	"strings"
)

// KakaoAppID is the app that tokens are made for, unless SetKakaoAppID says
// otherwise.
const KakaoAppID int64 = 123456

// KakaoUser is a person at Kakao. What is "" the person did not agree to give,
// and it is left out of the answers.
type KakaoUser struct {
	ID        int64
	Email     string
	Nickname  string
	ImageURL  string
	NoAccount bool // leaves out kakao_account altogether
}

// AddKakaoUser makes an access token of a person and returns it.
func (s *Server) AddKakaoUser(u KakaoUser) string {
	s.mu.Lock()
	s.kakaoTokens++
	token := fmt.Sprintf("kakao-access-token-%d", s.kakaoTokens)
	s.mu.Unlock()
	s.SetKakaoToken(token, u)
	return token
}

// SetKakaoToken makes a token of any text stand for a person.
func (s *Server) SetKakaoToken(token string, u KakaoUser) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kakaoUsers[token] = u
}

// SetKakaoAppID changes the app that tokens were made for. A number is usual;
// nil and a string make answers that Kakao never gives.
func (s *Server) SetKakaoAppID(appID any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kakaoAppID = appID
}

func (s *Server) serveKakao(w http.ResponseWriter, r *http.Request) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	u, known := s.kakaoUsers[token]
	appID := s.kakaoAppID
	s.mu.Unlock()
	switch {
	case !bearer:
		writeJSON(w, http.StatusUnauthorized, map[string]any{"msg": "no authentication key!", "code": -401})
	case !known:
		writeJSON(w, http.StatusUnauthorized, map[string]any{"msg": "this access token does not exist", "code": -401})
	case r.URL.Path == KakaoInfoPath:
		writeJSON(w, http.StatusOK, map[string]any{"id": u.ID, "expires_in": 21599, "app_id": appID})
	default:
		writeJSON(w, http.StatusOK, u.answer())
	}
}

// answer is what "Retrieve user information" says of a person.
func (u KakaoUser) answer() map[string]any {
	answer := map[string]any{"id": u.ID, "connected_at": "2026-01-02T03:04:05Z"}
	if u.NoAccount {
		return answer
	}
	account := map[string]any{"has_email": u.Email != "", "profile_nickname_needs_agreement": u.Nickname == ""}
	if u.Email != "" {
		account["email"] = u.Email
		account["email_needs_agreement"] = false
		account["is_email_valid"] = true
		account["is_email_verified"] = true
	}
	profile := map[string]any{}
	if u.Nickname != "" {
		profile["nickname"] = u.Nickname
	}
	if u.ImageURL != "" {
		profile["profile_image_url"] = u.ImageURL
		profile["thumbnail_image_url"] = u.ImageURL
		profile["is_default_image"] = false
	}
	if len(profile) > 0 {
		account["profile"] = profile
	}
	answer["kakao_account"] = account
	return answer
}
