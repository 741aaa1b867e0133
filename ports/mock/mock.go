// Package mock has stand-ins for what is remote: identity providers, the blob store
// and what draws. A test says what each call answers, also what no fake would: that
// the other side is down, slow, or talks nonsense. Stores and queues have none: they
// are tested by contract, and adapters/memory stands in for them.
//
// The code is generated: `make gen` after a port has changed.
package mock

//go:generate go tool moq -pkg mock -out generated.go .. Verifier:Verifier Revoker:Revoker Blobs:Blobs RouteImages:RouteImages Geometry:Geometry
