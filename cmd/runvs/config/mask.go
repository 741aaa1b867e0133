package config

import (
	"net/url"
	"strings"
)

// masks are the ways to show a setting, by the name that its tag gives.
var masks = map[string]func(string) string{
	"":       func(shown string) string { return shown },
	"url":    maskURL,
	"path":   maskPath,
	"secret": maskSecret,
	"made":   maskMade,
}

// maskURL hides the password of a URL, and query values that may be secrets:
// PostgreSQL takes ?password=… as well.
func maskURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "***"
	}
	q := u.Query()
	hidden := false
	for name, values := range q {
		for i, v := range values { // an endpoint is a URL itself, and may name a user
			if shown := maskUser(v); shown != v {
				values[i], hidden = shown, true
			}
		}
		for _, word := range []string{"pass", "secret", "key", "token"} {
			if strings.Contains(strings.ToLower(name), word) {
				q.Set(name, "xxxxx")
				hidden = true
			}
		}
	}
	if hidden {
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// maskUser hides who signs in by a URL, and how: keys are names as well.
func maskUser(raw string) string {
	scheme, rest, isURL := strings.Cut(raw, "://")
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	at := strings.LastIndex(authority, "@")
	if !isURL || at < 0 {
		return raw
	}
	return scheme + "://xxxxx" + rest[at:]
}

// maskPath hides all of a URL but its host: services of maps put their keys into
// the path as well.
func maskPath(raw string) string {
	if raw == "" {
		return ""
	}
	scheme, rest, _ := strings.Cut(raw, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return scheme + "://" + rest[strings.LastIndex(rest, "@")+1:] + "/***"
}

// maskSecret hides a secret that may be missing.
func maskSecret(s string) string {
	if s == "" {
		return ""
	}
	return "***"
}

// maskMade hides a secret that is made when it is missing.
func maskMade(s string) string {
	if s == "" {
		return "(made once, kept in the data dir)"
	}
	return "***"
}
