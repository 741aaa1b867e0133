package app

import (
	"context"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// ErrNoAvatar answers for a picture of a person that is not there.
var ErrNoAvatar = ports.ErrBlobNotFound.Saying("there is no such picture")

// avatarKey is where a picture is kept. Each has an id of its own, so that what was
// once shown under an address never changes.
func avatarKey(picture id.Avatar) string { return "avatars/" + picture.String() + ".jpg" }

// SetAvatar makes a picture of a file that the runner sent. Faults: those of
// ports.Avatars, blobs_unavailable.
func (u *Users) SetAvatar(ctx context.Context, uid id.User, file []byte) (user.User, error) {
	jpeg, err := u.avatars.Avatar(ctx, file)
	if err != nil {
		return user.User{}, err
	}
	picture := id.New[id.AvatarKind](u.ids)
	// The picture first, then the row: a crash between leaves a file nobody sees,
	// never a link to nothing.
	if err := u.blobs.Put(ctx, avatarKey(picture), "image/jpeg", jpeg); err != nil {
		return user.User{}, err
	}
	return u.save(ctx, uid, func(found *user.User) error {
		found.AvatarID = picture
		return nil
	})
}

// Avatar returns a picture, a JPEG. Faults: blob_not_found.
func (u *Users) Avatar(ctx context.Context, picture id.Avatar) ([]byte, error) {
	jpeg, _, err := u.blobs.Get(ctx, avatarKey(picture))
	return jpeg, err
}

// enqueueDrop has a picture removed, if there is one.
func enqueueDrop(ctx context.Context, tx ports.Enqueuer, picture id.Avatar) error {
	if picture.IsZero() {
		return nil
	}
	return tx.Enqueue(ctx, ports.Job{Kind: ports.JobDropAvatar, ID: picture.String()})
}

func (u *Users) dropAvatar(ctx context.Context, picture id.Avatar) error {
	return u.blobs.Delete(ctx, avatarKey(picture))
}
