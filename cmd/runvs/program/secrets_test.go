package program_test

import (
	"regexp"
	"strings"
	"testing"
)

// unspeakable is what no log line may hold, whatever the test did: every booted
// program's log is searched for it, on the debug level.
var unspeakable = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"an access or id token", regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}`)},
	{"a refresh token", regexp.MustCompile(`rt1\.[A-Za-z0-9_-]{4,}`)},
	{"a hash", regexp.MustCompile(`\$2[aby]\$`)},
	{"an e-mail address", regexp.MustCompile(`[\w.+-]+@[\w-]+\.[a-z]{2,}`)},
	// Degrees have more decimals than anything else here but durations, which end
	// in a unit.
	{"a coordinate", regexp.MustCompile(`(^|[^\d.])-?\d{1,3}\.\d{4,}($|[^\d.a-zA-Zµ])`)},
	{"a signed S3 request", regexp.MustCompile(`(?i)x-amz-(signature|credential)`)},
}

// findSecrets returns what of the unspeakable is in a log, with its line cut off
// before it.
func findSecrets(log string) (found []string) {
	for line := range strings.Lines(log) {
		for _, u := range unspeakable {
			if at := u.pattern.FindStringIndex(line); at != nil {
				found = append(found, u.what+" behind: "+line[:at[0]])
			}
		}
	}
	return found
}

func TestTheSearchForSecretsFindsThem(t *testing.T) {
	for name, line := range map[string]string{
		"access token": `level=INFO msg=request auth="Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"`, "refresh token": `token=rt1.AAAAAAAAAAAAAAAAAAAAAA.BBBB`,
		"hash": `hash=$2a$04$abc`, "e-mail": `msg="mail to mina@example.com"`, "coordinate": `at="(37.52341, 126.9345)"`,
		"JSON": `body={"lat":37.5234,"lng":-126.93}`, "S3": `url=http://x/?X-Amz-Signature=1`,
	} {
		if len(findSecrets(line)) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
	good := "time=2026-05-01T06:00:00.123456Z level=INFO msg=request route=/api/v1/runs/:id status=200 took=1.234567ms addr=127.0.0.1:8080 bytes=123456\n"
	if found := findSecrets(good); len(found) > 0 {
		t.Errorf("found %v in a good line", found)
	}
}
