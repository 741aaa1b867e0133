package httpapi

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

// docsPage shows /openapi.json without fetching anything from elsewhere.
//
//go:embed docs.html
var docsPage []byte

func (s *Server) docsRoutes() {
	s.fiber.Get("/docs", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'")
		return c.Send(docsPage)
	})
	s.fiber.Get("/", func(c *fiber.Ctx) error { return c.Redirect("/docs") })
}
