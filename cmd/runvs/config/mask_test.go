package config

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestNoSecretOfAnAddressIsShown(t *testing.T) {
	for raw, mask := range map[string]func(string) string{
		"postgres://runvs:hunter2@db/runvs":                                     maskURL,
		"postgres://db/runvs?password=hunter2":                                  maskURL,
		"s3://bucket/x?region=r&endpoint=https://key:hunter2@minio:9000":        maskURL,
		"s3://bucket/x?endpoint=https%3A%2F%2Fkey%3Ahunter2%40minio%3A9000%2Fa": maskURL,
		"https://tiles.example/hunter2/{z}":                                     maskPath,
	} {
		if shown := mask(raw); strings.Contains(shown, "hunter2") {
			t.Errorf("%s is shown as %s", raw, shown)
		}
	}
	const plain = "s3://bucket/x?region=r&endpoint=https://minio:9000"
	if shown := maskURL(plain); shown != plain {
		t.Errorf("%s is shown as %s", plain, shown)
	}
}

func TestSettingsThatServeWouldRefuseAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Settings)
		blamed string
	}{
		"a short secret":     {func(s *Settings) { s.JWTSecrets = "k:" + base64.StdEncoding.EncodeToString([]byte("short")) }, "RUNVS_JWT_SECRETS"},
		"garbage":            {func(s *Settings) { s.JWTSecrets = "garbage" }, "RUNVS_JWT_SECRETS"},
		"more than there is": {func(s *Settings) { s.Memory = "99999TB" }, "RUNVS_MEMORY"},
		"no size":            {func(s *Settings) { s.Memory = "much" }, "RUNVS_MEMORY"},
	} {
		s := Settings{}
		c.change(&s)
		s.complete()
		if err := s.check(); err == nil || !strings.Contains(err.Error(), c.blamed) || strings.Contains(err.Error(), "garbage") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
