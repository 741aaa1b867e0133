package ports

import (
	"context"

	"github.com/runvs/runvs/domain/geo"
)

// RouteImages draws a course for its thumbnail.
type RouteImages interface {
	// Render returns a PNG of 640×360 pixels: the route with its start and finish,
	// over a map where one can be had. That it cannot is no error. It takes its
	// share of the budget and ends with ctx.
	Render(ctx context.Context, route geo.Line) ([]byte, error)
}

// Avatars makes the picture of a person out of a file that somebody sent.
type Avatars interface {
	// Avatar returns a JPEG of 512×512 pixels: the middle of the picture, upright,
	// and nothing else of the file. JPEG, PNG and WebP are told by content; an
	// animated one gives its first frame. It judges by the header what decoding
	// takes, before it decodes, and takes its share of the budget. Faults: TooLarge
	// avatar_too_large (details "what", "value", "limit") over 5 MiB, 25 megapixels
	// or 256 MiB of memory; Unsupported unsupported_image for another format;
	// Invalid bad_image for a file that is broken or empty; and Budget's.
	Avatar(ctx context.Context, file []byte) ([]byte, error)
}
