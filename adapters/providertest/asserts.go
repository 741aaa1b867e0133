package providertest

import (
	"errors"
	"testing"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// Refused checks that a token was to blame.
func Refused(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ports.ErrSocialTokenInvalid) {
		t.Errorf("want invalid_social_token, got %v", err)
	}
}

// Unavailable checks that the provider was to blame, and says when to come again.
func Unavailable(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ports.ErrProviderUnavailable) {
		t.Errorf("want provider_unavailable, got %v", err)
		return
	}
	if seconds, ok := fault.As(err).Details["retry_after"].(int); !ok || seconds < 1 {
		t.Errorf("retry_after is %v", fault.As(err).Details["retry_after"])
	}
}
