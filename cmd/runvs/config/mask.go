package config

import "net/url"

// mask hides the password of a URL, and query values that may be keys.
func mask(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "***"
	}
	return u.Redacted()
}

// maskAll hides a secret as a whole.
func maskAll(s string) string {
	if s == "" {
		return "(made once, kept in the data dir)"
	}
	return "***"
}
