package web

import "testing"

func TestOriginsAreReadToTheLetter(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " ": "", "*": "*", "https://runs.example": "https://runs.example", " https://a.example , http://localhost:3000,": "https://a.example,http://localhost:3000",
	} {
		if got, err := ParseOrigins(in); got != want || err != nil {
			t.Errorf("%q is %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"runs.example", "https://runs.example/", "https://runs.example/page", "https://*.example", "*,https://runs.example", "null", "ftp://runs.example", "https://a@runs.example", "https://"} {
		if got, err := ParseOrigins(in); err == nil {
			t.Errorf("%q was taken as %q", in, got)
		}
	}
}
