package httpapi

import (
	"io"
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/fault"
)

// formOf returns what a multipart form holds, and a fault unless every part of it is
// known and there is one file. A typo in a name would otherwise lose what it names.
func formOf[T any](raw huma.MultipartFormFiles[T]) (*T, error) {
	known := map[string]bool{}
	fields := reflect.TypeFor[T]()
	for i := range fields.NumField() {
		known[fields.Field(i).Tag.Get("form")] = true
	}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(raw.Form.Value)) {
		if !known[name] || name == "file" {
			wrong = append(wrong, fault.InvalidField(name, "is no field of this form"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(raw.Form.File)) {
		if name != "file" {
			wrong = append(wrong, fault.InvalidField(name, "is no file of this form"))
		}
	}
	if n := len(raw.Form.File["file"]); n != 1 {
		wrong = append(wrong, fault.InvalidField("file", "%d files; one is needed", n))
	}
	return raw.Data(), fault.Join(wrong...)
}

// formBool reads a part that is true or false; what is absent is the default.
func formBool[T any](raw huma.MultipartFormFiles[T], name string, absent bool) (bool, error) {
	values := raw.Form.Value[name]
	switch {
	case len(values) == 0:
		return absent, nil
	case len(values) == 1 && (values[0] == "true" || values[0] == "false"):
		return values[0] == "true", nil
	}
	return false, fault.InvalidField(name, "is neither true nor false")
}

// maxFileBytes is the largest track file.
const maxFileBytes = 25 << 20

func readUpload(f huma.FormFile) ([]byte, error) {
	defer f.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, web.ErrMalformedBody.Saying("the file could not be read").Because(err)
	case len(data) > maxFileBytes:
		return nil, web.ErrTooLarge.With("limit", maxFileBytes).With("value", f.Size)
	case len(data) == 0:
		return nil, fault.InvalidField("file", "is empty")
	}
	return data, nil
}
