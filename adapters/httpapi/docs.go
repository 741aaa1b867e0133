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
	policy := pagePolicy(string(docsPage))
	s.fiber.Get("/docs", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		c.Set(fiber.HeaderContentSecurityPolicy, policy)
		return c.Send(docsPage)
	})
	s.fiber.Get("/", func(c *fiber.Ctx) error { return c.Redirect("/docs") })
}
