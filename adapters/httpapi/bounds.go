package httpapi

import (
	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/bound"
	"github.com/runvs/runvs/ports"
)

// Bounds lists the bounds of requests, connections and endpoints for people.
func Bounds() []bound.Bound {
	return append(web.Bounds(),
		bound.Bound{Name: "an uploaded file", Limit: maxFileBytes >> 20, Unit: "MiB", Code: ports.ErrBodyTooLarge.Code},
		bound.Bound{Name: "exports at once", Limit: MaxExports, Code: errManyExports.Code},
	)
}
