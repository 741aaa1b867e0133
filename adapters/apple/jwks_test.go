package apple

import (
	"bytes"
	"crypto/rsa"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// modulus is an odd number of so many bits; a parser cannot know its factors.
func modulus(bits uint) string {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return b64(n.SetBit(n, 0, 1).Bytes())
}

func key(changes string) string {
	k := fmt.Sprintf(`{"kty":"RSA","kid":"k","use":"sig","alg":"RS256","n":%q,"e":"AQAB"}`, modulus(2048))
	for _, c := range strings.Split(changes, "|") {
		if old, next, ok := strings.Cut(c, "=>"); ok {
			k = strings.Replace(k, old, next, 1)
		}
	}
	return k
}

func TestParseKeys(t *testing.T) {
	for name, c := range map[string]struct {
		set  string
		want int // 0 for an error
	}{
		"one":                      {`{"keys":[` + key("") + `]}`, 1},
		"two":                      {`{"keys":[` + key("") + `,` + key(`"k"=>"l"`) + `]}`, 2},
		"unknown members":          {`{"a":[1],"keys":[` + key(`{=>{"x5c":["a"],"x":{"y":1},`) + `]}`, 1},
		"no use, no alg":           {`{"keys":[` + key(`"use":"sig",=>|"alg":"RS256",=>`) + `]}`, 1},
		"an elliptic key besides":  {`{"keys":[{"kty":"EC","kid":"e","crv":"P-256","x":"a","y":"b"},` + key("") + `]}`, 1},
		"for encryption":           {`{"keys":[` + key(`"sig"=>"enc"`) + `]}`, 0},
		"for another algorithm":    {`{"keys":[` + key(`RS256=>RS512`) + `]}`, 0},
		"without a name":           {`{"keys":[` + key(`"kid":"k",=>`) + `]}`, 0},
		"no key":                   {`{"keys":[]}`, 0},
		"no keys":                  {`{}`, 0},
		"keys twice":               {`{"keys":[` + key("") + `],"keys":[]}`, 0},
		"one name, two keys":       {`{"keys":[` + key("") + `,` + key("") + `]}`, 0},
		"65 keys":                  {`{"keys":[` + strings.Repeat(`{"kty":"EC"},`, 64) + key("") + `]}`, 0},
		"a null":                   {`{"keys":null}`, 0},
		"an array":                 {`[` + key("") + `]`, 0},
		"a page":                   {`<html>`, 0},
		"nothing":                  {``, 0},
		"trailing data":            {`{"keys":[` + key("") + `]}x`, 0},
		"a modulus of 1024 bits":   {`{"keys":[` + key(modulus(2048)+`=>`+modulus(1024)) + `]}`, 0},
		"a modulus of 8192 bits":   {`{"keys":[` + key(modulus(2048)+`=>`+modulus(8192)) + `]}`, 1},
		"a modulus of 8193 bits":   {`{"keys":[` + key(modulus(2048)+`=>`+modulus(8193)) + `]}`, 0},
		"an even modulus":          {`{"keys":[` + key(modulus(2048)+`=>`+b64(append([]byte{0x80}, make([]byte, 255)...))) + `]}`, 0},
		"no modulus":               {`{"keys":[` + key(modulus(2048)+`=>`) + `]}`, 0},
		"an exponent of 1":         {`{"keys":[` + key(`AQAB=>AQ`) + `]}`, 0},
		"an even exponent":         {`{"keys":[` + key(`AQAB=>BA`) + `]}`, 0},
		"an exponent of 31 bits":   {`{"keys":[` + key(`AQAB=>f____w`) + `]}`, 1},
		"an exponent of 32 bits":   {`{"keys":[` + key(`AQAB=>_____w`) + `]}`, 0},
		"an exponent of 100 bytes": {`{"keys":[` + key(`AQAB=>`+b64(bytes.Repeat([]byte{0xff}, 100))) + `]}`, 0},
		"an exponent in a number":  {`{"keys":[` + key(`"AQAB"=>65537`) + `]}`, 0},
		"base64 with padding":      {`{"keys":[` + key(`AQAB=>AQABAA==`) + `]}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := parseKeys([]byte(c.set))
			if (err == nil) != (c.want > 0) || len(keys) != c.want {
				t.Errorf("%d keys, %v", len(keys), err)
			}
		})
	}
}

func FuzzParseKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[` + key("") + `]}`))
	f.Add([]byte(`{"keys":[` + key(`AQAB=>`) + `,{"kty":"EC"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"\ud800"}]}`))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, set []byte) {
		keys, err := parseKeys(set)
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for kid, k := range keys {
			if kid == "" || k.N.BitLen() < minKeyBits || k.N.BitLen() > maxKeyBits || k.E < 3 || k.E%2 == 0 {
				t.Fatalf("the key %q is %+v", kid, k)
			}
			// crypto/rsa must be able to use whatever comes out.
			_ = rsa.VerifyPKCS1v15(k, 0, []byte("x"), make([]byte, k.Size()))
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add("a.b.c")
	f.Add(b64([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + b64(goodClaims()) + "." + b64([]byte("s")))
	keys, err := parseKeys([]byte(`{"keys":[` + key("") + `]}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		s, err := split(token)
		if err != nil {
			return
		}
		if s.kid == "" {
			t.Fatalf("%q names no key", token)
		}
		if _, err := s.open(keys["k"]); err == nil {
			t.Fatal("a signature that nobody made is good")
		}
		_, _ = readClaims([]byte(token))
	})
}
