package app

import (
	"context"
	"strings"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// avatarPath is where pictures are served, behind the public URL. Each has an id
// of its own, so that what was once shown under an address never changes.
const avatarPath = "/api/v1/avatars/"

var errNoAvatar = ports.ErrBlobNotFound.Saying("there is no such picture")

func avatarKey(picture string) string { return "avatars/" + picture + ".jpg" }

// SetAvatar makes a picture of a file that the runner sent. Faults: those of
// ports.Avatars, blobs_unavailable.
func (u *Users) SetAvatar(ctx context.Context, uid id.User, file []byte) (user.User, error) {
	jpeg, err := u.avatars.Avatar(ctx, file)
	if err != nil {
		return user.User{}, err
	}
	picture := id.New[id.AvatarKind](u.ids).String()
	// The picture first, then the link: a crash between leaves a file nobody sees,
	// never a link to nothing.
	if err := u.blobs.Put(ctx, avatarKey(picture), "image/jpeg", jpeg); err != nil {
		return user.User{}, err
	}
	return u.save(ctx, uid, func(found *user.User) {
		found.AvatarURL = u.settings.PublicURL + avatarPath + picture + ".jpg"
	})
}

// Avatar returns a picture, a JPEG. Faults: blob_not_found.
func (u *Users) Avatar(ctx context.Context, file string) ([]byte, error) {
	picture, isJPEG := strings.CutSuffix(file, ".jpg")
	if _, err := id.Parse[id.AvatarKind](picture); err != nil || !isJPEG {
		return nil, errNoAvatar
	}
	jpeg, _, err := u.blobs.Get(ctx, avatarKey(strings.ToLower(picture)))
	return jpeg, err
}

// enqueueDrop has the picture behind a link removed, if it is one of ours.
func enqueueDrop(ctx context.Context, tx ports.Enqueuer, link string) error {
	_, file, ours := strings.Cut(link, avatarPath)
	picture := strings.TrimSuffix(file, ".jpg")
	if _, err := id.Parse[id.AvatarKind](picture); err != nil || !ours {
		return nil //nolint:nilerr // no picture of ours, nothing to remove
	}
	return tx.Enqueue(ctx, ports.Job{Kind: ports.JobDropAvatar, ID: picture})
}

func (u *Users) dropAvatar(ctx context.Context, picture string) error {
	return u.blobs.Delete(ctx, avatarKey(picture))
}
