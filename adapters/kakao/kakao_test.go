package kakao

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/adapters/remote"
	"github.com/runvs/runvs/ports"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var runner = providertest.KakaoUser{ID: 42, Email: "runner@example.com", Nickname: "달리는사람"}

// house is a verifier with a Kakao that it talks to.
type house struct {
	*Verifier
	kakao providertest.Bench
}

func newHouse(t testing.TB, budget time.Duration) house {
	t.Helper()
	kakao := providertest.NewBench(t, start)
	v, err := New(Config{Service: remote.Service{BaseURL: kakao.URL(), Clock: kakao.Clock, Log: kakao.Logger(), Budget: budget}, AppID: fmt.Sprint(providertest.KakaoAppID)})
	if err != nil {
		t.Fatal(err)
	}
	return house{v, kakao}
}

func TestVerifierIsAPort(_ *testing.T) { var _ ports.Verifier = (*Verifier)(nil) }

func TestSaysWhomATokenStandsFor(t *testing.T) {
	h := newHouse(t, 0)
	who, err := h.Verify(t.Context(), h.kakao.AddKakaoUser(runner), "a nonce that Kakao knows nothing of")
	if err != nil {
		t.Fatal(err)
	}
	if who.Provider != "kakao" || who.ProviderID != "42" || who.Email != runner.Email || who.Nickname != runner.Nickname {
		t.Errorf("got %+v", who)
	}
}

// What Kakao may answer, and says nothing bad.
func TestAccepts(t *testing.T) {
	const family = "👩\u200d👩\u200d👧\u200d👦"
	for name, c := range map[string]struct {
		user     providertest.KakaoUser
		me       string // instead of the user
		id       string
		email    string
		nickname string
	}{
		"kakao_id_2p53_plus_1":     {user: providertest.KakaoUser{ID: 9007199254740993}, id: "9007199254740993"},
		"kakao_id_max":             {user: providertest.KakaoUser{ID: 9223372036854775807}, id: "9223372036854775807"},
		"kakao_no_kakao_account":   {user: providertest.KakaoUser{ID: 42, NoAccount: true}, id: "42"},
		"kakao_no_profile":         {user: providertest.KakaoUser{ID: 42, Email: "a@b.c"}, id: "42", email: "a@b.c"},
		"kakao_no_email":           {user: providertest.KakaoUser{ID: 42, Nickname: "n"}, id: "42", nickname: "n"},
		"kakao_no_nickname":        {user: providertest.KakaoUser{ID: 42, ImageURL: "https://img.example/1"}, id: "42"},
		"kakao_account_null":       {me: `{"id":42,"kakao_account":null}`, id: "42"},
		"kakao_profile_null":       {me: `{"id":42,"kakao_account":{"email":null,"profile":null}}`, id: "42"},
		"kakao_nickname_null":      {me: `{"id":42,"kakao_account":{"profile":{"nickname":null}}}`, id: "42"},
		"kakao_nickname_number":    {me: `{"id":42,"kakao_account":{"profile":{"nickname":7}}}`, id: "42"},
		"kakao_account_not_object": {me: `{"id":42,"kakao_account":[1]}`, id: "42"},
		// A person chooses the name: it must not look as if Kakao were down.
		"kakao_nickname_half_emoji": {me: `{"id":42,"kakao_account":{"profile":{"nickname":"a\ud83d"}}}`, id: "42", nickname: "a\ufffd"},
		"kakao_email_control":       {me: `{"id":42,"kakao_account":{"email":"a@b.c\u0000"}}`, id: "42"},
		"kakao_email_300_chars":     {user: providertest.KakaoUser{ID: 42, Email: strings.Repeat("a", 294) + "@b.com"}, id: "42"},
		// Cutting and making unique is the application's business.
		"kakao_nickname_13":        {user: providertest.KakaoUser{ID: 42, Nickname: "일이삼사오육칠팔구십일이삼"}, id: "42", nickname: "일이삼사오육칠팔구십일이삼"},
		"kakao_nickname_taken":     {user: providertest.KakaoUser{ID: 42, Nickname: runner.Nickname}, id: "42", nickname: runner.Nickname},
		"kakao_nickname_emoji_zwj": {user: providertest.KakaoUser{ID: 42, Nickname: family}, id: "42", nickname: family},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, 0)
			if c.me != "" {
				c.user.ID = 42
				h.kakao.Answer(providertest.KakaoUserPath, http.StatusOK, c.me)
			}
			who, err := h.Verify(t.Context(), h.kakao.AddKakaoUser(c.user), "")
			if err != nil {
				t.Fatal(err)
			}
			if who.ProviderID != c.id || who.Email != c.email || who.Nickname != c.nickname {
				t.Errorf("got %+v", who)
			}
		})
	}
}

func TestRefusesWhatKakaoDoesNotVouchFor(t *testing.T) {
	info := func(body string) func(*providertest.Server) {
		return func(s *providertest.Server) { s.Answer(providertest.KakaoInfoPath, http.StatusOK, body) }
	}
	me := func(body string) func(*providertest.Server) {
		return func(s *providertest.Server) { s.Answer(providertest.KakaoUserPath, http.StatusOK, body) }
	}
	for name, arrange := range map[string]func(*providertest.Server){
		"kakao_other_app_id":      func(s *providertest.Server) { s.SetKakaoAppID(providertest.KakaoAppID + 1) },
		"kakao_app_id_null":       func(s *providertest.Server) { s.SetKakaoAppID(nil) },
		"kakao_app_id_string":     func(s *providertest.Server) { s.SetKakaoAppID(fmt.Sprint(providertest.KakaoAppID)) },
		"kakao_app_id_float":      info(`{"id":42,"app_id":123456.0}`),
		"kakao_app_id_exponent":   info(`{"id":42,"app_id":123456e0}`),
		"kakao_app_id_missing":    info(`{"id":42}`),
		"kakao_app_id_other_case": info(`{"id":42,"APP_ID":123456}`),
		"kakao_app_id_array":      info(`{"id":42,"app_id":[123456]}`),
		"kakao_info_401":          func(s *providertest.Server) { s.Break(providertest.Status401, providertest.KakaoInfoPath) },
		"kakao_me_401":            func(s *providertest.Server) { s.Break(providertest.Status401, providertest.KakaoUserPath) },
		"kakao_id_mismatch":       me(`{"id":43}`),
		"kakao_id_mismatch_by_1ulp": func(s *providertest.Server) {
			info(`{"id":9007199254740993,"app_id":123456}`)(s)
			me(`{"id":9007199254740992}`)(s)
		},
		"kakao_id_null":         func(s *providertest.Server) { info(`{"id":null,"app_id":123456}`)(s); me(`{"id":null}`)(s) },
		"kakao_me_id_null":      me(`{"id":null}`),
		"kakao_me_id_string":    me(`{"id":"42"}`),
		"kakao_me_id_missing":   me(`{}`),
		"kakao_id_0":            func(s *providertest.Server) { info(`{"id":0,"app_id":123456}`)(s); me(`{"id":0}`)(s) },
		"kakao_id_negative":     func(s *providertest.Server) { info(`{"id":-1,"app_id":123456}`)(s); me(`{"id":-1}`)(s) },
		"kakao_id_2p63":         func(s *providertest.Server) { info(`{"id":9223372036854775808,"app_id":123456}`)(s) },
		"kakao_info_400_code_2": func(s *providertest.Server) { s.Answer(providertest.KakaoInfoPath, 400, `{"code":-2}`) },
		"kakao_me_not_linked":   func(s *providertest.Server) { s.Answer(providertest.KakaoUserPath, 400, `{"code":-101}`) },
		"kakao_me_barred":       func(s *providertest.Server) { s.Answer(providertest.KakaoUserPath, 403, `{"code":-4}`) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, 0)
			token := h.kakao.AddKakaoUser(runner)
			arrange(h.kakao.Server)
			// Oftener than a circuit stands: bad tokens are no failure of Kakao.
			for range 12 {
				_, err := h.Verify(t.Context(), token, "")
				providertest.Refused(t, err)
			}
			h.kakao.Heal()
			h.kakao.SetKakaoAppID(providertest.KakaoAppID)
			if _, err := h.Verify(t.Context(), token, ""); err != nil {
				t.Errorf("a good token after bad ones: %v", err)
			}
		})
	}
}

func TestAsksNothingWithATokenThatCannotBeOne(t *testing.T) {
	h := newHouse(t, 0)
	for name, token := range map[string]string{
		"kakao_token_empty":      "",
		"kakao_token_crlf":       "abc\r\nX-Evil: 1",
		"kakao_token_lf":         "abc\n",
		"kakao_token_nul":        "abc\x00",
		"kakao_token_del":        "abc\x7f",
		"kakao_token_space":      "abc def",
		"kakao_token_hangul":     "토큰",
		"kakao_token_5000_chars": strings.Repeat("a", 5000),
		"kakao_token_4097_chars": strings.Repeat("a", 4097),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Verify(t.Context(), token, "")
			providertest.Refused(t, err)
		})
	}
	if n := h.kakao.Total(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	longest := strings.Repeat("a", 4096)
	h.kakao.SetKakaoToken(longest, runner)
	if _, err := h.Verify(t.Context(), longest, ""); err != nil {
		t.Errorf("a token of 4096 characters: %v", err)
	}
}

func TestAPictureIsNeverFetched(t *testing.T) {
	for name, address := range map[string]string{
		"kakao_image_http_or_internal_host": "http://169.254.169.254/latest/meta-data",
		"kakao_image_of_this_server":        "",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, 0)
			if address == "" {
				address = h.kakao.URL() + providertest.EvilPath
			}
			token := h.kakao.AddKakaoUser(providertest.KakaoUser{ID: 42, ImageURL: address})
			if _, err := h.Verify(t.Context(), token, ""); err != nil {
				t.Fatal(err)
			}
			if n := h.kakao.Total(); n != 2 {
				t.Errorf("%d requests were made, not 2", n)
			}
		})
	}
}

func TestNewNeedsAnAppAnAddressAndAClock(t *testing.T) {
	good := Config{AppID: "123456", Service: remote.Service{Clock: providertest.NewClock(start)}}
	if _, err := New(good); err != nil {
		t.Fatalf("the real Kakao: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"no app":            func(c *Config) { c.AppID = "" },
		"an app key":        func(c *Config) { c.AppID = "0123456789abcdef" },
		"app 0":             func(c *Config) { c.AppID = "0" },
		"a negative app":    func(c *Config) { c.AppID = "-1" },
		"no clock":          func(c *Config) { c.Clock = nil },
		"a file":            func(c *Config) { c.BaseURL = "file:///etc/passwd" },
		"no host":           func(c *Config) { c.BaseURL = "https://" },
		"a password":        func(c *Config) { c.BaseURL = "https://u:hunter2@host" },
		"a query":           func(c *Config) { c.BaseURL = "https://host?a=b" },
		"a budget too long": func(c *Config) { c.Budget = 5 * time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			change(&cfg)
			_, err := New(cfg)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "0123456789abcdef") {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestACallerWhoLeavesIsNoFailureOfKakao(t *testing.T) {
	h := newHouse(t, 0)
	token := h.kakao.AddKakaoUser(runner)
	h.kakao.Break(providertest.Hang)
	for range 7 {
		ctx, leave := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_, err := h.Verify(ctx, token, "")
		leave()
		providertest.Unavailable(t, err)
	}
	h.kakao.Heal()
	if _, err := h.Verify(t.Context(), token, ""); err != nil {
		t.Errorf("the next one: %v", err)
	}
}
