package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// keep says how long an answer may be kept. A tagged one is 304 for who has it
// already.
func keep(c *fiber.Ctx, rule Cache) error {
	if c.Response().StatusCode() != http.StatusOK {
		return nil
	}
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		c.Set(fiber.HeaderCacheControl, rule.Control)
	}
	if !rule.Tagged {
		return nil
	}
	sum := sha256.Sum256(c.Response().Body())
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	c.Set(fiber.HeaderETag, tag)
	for _, have := range strings.Split(c.Get(fiber.HeaderIfNoneMatch), ",") {
		if have = strings.TrimSpace(have); have == tag || have == "*" || "W/"+have == tag {
			c.Response().ResetBody()
			c.Status(http.StatusNotModified)
			break
		}
	}
	return nil
}
