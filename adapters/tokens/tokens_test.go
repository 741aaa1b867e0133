package tokens

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

var (
	now    = time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)
	runner = id.MustParse[id.UserKind]("0198c0de-0000-7000-8000-0000000000aa")
	device = id.MustParse[id.FamilyKind]("0198c0de-0000-7000-8000-0000000000bb")
	secret = Secret{KID: "new", Key: []byte("0123456789abcdef0123456789abcdef")}
	before = Secret{KID: "old", Key: []byte("fedcba9876543210fedcba9876543210")}
)

func newSigner(t testing.TB, secrets ...Secret) *Signer {
	t.Helper()
	s, err := New(Config{Secrets: secrets, Issuer: "https://runvs.test", Audience: "runvs"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goodClaims are those of a token that is good now.
func goodClaims() map[string]any {
	return map[string]any{
		"sub": runner.String(), "sid": device.String(), "jti": "j", "iss": "https://runvs.test", "aud": "runvs",
		"iat": now.Unix() - 10, "exp": now.Unix() + 600,
	}
}

func with(m map[string]any, name string, value any) map[string]any {
	m = maps.Clone(m)
	if value == nil {
		delete(m, name)
	} else {
		m[name] = value
	}
	return m
}

func goodHeader() map[string]any { return map[string]any{"alg": "HS256", "typ": "JWT", "kid": "new"} }

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// sign makes a token of any two texts with the good secret's HS256 signature.
func sign(header, payload string) string {
	signed := b64(header) + "." + b64(payload)
	return signed + "." + b64(mac(signed, secret.Key))
}

func mac(signed string, key []byte) string {
	h := hmac.New(jwt.SigningMethodHS256.Hash.New, key)
	_, _ = h.Write([]byte(signed))
	return string(h.Sum(nil))
}

func claimsToken(claims map[string]any) string { return sign(text(goodHeader()), text(claims)) }

func TestATokenSaysWhoWhichDeviceAndWhen(t *testing.T) {
	s := newSigner(t, secret)
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "now")).UTC()
		lifetime := time.Duration(rapid.Int64Range(1, 1e9).Draw(t, "lifetime")) * time.Microsecond
		user := id.FromBytes[id.UserKind]([16]byte(rapid.SliceOfN(rapid.ByteRange(1, 255), 16, 16).Draw(t, "user")))
		token, err := s.Issue(user, device, at, lifetime)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Verify(token, at)
		if err != nil {
			t.Fatal(err)
		}
		if got.User != user || got.Family != device || !got.IssuedAt.Equal(at) || !got.ExpiresAt.Equal(at.Add(lifetime)) {
			t.Fatalf("%v became %+v", at, got)
		}
		if _, err := s.Verify(token, at.Add(lifetime)); err == nil {
			t.Fatal("good when it ended")
		}
		if _, err := s.Verify(token, at.Add(lifetime-time.Microsecond)); err != nil {
			t.Fatalf("not good just before its end: %v", err)
		}
	})
}

func TestATokenIsAJWTToOthers(t *testing.T) {
	token, err := newSigner(t, secret).Issue(runner, device, now, 30*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return secret.Key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer("https://runvs.test"), jwt.WithAudience("runvs"), jwt.WithSubject(runner.String()),
		jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithIssuedAt(), jwt.WithExpirationRequired(), jwt.WithStrictDecoding())
	if err != nil {
		t.Fatal(err)
	}
	claims := parsed.Claims.(jwt.MapClaims)
	for _, name := range []string{"sub", "iat", "exp", "iss", "aud", "jti", "sid"} {
		if claims[name] == nil {
			t.Errorf("the claim %s is missing", name)
		}
	}
	if parsed.Header["kid"] != "new" {
		t.Errorf("kid is %v", parsed.Header["kid"])
	}
}

// The names are those of the list of bad inputs, as far as a token alone can be
// bad; what hangs on the request or the store is tested there.
func TestBadTokensAreRefused(t *testing.T) {
	good, header := goodClaims(), text(goodHeader())
	valid := claimsToken(good)
	parts := strings.Split(valid, ".")
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signedBy := func(method jwt.SigningMethod, key any) string {
		token := jwt.NewWithClaims(method, jwt.MapClaims(good))
		token.Header["kid"] = "new"
		s, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	alg := func(v any) string { return sign(text(with(goodHeader(), "alg", v)), text(good)) }
	claim := func(name string, v any) string { return claimsToken(with(good, name, v)) }
	raw := func(old, replacement string) string {
		payload := text(good)
		if !strings.Contains(payload, old) {
			t.Fatalf("%s has no %s", payload, old)
		}
		return sign(header, strings.Replace(payload, old, replacement, 1))
	}
	exp := fmt.Sprintf(`"exp":%d`, good["exp"])
	flip := func(s string, i int) string {
		b := []byte(s)
		if b[i] != 'A' {
			b[i] = 'A'
		} else {
			b[i] = 'B'
		}
		return string(b)
	}

	cases := map[string]string{
		"jwt_alg_none":                 signedBy(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"jwt_alg_none, signed":         alg("none"),
		"jwt_alg_None_mixed_case":      alg("None"),
		"jwt_alg_empty":                alg(""),
		"jwt_alg_missing":              alg(nil),
		"jwt_alg_HS384":                signedBy(jwt.SigningMethodHS384, secret.Key),
		"jwt_alg_RS256":                signedBy(jwt.SigningMethodRS256, private),
		"jwt_alg_RS256_with_hmac":      alg("RS256"),
		"jwt_alg_lower_case":           alg("hs256"),
		"jwt_alg_number":               alg(256),
		"jwt_empty_signature":          parts[0] + "." + parts[1] + ".",
		"jwt_two_parts":                parts[0] + "." + parts[1],
		"jwt_one_part":                 parts[0],
		"jwt_four_parts":               valid + "." + parts[2],
		"jwt_trailing_dot":             valid + ".",
		"jwt_empty":                    "",
		"jwt_dots":                     "..",
		"jwt_signature_bitflip":        flip(valid, len(valid)-5),
		"jwt_signature_cut":            valid[:len(valid)-4],
		"jwt_payload_bitflip":          flip(valid, len(parts[0])+10),
		"jwt_header_bitflip":           flip(valid, 5),
		"jwt_padding_added":            valid + "=",
		"jwt_padding_in_payload":       resign(parts[0] + "." + parts[1] + "="),
		"jwt_whitespace_inside":        parts[0] + ". " + parts[1] + "." + parts[2],
		"jwt_newline_in_signature":     parts[0] + "." + parts[1] + "." + parts[2][:4] + "\n" + parts[2][4:],
		"jwt_newline_in_payload":       resign(parts[0] + "." + parts[1][:4] + "\n" + parts[1][4:]),
		"jwt_newline_at_the_end":       valid + "\n",
		"jwt_whitespace_in_front":      " " + valid,
		"jwt_exp_missing":              claim("exp", nil),
		"jwt_exp_string":               claim("exp", fmt.Sprint(good["exp"])),
		"jwt_exp_null":                 raw(exp, `"exp":null`),
		"jwt_exp_float_nan_text":       raw(exp, `"exp":NaN`),
		"jwt_exp_nan_string":           claim("exp", "NaN"),
		"jwt_exp_1e400":                raw(exp, `"exp":1e400`),
		"jwt_exp_1e300":                raw(exp, `"exp":1e300`),
		"jwt_exp_negative":             claim("exp", -1),
		"jwt_exp_now_minus_1":          claim("exp", now.Unix()-1),
		"jwt_exp_now":                  claim("exp", float64(now.UnixMicro())/1e6),
		"jwt_exp_array":                claim("exp", []any{good["exp"]}),
		"jwt_exp_before_iat":           claimsToken(with(with(good, "iat", now.Unix()+50), "exp", now.Unix()+40)),
		"jwt_iat_future_1h":            claimsToken(with(with(good, "iat", now.Unix()+3600), "exp", now.Unix()+5400)),
		"jwt_iat_future_62s":           claimsToken(with(with(good, "iat", now.Unix()+62), "exp", now.Unix()+1862)),
		"jwt_good_for_31_min":          claimsToken(with(with(good, "iat", now.Unix()-60), "exp", now.Unix()+1800)),
		"jwt_good_for_a_year":          claimsToken(with(with(good, "iat", now.Unix()-60), "exp", now.Unix()+366*86400)),
		"jwt_iat_missing":              claim("iat", nil),
		"jwt_iat_string":               claim("iat", "1"),
		"jwt_nbf_future_1h":            claim("nbf", now.Unix()+3600),
		"jwt_sub_missing":              claim("sub", nil),
		"jwt_sub_not_uuid":             claim("sub", "root"),
		"jwt_sub_nil_uuid":             claim("sub", "00000000-0000-0000-0000-000000000000"),
		"jwt_sub_upper_case":           claim("sub", strings.ToUpper(runner.String())),
		"jwt_sub_array":                claim("sub", []any{runner.String()}),
		"jwt_sub_number":               claim("sub", 7),
		"jwt_sub_other_case":           sign(header, strings.Replace(text(good), `"sub"`, `"SUB"`, 1)),
		"jwt_sid_missing":              claim("sid", nil),
		"jwt_sid_not_uuid":             claim("sid", "x"),
		"jwt_jti_missing":              claim("jti", nil),
		"jwt_jti_empty":                claim("jti", ""),
		"jwt_iss_missing":              claim("iss", nil),
		"jwt_iss_other":                claim("iss", "https://runvs.test/"),
		"jwt_aud_missing":              claim("aud", nil),
		"jwt_aud_other":                claim("aud", "runvs2"),
		"jwt_aud_array_with_other":     claim("aud", []any{"runvs", "other"}),
		"jwt_duplicate_sub_keys":       raw(`"sub":`, `"sub":"0198c0de-0000-7000-8000-0000000000cc","sub":`),
		"jwt_duplicate_exp_keys":       raw(exp, exp+","+exp),
		"jwt_duplicate_alg_keys":       sign(`{"alg":"none","alg":"HS256","kid":"new"}`, text(good)),
		"jwt_crit_unknown":             sign(text(with(goodHeader(), "crit", []any{"b64"})), text(good)),
		"jwt_crit_empty":               sign(text(with(goodHeader(), "crit", []any{})), text(good)),
		"jwt_embedded_jwk":             sign(text(with(goodHeader(), "jwk", map[string]any{"kty": "oct", "k": "AA"})), text(good)),
		"jwt_jku":                      sign(text(with(goodHeader(), "jku", "https://evil.test/keys")), text(good)),
		"jwt_x5u":                      sign(text(with(goodHeader(), "x5u", "https://evil.test/cert")), text(good)),
		"jwt_kid_missing":              sign(text(with(goodHeader(), "kid", nil)), text(good)),
		"jwt_kid_unknown":              sign(text(with(goodHeader(), "kid", "other")), text(good)),
		"jwt_kid_path":                 sign(text(with(goodHeader(), "kid", "../../dev/null")), text(good)),
		"jwt_typ_other":                sign(text(with(goodHeader(), "typ", "at+jwt")), text(good)),
		"jwt_nested":                   sign(header, `"`+valid+`"`),
		"jwt_payload_array":            sign(header, `[`+text(good)+`]`),
		"jwt_payload_trailing_data":    sign(header, text(good)+"{}"),
		"jwt_payload_not_utf8":         sign(header, strings.Replace(text(good), "runvs.test", "\xff", 1)),
		"jwt_payload_empty":            sign(header, ""),
		"jwt_header_array":             sign("["+header+"]", text(good)),
		"jwt_signed_by_old_secret":     signed(before, "old", good),
		"jwt_other_key_under_our_name": signed(before, "new", good),
		"jwt_64KB":                     claimsToken(with(good, "pad", strings.Repeat("x", 64<<10))),
		"jwt_over_4KB":                 claimsToken(with(good, "pad", strings.Repeat("x", 3<<10))),
		"refresh_token_as_bearer":      "rt1." + strings.Repeat("A", 22) + "." + strings.Repeat("B", 43),
	}
	// Bytes that base64 and base64url spell differently, to try the wrong spelling.
	odd := claimsToken(with(good, "pad", "???>>>~~~"))
	if std := strings.NewReplacer("-", "+", "_", "/").Replace(odd); std != odd {
		cases["jwt_std_base64_not_url"] = resign(std[:strings.LastIndex(std, ".")])
	} else {
		t.Fatal("the token has neither - nor _")
	}

	s := newSigner(t, secret)
	for _, ok := range []string{valid, odd, claim("iat", now.Unix()+60), claim("nbf", now.Unix()), claim("extra", map[string]any{"a": 1})} {
		if _, err := s.Verify(ok, now); err != nil {
			t.Fatalf("a good token is refused, which proves nothing of the bad ones: %v", err)
		}
	}
	for name, token := range cases {
		t.Run(name, func(t *testing.T) {
			claims, err := s.Verify(token, now)
			if err == nil {
				t.Fatal("accepted")
			}
			if fault.KindOf(err) != fault.Unauthorized || !fault.HasCode(err, "token_invalid") {
				t.Errorf("refused with %v", err)
			}
			if !claims.User.IsZero() {
				t.Errorf("and yet it says %v", claims.User)
			}
		})
	}
}

// resign signs what stands before the last dot, however it is spelled.
func resign(signed string) string { return signed + "." + b64(mac(signed, secret.Key)) }

func signed(by Secret, kid string, claims map[string]any) string {
	s := b64(text(with(goodHeader(), "kid", kid))) + "." + b64(text(claims))
	return s + "." + b64(mac(s, by.Key))
}

func TestAnyOneCharacterMakesATokenBad(t *testing.T) {
	s := newSigner(t, secret)
	token, err := s.Issue(runner, device, now, auth.AccessLifetime)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		c := rapid.Byte().Draw(t, "character")
		if token[i] == c {
			t.Skip("the same")
		}
		if _, err := s.Verify(token[:i]+string([]byte{c})+token[i+1:], now); err == nil {
			t.Fatalf("accepted with %q at %d", c, i)
		}
	})
}

func TestASecretIsReplacedWithoutSigningAnybodyOut(t *testing.T) {
	old := newSigner(t, before)
	both := newSigner(t, secret, before)
	fresh := newSigner(t, secret)
	issue := func(s *Signer) string {
		token, err := s.Issue(runner, device, now, auth.AccessLifetime)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for _, c := range []struct {
		name  string
		token string
		by    *Signer
		good  bool
	}{
		{"the old secret's token while both hold", issue(old), both, true},
		{"the new secret's token while both hold", issue(both), both, true},
		{"the new secret's token afterwards", issue(both), fresh, true},
		{"the new secret's token by a process that does not know it", issue(both), old, false},
		{"the old secret's token afterwards", issue(old), fresh, false},
	} {
		if _, err := c.by.Verify(c.token, now); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSecretsAreParsedAndChecked(t *testing.T) {
	key := base64.StdEncoding.EncodeToString(secret.Key)
	short := base64.StdEncoding.EncodeToString(secret.Key[:31])
	for name, c := range map[string]struct {
		text string
		want int // secrets; 0 is refused
	}{
		"one":                  {"new:" + key, 1},
		"two":                  {"new:" + key + ",old:" + key, 2},
		"spaces around":        {" new:" + key + " , old:" + key + "\n", 2},
		"generated":            {Generate(), 1},
		"two generated":        {Generate() + "," + Generate(), 2},
		"nothing":              {"", 0},
		"spaces":               {"  ", 0},
		"a comma at the end":   {"new:" + key + ",", 0},
		"three":                {"a:" + key + ",b:" + key + ",c:" + key, 0},
		"one name twice":       {"a:" + key + ",a:" + key, 0},
		"no name":              {":" + key, 0},
		"no colon":             {key, 0},
		"31 bytes":             {"a:" + short, 0},
		"not base64":           {"a:" + strings.Repeat("!", 44), 0},
		"a name with a quote":  {`a":` + key, 0},
		"a name with 65 bytes": {strings.Repeat("a", 65) + ":" + key, 0},
	} {
		t.Run(name, func(t *testing.T) {
			secrets, err := ParseSecrets(c.text)
			if err == nil {
				_, err = New(Config{Secrets: secrets, Issuer: "i", Audience: "a"})
			}
			if (err == nil) != (c.want > 0) || (err == nil && len(secrets) != c.want) {
				t.Errorf("%d secrets, %v", len(secrets), err)
			}
			if err != nil && (strings.Contains(err.Error(), key) || strings.Contains(err.Error(), short)) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
	if a, b := Generate(), Generate(); a == b {
		t.Errorf("the same secret twice")
	}
	if s := fmt.Sprintf("%v %+v %#v %s", secret, secret, secret, []Secret{secret}); strings.Contains(s, "0123") || strings.Contains(s, "48, 49") {
		t.Errorf("a printed secret tells its key: %s", s)
	}
}

func TestASignerNeedsToKnowForWhom(t *testing.T) {
	for _, cfg := range []Config{
		{Secrets: []Secret{secret}, Audience: "a"},
		{Secrets: []Secret{secret}, Issuer: "i"},
		{Issuer: "i", Audience: "a"},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
	s := newSigner(t, secret)
	for name, issue := range map[string]func() (string, error){
		"nobody":      func() (string, error) { return s.Issue(id.User{}, device, now, auth.AccessLifetime) },
		"no device":   func() (string, error) { return s.Issue(runner, id.Family{}, now, auth.AccessLifetime) },
		"no lifetime": func() (string, error) { return s.Issue(runner, device, now, 0) },
		"31 minutes":  func() (string, error) { return s.Issue(runner, device, now, auth.AccessLifetime+time.Microsecond) },
	} {
		if token, err := issue(); err == nil {
			t.Errorf("a token for %s: %s", name, token)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s := newSigner(b, secret, before)
	token, err := s.Issue(runner, device, now, auth.AccessLifetime)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Verify(token, now); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIssue(b *testing.B) {
	s := newSigner(b, secret)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Issue(runner, device, now, auth.AccessLifetime); err != nil {
			b.Fatal(err)
		}
	}
}
