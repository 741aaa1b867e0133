package config

import (
	"net/url"
	"strings"
)

// mask hides the password of a URL, and query values that may be secrets:
// PostgreSQL takes ?password=… as well.
func mask(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "***"
	}
	q := u.Query()
	hidden := false
	for name := range q {
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

// maskSecret hides a secret that may be missing.
func maskSecret(s string) string {
	if s == "" {
		return ""
	}
	return "***"
}

// maskAll hides a secret as a whole.
func maskAll(s string) string {
	if s == "" {
		return "(made once, kept in the data dir)"
	}
	return "***"
}
