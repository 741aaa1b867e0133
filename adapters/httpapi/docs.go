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
	page := web.Operation{Method: http.MethodGet, Tag: "Service", Access: web.Anybody, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller}

	html := page
	html.ID, html.Path, html.Summary = "docs", "/docs", "This document, for people"
	html.Answers = map[int]web.Media{http.StatusOK: {fiber.MIMETextHTML: web.Binary()}}
	s.Handle(html, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		c.Set(fiber.HeaderContentSecurityPolicy, policy)
		return c.Send(docsPage)
	})
	front := page
	front.ID, front.Path, front.Summary = "front", "/", "Leads to /docs"
	front.Answers = map[int]web.Media{http.StatusFound: nil}
	s.Handle(front, func(c *fiber.Ctx) error { return c.Redirect("/docs") })

	for _, format := range []string{"json", "yaml"} {
		media := "application/openapi+" + format
		written := sync.OnceValues(func() ([]byte, error) { return s.OpenAPI(format == "yaml") })
		file := page
		file.ID, file.Path, file.Summary, file.Cache = "openapi-"+format, "/openapi."+format, "This document, in "+format, web.Revalidated
		file.Answers = map[int]web.Media{http.StatusOK: {media: web.Binary()}}
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
