package apple

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/runvs/runvs/adapters/providertest"
)

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// goodClaims is the payload of a token that is good now.
func goodClaims() []byte {
	return text(changes{
		"iss": Issuer, "aud": providertest.AppleBundleID, "sub": subject, "nonce": nonce,
		"iat": start.Unix(), "exp": start.Unix() + 300,
	})
}

// foreignKey is a key that Apple never published.
func foreignKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestRefusesKeyNamesThatAppleDoesNotHave(t *testing.T) {
	h := newHouse(t, 0)
	for name, kid := range map[string]any{
		"apple_kid_unknown":        "NOSUCHKEY",
		"apple_kid_path_traversal": "../../../../dev/null",
		"apple_kid_sql":            "' OR '1'='1",
		"apple_kid_empty":          "",
		"apple_kid_missing":        nil,
		"apple_kid_number":         0,
		"apple_kid_array":          []string{"TESTKEY000"},
		"apple_kid_other_case":     "testkey000",
		"apple_kid_url":            h.apple.URL() + providertest.EvilPath,
		"apple_kid_8000_chars":     strings.Repeat("k", 8000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Verify(t.Context(), h.apple.SignApple(changes{"kid": kid}, changes{"nonce": nonce}), nonce)
			providertest.Refused(t, err)
		})
	}
	if h.apple.Total() > 1 {
		t.Errorf("%d requests were made", h.apple.Total())
	}
}

// Whoever brings his own key, or says where it lies, is not believed; a token
// of Apple's is good whatever stands beside.
func TestKeysInTheHeaderAreIgnored(t *testing.T) {
	h := newHouse(t, 0)
	kid, _ := h.apple.AppleKey()
	evil := foreignKey(t)
	address := h.apple.URL() + providertest.EvilPath + "/keys"
	for name, extra := range map[string]changes{
		"apple_jku_evil": {"jku": address},
		"apple_x5u_evil": {"x5u": address},
		"apple_jwk_evil": {"jwk": changes{"kty": "RSA", "n": b64(evil.N.Bytes()), "e": "AQAB", "kid": kid}},
		"apple_x5c_evil": {"x5c": []string{"MIIB"}},
	} {
		t.Run(name, func(t *testing.T) {
			header := changes{"alg": "RS256", "kid": kid}
			for k, v := range extra {
				header[k] = v
			}
			_, err := h.Verify(t.Context(), providertest.SignRS256(evil, text(header), goodClaims()), nonce)
			providertest.Refused(t, err)
			if _, err := h.Verify(t.Context(), h.apple.SignApple(extra, changes{"nonce": nonce}), nonce); err != nil {
				t.Errorf("Apple's own: %v", err)
			}
		})
	}
	if n := h.apple.Total() - h.fetches(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestRefusesOtherAlgorithms(t *testing.T) {
	h := newHouse(t, 0)
	kid, key := h.apple.AppleKey()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	hs256 := func(secret []byte) string {
		signed := b64(text(changes{"alg": "HS256", "kid": kid})) + "." + b64(goodClaims())
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(signed))
		return signed + "." + b64(mac.Sum(nil))
	}
	with := func(method jwt.SigningMethod, alg string) string {
		signed := b64(text(changes{"alg": alg, "kid": kid})) + "." + b64(goodClaims())
		signature, err := method.Sign(signed, key)
		if err != nil {
			t.Fatal(err)
		}
		return signed + "." + b64(signature)
	}
	none := func(alg any) string {
		return b64(text(changes{"alg": alg, "kid": kid})) + "." + b64(goodClaims()) + "."
	}
	for name, token := range map[string]string{
		"apple_hs256_with_rsa_pub":     hs256(public),
		"apple_hs256_with_rsa_der":     hs256(der),
		"apple_hs256_with_modulus":     hs256(key.N.Bytes()),
		"apple_hs256_with_empty":       hs256(nil),
		"apple_alg_none":               none("none"),
		"apple_alg_None":               none("None"),
		"apple_alg_empty":              none(""),
		"apple_alg_null":               none(nil),
		"apple_alg_array":              none([]string{"RS256"}),
		"apple_alg_RS256_no_signature": none("RS256"),
		"apple_alg_PS256":              with(jwt.SigningMethodPS256, "PS256"),
		"apple_alg_PS256_as_RS256":     with(jwt.SigningMethodPS256, "RS256"),
		"apple_alg_RS512":              with(jwt.SigningMethodRS512, "RS512"),
		"apple_alg_RS384_as_RS256":     with(jwt.SigningMethodRS384, "RS256"),
		"apple_alg_rs256_lower":        with(jwt.SigningMethodRS256, "rs256"),
		"apple_alg_RS256_space":        with(jwt.SigningMethodRS256, "RS256 "),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Verify(t.Context(), token, nonce)
			providertest.Refused(t, err)
		})
	}
}

// The kinds of forgery that Project Wycheproof tests JWS and PKCS #1 v1.5
// signatures with, made anew with a key of this test.
func TestRefusesForgeries(t *testing.T) {
	h := newHouse(t, 0)
	kid, key := h.apple.AppleKey()
	header := text(changes{"alg": "RS256", "kid": kid})
	payload := goodClaims()
	signed := b64(header) + "." + b64(payload)
	good := providertest.SignRS256(key, header, payload)
	signature, err := base64.RawURLEncoding.DecodeString(good[len(signed)+1:])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Verify(t.Context(), good, nonce); err != nil {
		t.Fatalf("the token that the forgeries start from: %v", err)
	}

	k := key.Size()
	digest := sha256.Sum256([]byte(signed))
	prefix := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	info := append(bytes.Clone(prefix), digest[:]...)
	// padded is 00 01 FF… 00 info tail, with as many FF as fit or as told.
	padded := func(info []byte, ff int, tail []byte) []byte {
		if ff < 0 {
			ff = k - 3 - len(info) - len(tail)
		}
		em := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, ff)...)
		em = append(append(append(em, 0), info...), tail...)
		return append(em, make([]byte, k-len(em))...)
	}
	// raw signs a message as it stands, whatever its padding.
	raw := func(em []byte) []byte {
		s := new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N)
		return s.FillBytes(make([]byte, k))
	}
	if !bytes.Equal(raw(padded(info, -1, nil)), signature) {
		t.Fatal("raw signs otherwise than crypto/rsa")
	}
	noNull := append([]byte{0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20}, digest[:]...)
	longForm := append([]byte{0x30, 0x81, 0x31}, info[2:]...)
	sha1 := bytes.Clone(info)
	sha1[len(prefix)-5] = 0x03 // SHA-512's number with SHA-256's digest
	wrongType := padded(info, -1, nil)
	wrongType[1] = 2
	zeroPadding := padded(info, -1, nil)
	for i := 2; zeroPadding[i] == 0xff; i++ {
		zeroPadding[i] = 0
	}
	flipped := bytes.Clone(signature)
	flipped[k-1] ^= 1

	type forgery = map[string]string
	for name, token := range (forgery{
		"signature_of_zero":          signed + "." + b64(make([]byte, k)),
		"signature_of_one":           signed + "." + b64(append(make([]byte, k-1), 1)),
		"signature_of_n":             signed + "." + b64(key.N.Bytes()),
		"signature_plus_n":           signed + "." + b64(new(big.Int).Add(new(big.Int).SetBytes(signature), key.N).Bytes()),
		"signature_bit_flipped":      signed + "." + b64(flipped),
		"signature_leading_zero":     signed + "." + b64(append([]byte{0}, signature...)),
		"signature_trailing_zero":    signed + "." + b64(append(bytes.Clone(signature), 0)),
		"signature_truncated":        signed + "." + b64(signature[:k-1]),
		"signature_empty":            signed + ".",
		"signature_twice":            good + "." + b64(signature),
		"garbage_after_digest":       signed + "." + b64(raw(padded(info, 8, bytes.Repeat([]byte{0x41}, k-11-len(info))))),
		"short_padding":              signed + "." + b64(raw(padded(info, 8, nil))),
		"padding_of_zeros":           signed + "." + b64(raw(zeroPadding)),
		"padding_of_encryption":      signed + "." + b64(raw(wrongType)),
		"digest_info_without_null":   signed + "." + b64(raw(padded(noNull, -1, nil))),
		"digest_info_long_form":      signed + "." + b64(raw(padded(longForm, -1, nil))),
		"digest_info_other_hash":     signed + "." + b64(raw(padded(sha1, -1, nil))),
		"digest_without_info":        signed + "." + b64(raw(padded(digest[:], -1, nil))),
		"other_key":                  providertest.SignRS256(foreignKey(t), header, payload),
		"payload_changed":            b64(header) + "." + b64(bytes.Replace(payload, []byte("001234"), []byte("001235"), 1)) + "." + b64(signature),
		"header_changed":             b64(text(changes{"alg": "RS256", "kid": kid, "typ": "JWT"})) + "." + b64(payload) + "." + b64(signature),
		"payload_bytes_not_signed":   b64(header) + "." + b64(append(bytes.Clone(payload), ' ')) + "." + b64(signature),
		"base64_padding":             good + "==",
		"base64_standard":            b64(header) + "." + b64(payload) + "." + base64.StdEncoding.EncodeToString(signature),
		"base64_loose_bits":          loosen(good),
		"line_break_in_signature":    good[:len(good)-8] + "\r\n" + good[len(good)-8:],
		"line_break_at_the_end":      good + "\n",
		"space_before":               " " + good,
		"two_parts":                  signed,
		"one_part":                   b64(header),
		"no_part":                    "",
		"dots":                       "..",
		"json_serialisation":         fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, b64(header), b64(payload), b64(signature)),
		"encrypted_five_parts":       signed + ".a.b.c",
		"header_duplicate_alg":       providertest.SignRS256(key, fmt.Appendf(nil, `{"alg":"none","alg":"RS256","kid":%q}`, kid), payload),
		"header_critical":            providertest.SignRS256(key, fmt.Appendf(nil, `{"alg":"RS256","kid":%q,"crit":["b64"],"b64":false}`, kid), payload),
		"header_critical_empty":      providertest.SignRS256(key, fmt.Appendf(nil, `{"alg":"RS256","kid":%q,"crit":[]}`, kid), payload),
		"header_trailing_data":       providertest.SignRS256(key, append(bytes.Clone(header), "{}"...), payload),
		"header_array":               providertest.SignRS256(key, []byte(`["RS256"]`), payload),
		"header_bom":                 providertest.SignRS256(key, append([]byte("\ufeff"), header...), payload),
		"header_names_in_upper_case": providertest.SignRS256(key, fmt.Appendf(nil, `{"ALG":"RS256","KID":%q}`, kid), payload),
		"claims_duplicate_sub":       providertest.SignRS256(key, header, bytes.Replace(payload, []byte(`"sub"`), []byte(`"sub":"x","sub"`), 1)),
		"claims_not_utf8":            providertest.SignRS256(key, header, bytes.Replace(payload, []byte("001234"), []byte("\xff"), 1)),
		"claims_null":                providertest.SignRS256(key, header, []byte("null")),
		"claims_empty":               providertest.SignRS256(key, header, nil),
		"claims_deep":                providertest.SignRS256(key, header, bytes.Replace(payload, []byte(`"sub"`), []byte(`"x":`+strings.Repeat("[", 2000)+strings.Repeat("]", 2000)+`,"sub"`), 1)),
	}) {
		t.Run("apple_wycheproof_set/"+name, func(t *testing.T) {
			_, err := h.Verify(t.Context(), token, nonce)
			providertest.Refused(t, err)
		})
	}
}

// loosen changes the bits of the last character that no byte holds.
func loosen(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last^1])
}

func TestATokenOverItsLimitIsNotLookedAt(t *testing.T) {
	h := newHouse(t, 0)
	_, err := h.Verify(t.Context(), h.token(changes{"padding": strings.Repeat("x", 16<<10)}), nonce)
	providertest.Refused(t, err)
	if h.fetches() != 0 {
		t.Error("keys were fetched for it")
	}
	if _, err := h.Verify(t.Context(), h.token(changes{"padding": strings.Repeat("x", 11<<10)}), nonce); err != nil {
		t.Errorf("below the limit: %v", err)
	}
}
