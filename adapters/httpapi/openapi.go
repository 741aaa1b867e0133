package httpapi

import (
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Code is a word that clients branch on.
type Code struct {
	Code    string
	Status  int
	Meaning string
}

// Codes is every code that an error may carry.
var Codes = []Code{
	{"malformed_json", 400, "The body is not strict JSON: syntax, duplicate members, encoding, depth, numbers too long"},
	{"malformed_body", 400, "The body cannot be read: a cut-off gzip, a broken form"},
	{"wrong_type", 400, "A value is of another JSON type than needed"},
	{"token_invalid", 401, "The access token is missing, not valid or has expired"},
	{"invalid_social_token", 401, "The identity provider does not vouch for the token, or it is good once and was used"},
	{"refresh_token_invalid", 401, "This is no refresh token of ours"},
	{"refresh_token_expired", 401, "The refresh token, or its family, is too old"},
	{"refresh_token_reused", 401, "The refresh token was used before: everything of the user was revoked"},
	{"refresh_token_revoked", 401, "The refresh token was revoked"},
	{"not_found", 404, "There is nothing at this path"},
	{"session_not_found", 404, "No such session of yours"},
	{"run_not_found", 404, "No such run of yours"},
	{"course_not_found", 404, "No such course, or it is another's private one"},
	{"user_not_found", 404, "No such user"},
	{"verdict_not_found", 404, "A free run has no verdict"},
	{"track_not_found", 404, "A run that was recorded without any place has no track"},
	{"blob_not_found", 404, "The picture is not rendered yet"},
	{"tile_not_found", 404, "No such map tile: z is 0 to 22, x and y are 0 to 2^z - 1"},
	{"method_not_allowed", 405, "The path exists, for other methods"},
	{"not_acceptable", 406, "No format that the client accepts"},
	{"request_timeout", 408, "The request came slower than 1 KiB/s, or took over 25 minutes: `limit` and `unit` say which"},
	{"session_conflict", 409, "client_session_id was used with another body"},
	{"chunk_conflict", 409, "Another chunk is stored under this sequence"},
	{"chunk_beyond_final", 409, "The final chunk has a lower sequence"},
	{"final_before_last", 409, "A chunk with a higher sequence is stored"},
	{"final_conflict", 409, "Another chunk is the final one"},
	{"chunks_missing", 409, "Chunks are missing: `missing` lists them"},
	{"total_chunks_mismatch", 409, "total_chunks is not the number of chunks"},
	{"session_closed", 409, "The session has its record"},
	{"session_abandoned", 409, "The session was abandoned; recover it first"},
	{"session_full", 409, "The session holds as much as a run can: `what` is over its limit. Chunks fit again after Retry-After; else complete it with total_chunks, or recover it"},
	{"too_many_sessions", 409, "`active` names the runner's active sessions; complete, recover or abandon one"},
	{"nickname_taken", 409, "Somebody else has this nickname, or it is reserved (RUNVS_RESERVED_NICKNAMES)"},
	{"too_many_courses", 409, "A person has at most 1,000 courses"},
	{"course_retired", 409, "The maker gave up this course: it can be read, its board is closed, and no new run begins on it"},
	{"idempotency_key_conflict", 409, "The Idempotency-Key was used for another course within 24 hours"},
	{"course_set_aside", 409, "The course is from before today's bounds and breaks one, `bound`: it can be read, and not be run"},
	{"run_pending", 409, "The run is not judged and counted yet, or could not be: `processing` says which"},
	{"run_merged", 409, "The run is part of another by now, `run_id`: undo the edits of that one first"},
	{"run_indoors", 409, "The run has no places: there is nothing to cut or to join"},
	{"runs_overlap", 409, "Runs that overlap in time cannot be merged"},
	{"runs_apart", 409, "There is too much time between the runs to merge them: `value` is over `limit`, in `unit`"},
	{"runs_differ", 409, "Runs that differ cannot be merged: `what` is activity or course_id, or duplicate_of when one does not count"},
	{"too_many_merged", 409, "A run is merged of at most 10 recordings: `value` and `limit`"},
	{"export_running", 409, "An export of yours is being written"},
	{"verdict_pending", 409, "The run has not been judged yet"},
	{"body_too_large", 413, "Over 64 KiB without a token, 1 MiB of JSON after inflating, or 25 MiB of a file: `limit` says which"},
	{"unsupported_media_type", 415, "A media type or encoding that is not understood"},
	{"unsupported_track", 415, "The file is neither GPX, TCX, FIT, KML nor GeoJSON"},
	{"avatar_too_large", 413, "Over 5 MiB or 25 megapixels"},
	{"unsupported_image", 415, "The file is neither JPEG, PNG nor WebP"},
	{"bad_image", 422, "The picture is broken"},
	{"validation_failed", 422, "Fields break rules: `errors` lists them"},
	{"digest_mismatch", 422, "The body is not what Content-Digest describes"},
	{"claim_too_large", 422, "device_info, filter_config, a claim or the completed splits are too large: `value` and `limit` say by how much, in bytes with numbers written out"},
	{"run_too_short", 422, "Fewer than 2 usable points; a session that was completed is abandoned"},
	{"outside_run", 422, "A time lies outside of the run, which is from `started_at` to `finished_at`"},
	{"already_recorded", 409, "Another device has recorded this run already: `run_id`; `duplicate=keep` keeps both, and the first counts"},
	{"not_a_run", 422, "The file is of another sport, which `sport` names"},
	{"run_too_long", 422, "Longer than any run on foot: `value` is over `limit`, in `unit`; a session that was completed is abandoned"},
	{"nothing_to_recover", 422, "No usable points have arrived"},
	{"course_too_short", 422, "A course needs at least 100 m and 2 distinct points"},
	{"course_too_long", 422, "A course has at most 500 km: `value` and `limit` say by how much"},
	{"course_too_many_vertices", 422, "A course has at most 20,000 vertices"},
	{"course_leg_too_long", 422, "Two neighbouring vertices of a course are at most 20 km apart; `vertex` is the second of them"},
	{"course_at_pole", 422, "A course stays within 89.9° of latitude"},
	{"course_scribble", 422, "The line comes through one place over 40 times without being laps of one line, at `at_meters` along it"},
	{"course_unusable", 422, "The course cannot be completed, not even by the run that it was made from: `reason` says why, `from_meters` and `to_meters` where"},
	{"bad_track", 422, "The file is broken or has no track; when most of its points have no place, `value` and `limit` say how many"},
	{"track_too_complex", 422, "The file was made to be hard to read; see `what`, `value` and `limit`"},
	{"track_too_many_activities", 413, "The file has more activities, or the zip more files, than are read; see `value` and `limit`"},
	{"track_too_many_fixes", 413, "The file has more points than are read; see `limit`"},
	{"rate_limited", 429, "Too many requests: RateLimit-* and Retry-After say when to come again"},
	{"course_quota_exceeded", 429, "A person makes at most 50 courses within 24 hours"},
	{"import_quota_exceeded", 429, "As many files as may be imported in 24 hours, `limit`, were; Retry-After says when the next may"},
	{"too_many_connections", 429, "More open connections of one address than `limit`"},
	{"headers_too_large", 431, "Over 8 KiB of headers, the URL included: `limit` says it in bytes"},
	{"internal_error", 500, "Something went wrong on our side"},
	{"store_unavailable", 503, "The database is down, full or too busy; try again"},
	{"blobs_unavailable", 503, "Files cannot be stored or read now; try again"},
	{"corridor_pending", 503, "The corridor is being drawn; ask again after Retry-After"},
	{"run_busy", 503, "The run is being changed by others; try again"},
	{"session_busy", 503, "Chunks of the session still arrive; complete it when the last was answered"},
	{"provider_unavailable", 503, "The identity provider is down or not set up here"},
	{"server_busy", 503, "The server works on as much as its memory allows; Retry-After says when to come again"},
	{"unavailable", 503, "Too busy; try again"},
	{"not_ready", 503, "The server cannot do its work now"},
}

// document begins the document of the API; operations add to it.
func document(cfg Config) huma.Config {
	c := huma.DefaultConfig("RUNVS", cfg.Version)
	c.Info.Description = description()
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Servers = []*huma.Server{{URL: cfg.PublicURL}}
	c.OpenAPIPath, c.DocsPath = "", "" // they are operations, too; the page of our own needs no network
	c.SchemasPath = ""
	c.CreateHooks = nil // no $schema member in answers
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access_token of /auth/login"},
	}
	c.Tags = []*huma.Tag{
		{Name: "Auth", Description: "Signing in"},
		{Name: "Users", Description: "One's own account"},
		{Name: "Runs", Description: "Recording runs, and their records"},
		{Name: "Courses", Description: "Routes that others follow, their boards and statistics"},
		{Name: "Service", Description: "For operators"},
	}
	return c
}

func description() string {
	var b strings.Builder
	b.WriteString(`The server of a running app: a phone uploads a run in chunks, the server makes one
trustworthy record of it, any run can become a course, and a judge says who really ran it.

Units are in the names. Coordinates are WGS84 degrees; times are RFC 3339 in UTC with milliseconds (sent ones may have
any zone and precision; T and Z in upper case, no leap second), but for the
` + "`timestamp`" + ` of a GPS point, which is Unix milliseconds. Unknown fields and query parameters are refused.
Bodies may be gzip'd. Errors are RFC 9457 problems whose ` + "`code`" + ` is one of:

| code | status | meaning |
|---|---|---|
`)
	for _, c := range Codes {
		fmt.Fprintf(&b, "| `%s` | %d | %s |\n", c.Code, c.Status, c.Meaning)
	}
	b.WriteString("\nThe `flags` of a run say what was odd about its recording:\n\n| flag | meaning |\n|---|---|\n")
	for _, f := range Flags {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Flag, f.Meaning)
	}
	return b.String()
}
