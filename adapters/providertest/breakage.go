package providertest

import (
	"net/http"
	"strings"
	"time"
)

// Breakage is a way in which a provider fails.
type Breakage string

// The ways.
const (
	Reset         Breakage = "reset"           // the connection is cut without an answer
	Truncated     Breakage = "truncated"       // the connection is cut within the answer
	Status401     Breakage = "status_401"      // the token is bad, whichever it is
	Status429     Breakage = "status_429"      // too many requests
	Status500     Breakage = "status_500"      // a server error
	Status503     Breakage = "status_503"      // maintenance
	KakaoMinusOne Breakage = "kakao_minus_one" // Kakao's 400 for an error of its own
	HTML          Breakage = "html"            // 200 with a page
	Empty         Breakage = "empty"           // 200 with nothing
	NotJSON       Breakage = "not_json"        // 200 with half a document
	WrongShape    Breakage = "wrong_shape"     // 200 with JSON that is no object
	Redirect      Breakage = "redirect"        // 302 to EvilPath
	Huge          Breakage = "huge"            // 200 with 10 MB
	Hang          Breakage = "hang"            // no answer, ever
	SlowLoris     Breakage = "slow_loris"      // an answer that drips and never ends
)

// Outages are the breakages for which no token is to blame.
func Outages() []Breakage {
	return []Breakage{
		Reset, Truncated, Status429, Status500, Status503, KakaoMinusOne, HTML, Empty, NotJSON, WrongShape,
		Redirect, Huge, Hang, SlowLoris,
	}
}

// everything stands for all paths.
const everything = ""

// Break makes the given paths fail, or all when none is given, until Heal.
func (s *Server) Break(how Breakage, paths ...string) { s.breakFor(-1, how, paths) }

// BreakNext is Break for the next n requests of each path, or of all together.
func (s *Server) BreakNext(n int, how Breakage, paths ...string) { s.breakFor(n, how, paths) }

func (s *Server) breakFor(n int, how Breakage, paths []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(paths) == 0 {
		paths = []string{everything}
	}
	for _, path := range paths {
		s.breaks[path] = breakage{how, n}
	}
}

// Heal ends what Break and Answer began.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.breaks)
	clear(s.answers)
}

// breakageOf returns how a request of a path fails, or "". Needs mu.
func (s *Server) breakageOf(path string) Breakage {
	for _, p := range []string{path, everything} {
		b, ok := s.breaks[p]
		if !ok || b.left == 0 {
			continue
		}
		b.left--
		s.breaks[p] = b
		return b.how
	}
	return ""
}

func (s *Server) serveBroken(how Breakage, w http.ResponseWriter, r *http.Request) {
	switch how {
	case Reset:
		panic(http.ErrAbortHandler)
	case Truncated:
		w.Header().Set("Content-Length", "1000")
		writeRaw(w, http.StatusOK, `{"id":`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case Status401:
		writeRaw(w, http.StatusUnauthorized, `{"msg":"this access token does not exist","code":-401}`)
	case Status429:
		writeRaw(w, http.StatusTooManyRequests, `{"msg":"API limit has been exceeded.","code":-10}`)
	case Status500:
		writeRaw(w, http.StatusInternalServerError, `{"msg":"internal error","code":-1}`)
	case Status503:
		writeRaw(w, http.StatusServiceUnavailable, `{"msg":"service under maintenance","code":-9798}`)
	case KakaoMinusOne:
		writeRaw(w, http.StatusBadRequest, `{"msg":"internal error","code":-1}`)
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>We will be back soon</title>"))
	case Empty:
		w.WriteHeader(http.StatusOK)
	case NotJSON:
		writeRaw(w, http.StatusOK, `{"id":1,"app_id":`)
	case WrongShape:
		writeRaw(w, http.StatusOK, `[{"id":1}]`)
	case Redirect:
		http.Redirect(w, r, EvilPath, http.StatusFound)
	case Huge:
		writeRaw(w, http.StatusOK, `{"keys":[],"padding":"`+strings.Repeat("x", 10_000_000)+`"}`)
	case Hang:
		s.until(r)
	case SlowLoris:
		s.drip(w, r)
	default:
		panic("providertest: there is no breakage " + string(how))
	}
}

// until waits for the client to go away, or for Close.
func (s *Server) until(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.done:
	}
	panic(http.ErrAbortHandler)
}

// drip sends white space, a byte at a time.
func (s *Server) drip(w http.ResponseWriter, r *http.Request) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	control := http.NewResponseController(w)
	for {
		if _, err := w.Write([]byte(" ")); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		}
	}
}
