package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/runvs/runvs/adapters/tokens"
	"github.com/runvs/runvs/domain/user"
)

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// Level returns the least level that is logged.
func (s Settings) Level() slog.Level { return logLevels[s.LogLevel] }

// setting is one line of the table below.
type setting struct {
	key    string // in runvs.yaml; the flag has dashes, the variable RUNVS_ and capitals
	value  any    // the default
	secret bool
	usage  string
}

var table = []setting{
	{"env", "development", false, "development or production"},
	{"http_addr", "127.0.0.1:8080", false, "where the API listens"},
	{"metrics_addr", "127.0.0.1:9090", false, "where Prometheus metrics are served; empty = off"},
	{"data_dir", "./data", false, "folder of the embedded database, blobs and secrets"},
	{"database_url", "", true, "postgres://…, sqlite:PATH, or memory: for trials (default: SQLite in the data dir)"},
	{"blob_url", "", true, "file:PATH, or s3://bucket/prefix?region=…&endpoint=…&path_style=true with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (default: a folder in the data dir)"},
	{"public_url", "", false, "what URLs in answers begin with (default: from the address)"},
	{"jwt_secrets", "", true, "kid:base64,… of 32 bytes or more; the first signs (default: made once, kept in the data dir)"},
	{"kakao_app_id", "", false, "Kakao app id"},
	{"kakao_base_url", "https://kapi.kakao.com", false, "Kakao API"},
	{"kakao_admin_key", "", true, "what Kakao shows when it calls /hooks/kakao/unlink"},
	{"apple_bundle_ids", "", false, "bundle ids, separated by commas"},
	{"apple_base_url", "https://appleid.apple.com", false, "Apple ID"},
	{"apple_team_id", "", false, "the team that the Apple key belongs to"},
	{"apple_key_id", "", false, "the name of the Apple key"},
	{"apple_private_key", "", true, "text of Apple's .p8 file: revokes the grant of who leaves with an authorization_code"},
	{"dev_login", true, false, "accept any name as a login (never in production, nor where others reach it)"},
	{"migrate", "auto", false, "auto: apply migrations at the start; check: refuse to start when behind"},
	{"tile_url", "", true, "https://…/{z}/{x}/{y}.png, a map under thumbnails (default: a plain ground)"},
	{"tile_attribution", "© OpenStreetMap contributors", false, "whose map it is, written on thumbnails; empty = the map needs none"},
	{"workers", 2, false, "jobs at once in this process; 0 = API only"},
	{"memory", "", false, "what heavy work (parsing, measuring, judging, shapes, pictures) may take at once, such as 512MiB; Go's own limit is half as much again (default: half of what the machine or its cgroup has)"},
	{"refresh_reuse_window", time.Duration(0), false, "for old clients: how long a refresh without an Idempotency-Key may be repeated; at most 30s"},
	{"refresh_hash_cost", tokens.MinHashCost, false, "bcrypt cost of refresh tokens; they are random, so the least is right"},
	{"sign_in_rate", 60_000, false, "sign-ins and refreshes a minute of one address; 0 = any (default in production: 60)"},
	{"user_rate", 60_000, false, "requests a minute of one user; 0 = any (default in production: 1200)"},
	{"anon_rate", 60_000, false, "requests a minute of one address that come without a good token; 0 = any (default in production: 1200)"},
	{"tile_rate", 60_000, false, "map tiles a minute of one address that come without a good token; 0 = any (default in production: 6000)"},
	{"trusted_proxies", "", false, "addresses and prefixes whose X-Forwarded-For is believed, separated by commas"},
	{"reserved_nicknames", user.DefaultReserved, false, "nicknames that nobody may choose, separated by commas; whoever has one keeps it"},
	{"log_level", "info", false, "debug, info, warn or error"},
	{"allow_sqlite", false, false, "allow SQLite in production"},
}

// Loader knows the flags and reads settings when asked.
type Loader struct {
	v     *viper.Viper
	flags *pflag.FlagSet
	file  *string
}

// NewLoader adds a flag for every setting to flags.
func NewLoader(flags *pflag.FlagSet) *Loader {
	l := &Loader{v: viper.New(), flags: flags}
	l.v.AllowEmptyEnv(true)
	l.file = flags.String("config", "", "settings file (default: runvs.yaml here, if it exists)")
	for _, s := range table {
		name := strings.ReplaceAll(s.key, "_", "-")
		switch d := s.value.(type) {
		case string:
			flags.String(name, d, s.usage)
		case bool:
			flags.Bool(name, d, s.usage)
		case int:
			flags.Int(name, d, s.usage)
		case time.Duration:
			flags.Duration(name, d, s.usage)
		}
		l.v.SetDefault(s.key, s.value)
	}
	return l
}

// Load reads, completes and checks the settings.
func (l *Loader) Load() (Settings, error) {
	for _, s := range table {
		if err := l.v.BindPFlag(s.key, l.flags.Lookup(strings.ReplaceAll(s.key, "_", "-"))); err != nil {
			return Settings{}, err
		}
		if !given(s) {
			continue
		}
		if err := l.v.BindEnv(s.key, Variable(s.key)); err != nil {
			return Settings{}, err
		}
	}
	if err := l.readFile(); err != nil {
		return Settings{}, err
	}
	if err := unknownVariables(); err != nil {
		return Settings{}, err
	}
	for _, s := range table {
		raw := fmt.Sprint(l.v.Get(s.key))
		switch s.value.(type) {
		case bool:
			if raw != "true" && raw != "false" {
				return Settings{}, fmt.Errorf("%s: %q is neither true nor false", Variable(s.key), raw)
			}
		case time.Duration:
			if _, err := time.ParseDuration(raw); err != nil {
				return Settings{}, fmt.Errorf("%s: %q is no duration, such as 10s", Variable(s.key), raw)
			}
		case int:
			var n int
			if _, err := fmt.Sscanf(raw+"\n", "%d\n", &n); err != nil {
				return Settings{}, fmt.Errorf("%s: %q is no whole number", Variable(s.key), raw)
			}
		}
	}
	// In production the safe value is the default: only an explicit true is refused.
	devLogin := l.v.GetBool("dev_login")
	if l.v.GetString("env") == "production" && !l.isSet("dev_login") {
		devLogin = false
	}
	s := Settings{
		Env: l.v.GetString("env"), HTTPAddr: l.v.GetString("http_addr"), MetricsAddr: l.v.GetString("metrics_addr"),
		DataDir: l.v.GetString("data_dir"), DatabaseURL: l.v.GetString("database_url"), BlobURL: l.v.GetString("blob_url"),
		PublicURL: l.v.GetString("public_url"), JWTSecrets: l.v.GetString("jwt_secrets"),
		KakaoAppID: l.v.GetString("kakao_app_id"), KakaoBaseURL: l.v.GetString("kakao_base_url"), KakaoAdminKey: l.v.GetString("kakao_admin_key"),
		AppleBundleIDs: l.v.GetString("apple_bundle_ids"), AppleBaseURL: l.v.GetString("apple_base_url"),
		AppleTeamID: l.v.GetString("apple_team_id"), AppleKeyID: l.v.GetString("apple_key_id"), ApplePrivateKey: l.v.GetString("apple_private_key"),
		DevLogin: devLogin, Migrate: l.v.GetString("migrate"), TileURL: l.v.GetString("tile_url"), TileAttribution: l.v.GetString("tile_attribution"),
		Workers: l.v.GetInt("workers"), LogLevel: l.v.GetString("log_level"),
		ReuseWindow: l.v.GetDuration("refresh_reuse_window"), HashCost: l.v.GetInt("refresh_hash_cost"),
		Memory:     l.v.GetString("memory"),
		SignInRate: l.rate("sign_in_rate", 60), UserRate: l.rate("user_rate", 1200),
		AnonRate: l.rate("anon_rate", 1200), TileRate: l.rate("tile_rate", 6000), TrustedProxies: l.v.GetString("trusted_proxies"), AllowSQLite: l.v.GetBool("allow_sqlite"),
		ReservedNicknames: l.v.GetString("reserved_nicknames"),
	}
	s.complete()
	return s, s.check()
}

// rate returns a rate: what was given or, in production, a stricter default.
func (l *Loader) rate(key string, production int) int {
	if l.v.GetString("env") == "production" && !l.isSet(key) {
		return production
	}
	return l.v.GetInt(key)
}

// given reports whether the environment has a setting. An empty text is one:
// RUNVS_METRICS_ADDR= means off. An empty number is none.
func given(s setting) bool {
	value, set := os.LookupEnv(Variable(s.key))
	_, text := s.value.(string)
	return set && (text || value != "")
}

// isSet reports whether a setting was given, and not left to its default.
func (l *Loader) isSet(key string) bool {
	env := slices.ContainsFunc(table, func(s setting) bool { return s.key == key && given(s) })
	return env || l.v.InConfig(key) || l.flags.Lookup(strings.ReplaceAll(key, "_", "-")).Changed
}

func (l *Loader) readFile() error {
	name := *l.file
	if name == "" {
		name = "runvs.yaml"
		if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	l.v.SetConfigFile(name)
	if err := l.v.ReadInConfig(); err != nil {
		return fmt.Errorf("the settings file %s cannot be read: %w", name, err)
	}
	known := map[string]bool{}
	for _, s := range table {
		known[s.key] = true
	}
	file := viper.New()
	file.SetConfigFile(name)
	if err := file.ReadInConfig(); err != nil {
		return err
	}
	for _, key := range file.AllKeys() {
		if !known[key] {
			return fmt.Errorf("unknown setting %q in %s; `runvs config` lists all", key, name)
		}
	}
	return nil
}

// unknownVariables refuses RUNVS_… variables that no setting has: a typo would
// otherwise be silently without effect. RUNVS_TEST_… belong to the tests.
func unknownVariables() error {
	known := map[string]bool{"RUNVS_REQUIRE_POSTGIS": true, "RUNVS_REQUIRE_S3": true}
	for _, s := range table {
		known[Variable(s.key)] = true
	}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "RUNVS_") && !strings.HasPrefix(name, "RUNVS_TEST_") && !known[name] {
			return fmt.Errorf("unknown setting %s in the environment; `runvs config` lists all", name)
		}
	}
	return nil
}

// Variable returns the environment variable of a key.
func Variable(key string) string { return "RUNVS_" + strings.ToUpper(key) }

// Show returns "NAME=value" lines of what is in force, secrets masked.
func (l *Loader) Show(s Settings) []string {
	inForce := map[string]any{
		"env": s.Env, "http_addr": s.HTTPAddr, "metrics_addr": s.MetricsAddr, "data_dir": s.DataDir,
		"database_url": mask(s.DatabaseURL), "blob_url": mask(s.BlobURL), "public_url": s.PublicURL,
		"jwt_secrets": maskAll(s.JWTSecrets), "kakao_app_id": s.KakaoAppID, "kakao_base_url": s.KakaoBaseURL, "kakao_admin_key": maskSecret(s.KakaoAdminKey),
		"apple_team_id": s.AppleTeamID, "apple_key_id": s.AppleKeyID, "apple_private_key": maskSecret(s.ApplePrivateKey),
		"apple_bundle_ids": s.AppleBundleIDs, "apple_base_url": s.AppleBaseURL, "dev_login": s.DevLogin,
		"migrate": s.Migrate, "tile_url": maskPath(s.TileURL), "tile_attribution": s.TileAttribution, "workers": s.Workers, "memory": units.BytesSize(float64(s.MemoryBytes)), "log_level": s.LogLevel,
		"refresh_reuse_window": s.ReuseWindow, "refresh_hash_cost": s.HashCost,
		"sign_in_rate": s.SignInRate, "user_rate": s.UserRate, "anon_rate": s.AnonRate, "tile_rate": s.TileRate, "trusted_proxies": s.TrustedProxies,
		"allow_sqlite": s.AllowSQLite, "reserved_nicknames": s.ReservedNicknames,
	}
	var lines []string
	for _, row := range table {
		lines = append(lines, fmt.Sprintf("%s=%v", Variable(row.key), inForce[row.key]))
	}
	sort.Strings(lines)
	return lines
}
