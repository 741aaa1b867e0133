package program

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/runvs/runvs/adapters/apple"
	"github.com/runvs/runvs/adapters/kakao"
	"github.com/runvs/runvs/adapters/remote"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/ports"
)

// openVerifiers makes the identity providers that are set up. One that is not
// is nil, and answers as unavailable.
func openVerifiers(s config.Settings, log *slog.Logger) (map[string]ports.Verifier, error) {
	verifiers := map[string]ports.Verifier{"kakao": nil, "apple": nil}
	if s.KakaoAppID != "" {
		v, err := kakao.New(kakao.Config{AppID: s.KakaoAppID, Service: remote.Service{BaseURL: s.KakaoBaseURL, Clock: systemClock{}, Log: log}})
		if err != nil {
			return nil, fmt.Errorf("RUNVS_KAKAO_APP_ID: %w", err)
		}
		verifiers["kakao"] = v
	}
	if bundles := bundleIDs(s); len(bundles) > 0 {
		v, err := apple.New(apple.Config{BundleIDs: bundles, Service: appleService(s, log)})
		if err != nil {
			return nil, fmt.Errorf("RUNVS_APPLE_BUNDLE_IDS: %w", err)
		}
		verifiers["apple"] = v
	}
	return verifiers, nil
}

func appleService(s config.Settings, log *slog.Logger) remote.Service {
	return remote.Service{BaseURL: s.AppleBaseURL, Clock: systemClock{}, Log: log}
}

func bundleIDs(s config.Settings) (bundles []string) {
	for _, b := range strings.Split(s.AppleBundleIDs, ",") {
		if b = strings.TrimSpace(b); b != "" {
			bundles = append(bundles, b)
		}
	}
	return bundles
}

// openRevoker makes what tells Apple that somebody left; nil when no key for it
// is set up.
func openRevoker(s config.Settings, log *slog.Logger) (ports.Revoker, error) {
	if s.ApplePrivateKey == "" {
		return nil, nil
	}
	key := strings.ReplaceAll(s.ApplePrivateKey, `\n`, "\n") // environment files have no line breaks
	r, err := apple.NewRevoker(apple.RevokerConfig{
		Service: appleService(s, log), BundleIDs: bundleIDs(s), TeamID: s.AppleTeamID, KeyID: s.AppleKeyID, PrivateKey: key,
	})
	if err != nil {
		return nil, fmt.Errorf("RUNVS_APPLE_PRIVATE_KEY, RUNVS_APPLE_TEAM_ID, RUNVS_APPLE_KEY_ID: %w", err)
	}
	return r, nil
}
