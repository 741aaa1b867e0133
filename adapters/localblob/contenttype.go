package localblob

import "path"

// types has the content types that a key's ending tells. The host's own table
// would differ from one host to the next.
var types = map[string]string{
	".fit":  "application/vnd.ant.fit",
	".gpx":  "application/gpx+xml",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".json": "application/json",
	".png":  "image/png",
	".tcx":  "application/vnd.garmin.tcx+xml",
	".webp": "image/webp",
}

// typeOf returns the content type that a key's ending tells, or the one of
// bytes that nothing is known of.
func typeOf(key string) string {
	if t, ok := types[path.Ext(key)]; ok {
		return t
	}
	return "application/octet-stream"
}
