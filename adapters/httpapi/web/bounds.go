package web

import "github.com/runvs/runvs/domain/bound"

// Bounds lists the bounds of requests and connections for people.
func Bounds() []bound.Bound {
	large := ErrTooLarge.Code
	return []bound.Bound{
		{Name: "a header", Limit: maxHeaderBytes >> 10, Unit: "KiB", Code: "headers_too_large"},
		{Name: "a body without a good token", Limit: maxSmallBytes >> 10, Unit: "KiB", Code: large},
		{Name: "a body of JSON, inflated", Limit: maxBodyBytes >> 20, Unit: "MiB", Code: large},
		{Name: "large bodies of a person in memory", Limit: maxBodiesOfOne >> 20, Unit: "MiB", Code: errLimited.Code},
		{Name: "large bodies in memory", Limit: BodyBudget >> 20, Unit: "MiB", Code: errNoRoom.Code},
		{Name: "a body under way", Limit: readingPace.Longest, Code: "request_timeout"},
		{Name: "a silent stretch of a body", Limit: readingPace.Within, Code: "request_timeout"},
		{Name: "open connections", Limit: maxConnections, Code: errNoRoom.Code},
		{Name: "open connections of an address", Limit: maxConnectionsOfOne, Code: errManyConnections.Code},
	}
}
