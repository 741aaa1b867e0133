package avatar

import "github.com/runvs/runvs/domain/bound"

// Bounds lists the bounds of pictures for people.
func Bounds() []bound.Bound {
	return []bound.Bound{
		{Name: "a picture", Limit: MaxBytes >> 20, Unit: "MiB", Code: errTooLarge.Code},
		{Name: "a picture", Limit: MaxPixels / 1_000_000, Unit: "megapixels", Code: errTooLarge.Code},
		{Name: "a picture, while it is decoded", Limit: MaxMemory >> 20, Unit: "MiB", Code: errTooLarge.Code},
	}
}
