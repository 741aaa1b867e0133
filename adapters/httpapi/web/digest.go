package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/fault"
)

const contentDigest = "Content-Digest"

var errDigest = fault.New(fault.Invalid, "digest_mismatch", "the body is not the one that Content-Digest describes; send it again")

// CheckDigest compares a body's SHA-256 with RFC 9530's Content-Digest, if it has
// one of SHA-256. Faults: digest_mismatch.
func CheckDigest(c *fiber.Ctx) error {
	return checkDigest(c.Get(contentDigest), func() []byte { sum := sha256.Sum256(c.Request().Body()); return sum[:] })
}

func checkDigest(header string, have func() []byte) error {
	for _, part := range strings.Split(header, ",") {
		value, ok := strings.CutPrefix(strings.TrimSpace(part), "sha-256=:")
		if !ok {
			continue
		}
		want, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(value, ":"))
		if err != nil || subtle.ConstantTimeCompare(want, have()) != 1 {
			return errDigest
		}
	}
	return nil
}
