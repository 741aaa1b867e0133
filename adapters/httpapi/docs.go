package httpapi

import (
	_ "embed"
	"net/http"
	"sync"

	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
)

// docsPage shows /openapi.json without fetching anything from elsewhere.
//
//go:embed docs.html
var docsPage []byte

func (s *Server) docsRoutes() {
	policy := web.PagePolicy(string(docsPage))
	page := web.Operation{Method: http.MethodGet, Hidden: true, Access: web.Anybody, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller}

	html := page
	html.ID, html.Path = "docs", "/docs"
	s.Handle(html, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		c.Set(fiber.HeaderContentSecurityPolicy, policy)
		return c.Send(docsPage)
	})
	front := page
	front.ID, front.Path = "front", "/"
	s.Handle(front, func(c *fiber.Ctx) error { return c.Redirect("/docs") })

	for _, format := range []string{"json", "yaml"} {
		media := "application/openapi+" + format
		written := sync.OnceValues(func() ([]byte, error) { return s.OpenAPI(format == "yaml") })
		file := page
		file.ID, file.Path, file.Cache = "openapi-"+format, "/openapi."+format, web.Revalidated
		s.Handle(file, func(c *fiber.Ctx) error {
			data, err := written()
			c.Set(fiber.HeaderContentType, media)
			if err != nil {
				return err
			}
			return c.Send(data)
		})
	}
}
