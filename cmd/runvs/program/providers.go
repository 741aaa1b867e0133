package program

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/runvs/runvs/adapters/apple"
	"github.com/runvs/runvs/adapters/kakao"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/ports"
)

// openVerifiers makes the identity providers that are set up. One that is not
// answers as unavailable.
func openVerifiers(s config.Settings, log *slog.Logger) (map[string]ports.Verifier, error) {
	verifiers := map[string]ports.Verifier{}
	if s.KakaoAppID != "" {
		v, err := kakao.New(kakao.Config{BaseURL: s.KakaoBaseURL, AppID: s.KakaoAppID, Clock: systemClock{}, Log: log})
		if err != nil {
			return nil, fmt.Errorf("RUNVS_KAKAO_APP_ID: %w", err)
		}
		verifiers["kakao"] = v
	}
	var bundles []string
	for _, b := range strings.Split(s.AppleBundleIDs, ",") {
		if b = strings.TrimSpace(b); b != "" {
			bundles = append(bundles, b)
		}
	}
	if len(bundles) > 0 {
		v, err := apple.New(apple.Config{BaseURL: s.AppleBaseURL, BundleIDs: bundles, Clock: systemClock{}, Log: log})
		if err != nil {
			return nil, fmt.Errorf("RUNVS_APPLE_BUNDLE_IDS: %w", err)
		}
		verifiers["apple"] = v
	}
	return verifiers, nil
}
