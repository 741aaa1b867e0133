package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
)

// avatarAge is short: who takes a picture away, or leaves, is soon gone from
// browsers and caches, too.
const avatarAge = "public, max-age=3600"

// avatarSuffix ends the address of a person's picture, after its id.
const avatarSuffix = ".jpg"

// picture is one of a person or of a course.
type picture struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (s *Server) uploadRoutes() {
	register(s, huma.Operation{
		OperationID: "upload-avatar", Method: http.MethodPost, Path: "/uploads/avatar", Summary: "Set my picture",
		Description: "JPEG, PNG or WebP by content, at most 5 MiB and 25 megapixels. Kept as a JPEG of 512×512 pixels; whatever else is in the file is gone.",
		Tags:        []string{"Users"}, Security: tokenNeeded, Errors: errorStatuses, MaxBodyBytes: maxUploadBytes,
	}, func(ctx context.Context, in *struct {
		RawBody huma.MultipartFormFiles[struct {
			File huma.FormFile `form:"file" required:"true"`
		}]
	}) (*body[User], error) {
		form, err := formOf(in.RawBody)
		if err != nil {
			return nil, err
		}
		data, err := readUpload(form.File)
		if err != nil {
			return nil, err
		}
		u, err := s.app.Users.SetAvatar(ctx, viewer(ctx), data)
		return &body[User]{s.links.userOf(u)}, err
	})
	register(s, huma.Operation{
		OperationID: "get-avatar", Method: http.MethodGet, Path: "/avatars/{file}", Summary: "A picture, where avatar_url points",
		Tags: []string{"Users"}, Errors: errorStatuses,
	}, func(ctx context.Context, in *struct {
		File string `path:"file"`
	}) (*picture, error) {
		name, isJPEG := strings.CutSuffix(in.File, avatarSuffix)
		avatar, err := parseID[id.AvatarKind](name, app.ErrNoAvatar)
		if err != nil || !isJPEG {
			return nil, app.ErrNoAvatar
		}
		jpeg, err := s.app.Users.Avatar(ctx, avatar)
		return &picture{"image/jpeg", avatarAge, jpeg}, err
	})
}
