package kakao

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/providertest"
)

// hurried is a budget for providers that would use up any.
const hurried = 60 * time.Millisecond

// names are those that the list of bad inputs has for outages.
var names = map[providertest.Breakage]string{
	providertest.KakaoMinusOne: "info_400_code_minus_1",
	providertest.Status500:     "info_500",
	providertest.Status429:     "info_429",
	providertest.HTML:          "info_html",
	providertest.Redirect:      "info_302",
	providertest.Huge:          "info_10MB",
	providertest.Hang:          "info_slow_10s",
}

func TestSaysThatKakaoIsDown(t *testing.T) {
	for _, path := range []string{providertest.KakaoInfoPath, providertest.KakaoUserPath} {
		for _, how := range providertest.Outages() {
			name := "kakao_" + names[how]
			if names[how] == "" {
				name += "info_" + string(how)
			}
			if path == providertest.KakaoUserPath {
				name = strings.Replace(name, "info", "me", 1)
			}
			t.Run(name, func(t *testing.T) {
				slow := how == providertest.Hang || how == providertest.SlowLoris
				var budget time.Duration
				if slow {
					budget = hurried
				}
				h := newHouse(t, budget)
				token := h.kakao.AddKakaoUser(runner)
				h.kakao.Break(how, path)
				began := time.Now()
				_, err := h.Verify(t.Context(), token, "")
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("it took %v", took)
				}
				providertest.Unavailable(t, err)
				again := slices.Contains([]providertest.Breakage{
					providertest.Reset, providertest.Truncated, providertest.Status500, providertest.Status503,
				}, how)
				// net/http itself repeats what a kept connection swallowed.
				n := h.kakao.Requests(path)
				if how == providertest.Reset && path == providertest.KakaoUserPath && n == 3 {
					n--
				}
				if (again && n != 2) || (!again && n != 1) {
					t.Errorf("%d requests were made", n)
				}
				if h.kakao.Requests(providertest.EvilPath) != 0 {
					t.Error("a redirect was followed")
				}
				h.kakao.Heal()
				if _, err := h.Verify(t.Context(), token, ""); err != nil && !slow { // hurried is short for a busy machine
					t.Errorf("after it: %v", err)
				}
			})
		}
	}
}

func TestWhatKakaoSaysOfItselfIsNotTheTokensFault(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
	}{
		{400, `{"code":-7}`}, {400, `{"code":-10}`}, {400, `{"code":-603}`}, {403, `{"code":-3}`}, {403, `{"code":-12}`},
		{400, `{}`}, {400, `<html>`}, {400, ``}, {404, `{}`}, {204, ``}, {200, `null`}, {200, `"text"`}, {200, `{"id":1} {}`},
	} {
		h := newHouse(t, 0)
		h.kakao.Answer(providertest.KakaoInfoPath, c.status, c.body)
		_, err := h.Verify(t.Context(), h.kakao.AddKakaoUser(runner), "")
		t.Run(http.StatusText(c.status)+c.body, func(t *testing.T) { providertest.Unavailable(t, err) })
	}
}

func TestOneHiccupIsNotNoticed(t *testing.T) {
	for _, how := range []providertest.Breakage{providertest.Reset, providertest.Truncated, providertest.Status500, providertest.Status503} {
		t.Run(string(how), func(t *testing.T) {
			h := newHouse(t, 0)
			token := h.kakao.AddKakaoUser(runner)
			h.kakao.BreakNext(1, how, providertest.KakaoInfoPath, providertest.KakaoUserPath)
			who, err := h.Verify(t.Context(), token, "")
			if err != nil || who.ProviderID != "42" {
				t.Errorf("got %+v, %v", who, err)
			}
		})
	}
}

func TestTheCircuitOpensAndHeals(t *testing.T) {
	h := newHouse(t, 0)
	token := h.kakao.AddKakaoUser(runner)
	h.kakao.Break(providertest.HTML)
	for range 5 {
		_, err := h.Verify(t.Context(), token, "")
		providertest.Unavailable(t, err)
	}
	asked := h.kakao.Total()
	_, err := h.Verify(t.Context(), token, "")
	providertest.Unavailable(t, err)
	if h.kakao.Total() != asked {
		t.Error("Kakao was asked though the circuit is open")
	}
	h.kakao.Clock.Advance(10 * time.Second)
	_, err = h.Verify(t.Context(), token, "")
	providertest.Unavailable(t, err)
	if h.kakao.Total() != asked+1 {
		t.Errorf("after the pause %d requests were made, not 1", h.kakao.Total()-asked)
	}
	h.kakao.Heal()
	if _, err = h.Verify(t.Context(), token, ""); err == nil {
		t.Error("the failed probe did not open the circuit again")
	}
	h.kakao.Clock.Advance(10 * time.Second)
	for range 2 {
		if _, err = h.Verify(t.Context(), token, ""); err != nil {
			t.Errorf("Kakao is back: %v", err)
		}
	}
	if log := h.kakao.Log.String(); !strings.Contains(log, "is left alone") || !strings.Contains(log, "answers again") {
		t.Errorf("the log says %q", log)
	}
}

func TestNothingPersonalIsInErrorsOrTheLog(t *testing.T) {
	for _, how := range append(providertest.Outages(), providertest.Status401) {
		h := newHouse(t, hurried)
		token := h.kakao.AddKakaoUser(runner)
		h.kakao.Break(how, providertest.KakaoUserPath)
		for range 6 {
			_, err := h.Verify(t.Context(), token, "")
			if err == nil {
				t.Fatalf("%s: no error", how)
			}
			for _, secret := range []string{token, runner.Email, runner.Nickname, "Bearer"} {
				if strings.Contains(err.Error(), secret) || strings.Contains(h.kakao.Log.String(), secret) {
					t.Errorf("%s: %q shows in %v, or in the log %s", how, secret, err, h.kakao.Log)
				}
			}
		}
	}
}
