package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/id"
)

// avatarAge is short: who takes a picture away, or leaves, is soon gone from
// browsers and caches, too.
const avatarAge = "public, max-age=3600"

const mediaJPEG = "image/jpeg"

// avatarSuffix ends the address of a person's picture, after its id.
const avatarSuffix = ".jpg"

// picture is one of a person or of a course.
type picture struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"` // "" is the operation's own rule
	Body         []byte
}

func (s *Server) uploadRoutes() {
	register(s, web.Operation{
		ID: "upload-avatar", Method: http.MethodPost, Path: "/uploads/avatar", Summary: "Set my picture",
		Description: "JPEG, PNG or WebP by content, at most 5 MiB and 25 megapixels. Kept as a JPEG of 512×512 pixels; whatever else is in the file is gone.",
		Tag:         "Users", Access: web.Users, Body: web.UploadBody, Cache: web.NotKept, Counts: web.ByCaller,
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
		u, err := s.app.Users.SetAvatar(ctx, web.Viewer(ctx), data)
		return &body[User]{s.links.userOf(u)}, err
	})
	register(s, web.Operation{
		ID: "get-avatar", Method: http.MethodGet, Path: "/avatars/{file}", Summary: "A picture, where avatar_url points",
		Tag: "Users", Access: web.Anybody, Body: web.NoBody, Cache: web.Cache{Control: avatarAge}, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
		Answers: map[int]web.Media{http.StatusOK: {mediaJPEG: web.Binary()}},
	}, func(ctx context.Context, in *struct {
		File string `path:"file"`
	}) (*picture, error) {
		name, isJPEG := strings.CutSuffix(in.File, avatarSuffix)
		avatar, err := parseID[id.AvatarKind](name, app.ErrNoAvatar)
		if err != nil || !isJPEG {
			return nil, app.ErrNoAvatar
		}
		jpeg, err := s.app.Users.Avatar(ctx, avatar)
		return &picture{ContentType: mediaJPEG, Body: jpeg}, err
	})
}
