// Package providertest is a stand-in for Kakao and Apple in tests: one HTTP
// server on this machine that answers as their documentation says, and that can
// be broken in the ways in which such services break. It is not for production.
//
//	providers := providertest.New()
//	defer providers.Close()
//	token := providers.AddKakaoUser(providertest.KakaoUser{ID: 1, Nickname: "달리기"})
//	idToken := providers.AppleToken(map[string]any{"sub": "001", "nonce": "n"})
//	providers.Break(providertest.HTML, providertest.KakaoInfoPath)
//
// Both base URLs are URL. What it cannot do: the pages on which people agree.
package providertest

import (
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// The paths that the server answers.
const (
	KakaoInfoPath   = "/v1/user/access_token_info"
	KakaoUserPath   = "/v2/user/me"
	AppleKeysPath   = "/auth/keys"
	AppleTokenPath  = "/auth/token"
	AppleRevokePath = "/auth/revoke"
)

// EvilPath is where redirects lead, and where headers of forged tokens should
// point: nothing must ever ask for it. It answers as if it could be trusted.
const EvilPath = "/evil"

// Server plays Kakao and Apple. Its methods may be called while it answers.
type Server struct {
	http *httptest.Server
	done chan struct{} // closed when answers that never end must end

	mu       sync.Mutex
	now      func() time.Time
	requests map[string]int
	breaks   map[string]breakage
	answers  map[string]answer

	kakaoAppID   any
	kakaoUsers   map[string]KakaoUser // by token
	kakaoTokens  int
	appleKeys    []appleKey // published; the last signs
	appleKeyring int        // how many keys were ever made
	appleGrants  grants
}

type answer struct {
	status int
	body   string
}

type breakage struct {
	how  Breakage
	left int // requests that it still meets; below 0 for all
}

type appleKey struct {
	kid     string
	private *rsa.PrivateKey
}

// New starts a server with one Apple key and no user. Close it.
func New() *Server {
	s := &Server{
		done: make(chan struct{}), now: time.Now, requests: map[string]int{},
		breaks: map[string]breakage{}, answers: map[string]answer{},
		kakaoAppID: KakaoAppID, kakaoUsers: map[string]KakaoUser{}, appleGrants: newGrants(),
	}
	s.addAppleKey()
	s.http = httptest.NewServer(s)
	return s
}

// Close stops the server; answers that hang are cut off. Once is enough.
func (s *Server) Close() {
	close(s.done)
	s.http.CloseClientConnections()
	s.http.Close()
}

// URL is the base URL of both providers.
func (s *Server) URL() string { return s.http.URL }

// SetNow gives the server another clock, for the times in Apple's tokens.
func (s *Server) SetNow(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Requests returns how often a path was asked for, whatever the answer.
func (s *Server) Requests(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[path]
}

// Total returns how many requests came at all.
func (s *Server) Total() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, count := range s.requests {
		n += count
	}
	return n
}

// Answer makes a path answer with this from now on, until Heal.
func (s *Server) Answer(path string, status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = answer{status, body}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	s.mu.Lock()
	s.requests[path]++
	how := s.breakageOf(path)
	fixed, isFixed := s.answers[path]
	s.mu.Unlock()
	switch {
	case how != "":
		s.serveBroken(how, w, r)
	case isFixed:
		writeRaw(w, fixed.status, fixed.body)
	case path == AppleTokenPath || path == AppleRevokePath:
		s.serveGrants(w, r)
	case r.Method != http.MethodGet:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case path == KakaoInfoPath || path == KakaoUserPath:
		s.serveKakao(w, r)
	case path == AppleKeysPath || strings.HasPrefix(path, EvilPath):
		s.serveKeys(w)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func writeRaw(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a client that went away is no fault here
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic("providertest: " + err.Error())
	}
	writeRaw(w, status, string(body))
}
