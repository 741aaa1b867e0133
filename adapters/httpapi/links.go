package httpapi

import "github.com/runvs/runvs/domain/id"

// links makes the addresses in answers. They begin with the public URL of today,
// whatever it was when a row was written: rows know pictures, and no addresses.
type links struct{ base string }

func linksUnder(publicURL string) links { return links{publicURL + basePath} }

// avatar leads to a person's picture; nil without one.
func (l links) avatar(picture id.Avatar) *string {
	if picture.IsZero() {
		return nil
	}
	return optional(l.base + "/avatars/" + picture.String() + avatarSuffix)
}

// thumbnail leads to a course's picture; nil until it is drawn.
func (l links) thumbnail(cid id.Course, drawn bool) *string {
	if !drawn {
		return nil
	}
	return optional(l.base + "/courses/" + cid.String() + "/thumbnail.png")
}
