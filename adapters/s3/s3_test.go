package s3

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/ports/portstest"
)

// server returns the URL of a bucket on a real server, and the keys to it.
func server(t *testing.T) (string, Credentials) {
	t.Helper()
	raw := os.Getenv("RUNVS_TEST_S3_URL")
	if raw == "" {
		if os.Getenv("RUNVS_REQUIRE_S3") != "" {
			t.Fatal("RUNVS_TEST_S3_URL is not set, and a server is required here")
		}
		t.Skip("RUNVS_TEST_S3_URL is not set; make test starts a server")
	}
	return raw, Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}
}

func TestContract(t *testing.T) {
	raw, keys := server(t)
	portstest.RunBlobs(t, func(t *testing.T) ports.Blobs {
		s, err := Open(strings.Replace(raw, "?", "/"+uuid.NewString()+"?", 1), keys)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestPingSeesWhatIsWrong(t *testing.T) {
	raw, keys := server(t)
	bad := keys
	bad.SecretAccessKey += "x"
	for name, c := range map[string]struct {
		url  string
		keys Credentials
	}{"another bucket": {strings.Replace(raw, "runvs-test", "no-such-bucket", 1), keys}, "a wrong key": {raw, bad}} {
		s, err := Open(c.url, c.keys)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAServerThatIsIllIsUnavailable(t *testing.T) {
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer ill.Close()
	for _, endpoint := range []string{ill.URL, "http://127.0.0.1:1"} {
		s, err := Open("s3://bucket?path_style=true&endpoint="+endpoint, Credentials{"a", "b", ""})
		if err != nil {
			t.Fatal(err)
		}
		_, _, getErr := s.Get(t.Context(), "k")
		for what, err := range map[string]error{"put": s.Put(t.Context(), "k", "", nil), "get": getErr, "delete": s.Delete(t.Context(), "k"), "ping": s.Ping(t.Context())} {
			if !fault.HasCode(err, "blobs_unavailable") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

func TestURLsThatMakeNoSense(t *testing.T) {
	for url, says := range map[string]string{
		"http://bucket": "s3://", "s3:///prefix": "s3://", "s3://key:secret@bucket": "AWS_ACCESS_KEY_ID", "s3://bucket?regoin=x": "regoin",
		"s3://bucket?endpoint=host": "endpoint", "s3://bucket?path_style=yes": "path_style", "s3://bucket/a%20b": "prefix",
	} {
		if err := Check(url); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := Open("s3://bucket/some/prefix?region=eu-west-1", Credentials{}); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("without keys: %v", err)
	}
}
