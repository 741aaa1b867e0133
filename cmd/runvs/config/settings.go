// Package config reads the program's settings from flags, the environment and
// runvs.yaml, in this order, and refuses what makes no sense before anything is
// started. viper is not seen beyond this package.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/mapimage"
	"github.com/runvs/runvs/adapters/s3"
	"github.com/runvs/runvs/adapters/tokens"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/user"
)

// Settings is what is in force. Every field is checked.
//
// This is the one place where a setting is declared: its flag, its variable, its
// line in runvs.yaml, its check of the type, what "runvs config" shows, the help
// and the table in the README beside this file follow from the tags.
//
//	mapstructure  the key in runvs.yaml; the flag has dashes, the variable RUNVS_ and capitals
//	default       what holds when nothing is given
//	production    what holds instead in production
//	mask          how a secret is shown, one of masks; without it the value is shown
//	usage         one line of help
type Settings struct {
	Env               string        `mapstructure:"env" default:"development" usage:"development or production"`
	HTTPAddr          string        `mapstructure:"http_addr" default:"127.0.0.1:8080" usage:"where the API listens"`
	MetricsAddr       string        `mapstructure:"metrics_addr" default:"127.0.0.1:9090" usage:"where Prometheus metrics are served; empty = off"`
	DataDir           string        `mapstructure:"data_dir" default:"./data" usage:"folder of the embedded database, blobs and secrets"`
	DatabaseURL       string        `mapstructure:"database_url" mask:"url" usage:"postgres://…, sqlite:PATH, or memory: for trials (default: SQLite in the data dir)"`
	BlobURL           string        `mapstructure:"blob_url" mask:"url" usage:"file:PATH, or s3://bucket/prefix?region=…&endpoint=…&path_style=true with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (default: a folder in the data dir)"`
	PublicURL         string        `mapstructure:"public_url" usage:"what URLs in answers begin with (default: from the address)"` // without a slash at the end
	JWTSecrets        string        `mapstructure:"jwt_secrets" mask:"made" usage:"kid:base64,… of 32 bytes or more; the first signs (default: made once, kept in the data dir)"`
	KakaoAppID        string        `mapstructure:"kakao_app_id" usage:"Kakao app id"`
	KakaoBaseURL      string        `mapstructure:"kakao_base_url" default:"https://kapi.kakao.com" usage:"Kakao API"`
	KakaoAdminKey     string        `mapstructure:"kakao_admin_key" mask:"secret" usage:"what Kakao shows when it calls /hooks/kakao/unlink"` // "" = Kakao cannot tell us that somebody left
	AppleBundleIDs    string        `mapstructure:"apple_bundle_ids" usage:"bundle ids, separated by commas"`
	AppleBaseURL      string        `mapstructure:"apple_base_url" default:"https://appleid.apple.com" usage:"Apple ID"`
	AppleTeamID       string        `mapstructure:"apple_team_id" usage:"the team that the Apple key belongs to"`
	AppleKeyID        string        `mapstructure:"apple_key_id" usage:"the name of the Apple key"`
	ApplePrivateKey   string        `mapstructure:"apple_private_key" mask:"secret" usage:"text of Apple's .p8 file: revokes the grant of who leaves with an authorization_code"` // "" = nothing is revoked at Apple
	DevLogin          bool          `mapstructure:"dev_login" default:"true" production:"false" usage:"accept any name as a login (never in production, nor where others reach it)"`
	Migrate           string        `mapstructure:"migrate" default:"auto" usage:"auto: apply migrations at the start; check: refuse to start when behind"`
	TileURL           string        `mapstructure:"tile_url" mask:"path" usage:"https://…/{z}/{x}/{y}.png, a map under thumbnails (default: a plain ground)"` // may hold a key
	TileAttribution   string        `mapstructure:"tile_attribution" default:"© OpenStreetMap contributors" usage:"whose map it is, written on thumbnails; empty = the map needs none"`
	Workers           int           `mapstructure:"workers" default:"2" usage:"jobs at once in this process; 0 = API only"`
	Memory            string        `mapstructure:"memory" usage:"what heavy work (parsing, measuring, judging, shapes, pictures) may take at once, such as 512MiB; Go's own limit is half as much again (default: half of what the machine or its cgroup has)"`
	ReuseWindow       time.Duration `mapstructure:"refresh_reuse_window" default:"0s" usage:"for old clients: how long a refresh without an Idempotency-Key may be repeated; at most 30s"`
	HashCost          int           `mapstructure:"refresh_hash_cost" default:"4" usage:"bcrypt cost of refresh tokens; they are random, so the least is right"`
	SignInRate        int           `mapstructure:"sign_in_rate" default:"60000" production:"60" usage:"sign-ins and refreshes a minute of one address; 0 = any"`
	UserRate          int           `mapstructure:"user_rate" default:"60000" production:"1200" usage:"requests a minute of one user; 0 = any"`
	AnonRate          int           `mapstructure:"anon_rate" default:"60000" production:"1200" usage:"requests a minute of one address that come without a good token; 0 = any"`
	TileRate          int           `mapstructure:"tile_rate" default:"60000" production:"6000" usage:"map tiles a minute of one address that come without a good token; 0 = any"`
	TrustedProxies    string        `mapstructure:"trusted_proxies" usage:"addresses and prefixes whose X-Forwarded-For is believed, separated by commas"`
	CORSOrigins       string        `mapstructure:"cors_origins" usage:"origins whose web pages may call the API, separated by commas, or *; empty = none (map tiles are open to any)"`
	ReservedNicknames string        `mapstructure:"reserved_nicknames" default:"admin,root,system,official,staff,support,help,moderator,operator,runvs,관리자,운영자,운영팀,고객센터,공식,시스템" usage:"nicknames that nobody may choose, separated by commas; whoever has one keeps it"`
	LogLevel          string        `mapstructure:"log_level" default:"info" usage:"debug, info, warn or error"`
	AllowSQLite       bool          `mapstructure:"allow_sqlite" default:"false" usage:"allow SQLite in production"`

	MemoryBytes int64 `mapstructure:"-"` // what Memory means
}

// Kind is which store a database URL names.
type Kind string

// The stores.
const (
	Memory   Kind = "memory"
	SQLite   Kind = "sqlite"
	Postgres Kind = "postgres"
)

// Database returns which store is meant and, for SQLite, the file.
func (s Settings) Database() (kind Kind, path string) {
	switch {
	case s.DatabaseURL == "memory:":
		return Memory, ""
	case strings.HasPrefix(s.DatabaseURL, "postgres://"), strings.HasPrefix(s.DatabaseURL, "postgresql://"):
		return Postgres, ""
	}
	return SQLite, strings.TrimPrefix(s.DatabaseURL, "sqlite:")
}

// BlobDir returns the folder of the local blob store.
func (s Settings) BlobDir() string { return strings.TrimPrefix(s.BlobURL, "file:") }

// Reserved returns the nicknames that nobody may choose.
func (s Settings) Reserved() (user.Reserved, error) {
	var tables user.Letters = letters.Tables{}
	return user.ParseReserved(tables, s.ReservedNicknames)
}

// Production reports whether the strict rules hold.
func (s Settings) Production() bool { return s.Env == "production" }

// complete fills in what follows from other settings.
func (s *Settings) complete() {
	if s.DatabaseURL == "" {
		s.DatabaseURL = "sqlite:" + filepath.Join(s.DataDir, "runvs.db")
	}
	if s.BlobURL == "" {
		s.BlobURL = "file:" + filepath.Join(s.DataDir, "blobs")
	}
	if s.PublicURL == "" {
		host := s.HTTPAddr
		if strings.HasPrefix(host, ":") || strings.HasPrefix(host, "0.0.0.0:") {
			host = "localhost" + host[strings.LastIndex(host, ":"):]
		}
		s.PublicURL = "http://" + host
	}
	s.PublicURL = strings.TrimRight(s.PublicURL, "/")
	s.MemoryBytes = memoryBytes(s.Memory)
	if s.MemoryBytes >= MinMemoryBytes {
		s.Memory = units.BytesSize(float64(s.MemoryBytes))
	}
}

// check refuses settings that make no sense; each line says which and what to do.
func (s Settings) check() error {
	var wrong []string
	bad := func(setting, format string, args ...any) {
		wrong = append(wrong, setting+": "+fmt.Sprintf(format, args...))
	}
	if s.Env != "development" && s.Env != "production" {
		bad("RUNVS_ENV", "%q is neither development nor production", s.Env)
	}
	if s.HTTPAddr == "" {
		bad("RUNVS_HTTP_ADDR", "is empty; give host:port, such as 127.0.0.1:8080")
	}
	for _, u := range []struct{ name, value string }{{"RUNVS_PUBLIC_URL", s.PublicURL}, {"RUNVS_KAKAO_BASE_URL", s.KakaoBaseURL}, {"RUNVS_APPLE_BASE_URL", s.AppleBaseURL}} {
		p, err := url.Parse(u.value)
		switch {
		case err != nil || p.Host == "" || (p.Scheme != "http" && p.Scheme != "https"):
			bad(u.name, "%q is no http(s) URL", u.value)
		case p.User != nil || p.RawQuery != "" || p.Fragment != "":
			bad(u.name, "must be a scheme, a host and perhaps a path: paths are written behind it")
		}
	}
	if s.Migrate != "auto" && s.Migrate != "check" {
		bad("RUNVS_MIGRATE", "%q is neither auto nor check", s.Migrate)
	}
	if s.Workers < 0 || s.Workers > 1000 {
		bad("RUNVS_WORKERS", "%d is outside [0, 1000]", s.Workers)
	}
	if s.MemoryBytes < MinMemoryBytes || s.MemoryBytes > MaxMemoryBytes {
		bad("RUNVS_MEMORY", "%q is no size of %d MiB to %d TiB, such as 512MiB", s.Memory, MinMemoryBytes>>20, MaxMemoryBytes>>40)
	}
	if s.JWTSecrets != "" {
		if _, err := tokens.ParseSecrets(s.JWTSecrets); err != nil {
			bad("RUNVS_JWT_SECRETS", "%v", err)
		}
	}
	if s.TileURL != "" {
		if err := mapimage.CheckURL(s.TileURL); err != nil {
			bad("RUNVS_TILE_URL", "%v; such as https://tile.example.org/{z}/{x}/{y}.png", err)
		}
	}
	if err := mapimage.CheckAttribution(s.TileAttribution); err != nil {
		bad("RUNVS_TILE_ATTRIBUTION", "%v", err)
	}
	if s.ReuseWindow < 0 || s.ReuseWindow > auth.MaxReuseWindow {
		bad("RUNVS_REFRESH_REUSE_WINDOW", "%s is outside [0s, %s]", s.ReuseWindow, auth.MaxReuseWindow)
	}
	if s.HashCost < tokens.MinHashCost || s.HashCost > tokens.MaxHashCost {
		bad("RUNVS_REFRESH_HASH_COST", "%d is outside [%d, %d]", s.HashCost, tokens.MinHashCost, tokens.MaxHashCost)
	}
	for _, r := range []struct {
		name  string
		value int
	}{{"RUNVS_SIGN_IN_RATE", s.SignInRate}, {"RUNVS_USER_RATE", s.UserRate}, {"RUNVS_ANON_RATE", s.AnonRate}, {"RUNVS_TILE_RATE", s.TileRate}} {
		if r.value < 0 {
			bad(r.name, "%d is negative; 0 means no limit", r.value)
		}
	}
	if _, err := web.ParseProxies(s.TrustedProxies); err != nil {
		bad("RUNVS_TRUSTED_PROXIES", "%v", err)
	}
	if _, err := s.Reserved(); err != nil {
		bad("RUNVS_RESERVED_NICKNAMES", "%v", err)
	}
	if _, err := web.ParseOrigins(s.CORSOrigins); err != nil {
		bad("RUNVS_CORS_ORIGINS", "%v", err)
	}
	if _, ok := logLevels[s.LogLevel]; !ok {
		bad("RUNVS_LOG_LEVEL", "%q is none of debug, info, warn, error", s.LogLevel)
	}
	kind, _ := s.Database()
	if kind == Memory && s.Workers == 0 {
		bad("RUNVS_WORKERS", "is 0, but no other process can do the jobs of memory:; give at least 1")
	}
	if scheme, _, ok := strings.Cut(s.DatabaseURL, ":"); kind == SQLite && (!ok || scheme != "sqlite") {
		bad("RUNVS_DATABASE_URL", "must begin with sqlite:, postgres:// or be memory:")
	}
	switch scheme, _, _ := strings.Cut(s.BlobURL, ":"); scheme {
	case "file":
	case "s3":
		if err := s3.Check(s.BlobURL); err != nil {
			bad("RUNVS_BLOB_URL", "%v", err)
		}
	default:
		bad("RUNVS_BLOB_URL", "must begin with file: or s3://")
	}
	if s.DevLogin && s.HTTPAddr != "" && !loopback(s.HTTPAddr) {
		bad("RUNVS_DEV_LOGIN", "lets anybody who reaches %s sign in as anybody; set it to false and name an identity provider, or let RUNVS_HTTP_ADDR listen on 127.0.0.1", s.HTTPAddr)
	}
	if s.Production() {
		if s.DevLogin {
			bad("RUNVS_DEV_LOGIN", "lets anybody sign in as anybody; set it to false in production")
		}
		if s.JWTSecrets == "" {
			bad("RUNVS_JWT_SECRETS", "is required in production: kid:base64 of at least 32 random bytes, as from `openssl rand -base64 32`")
		}
		if kind == Memory {
			bad("RUNVS_DATABASE_URL", "is memory:, which forgets everything when the process ends; use postgres://")
		}
		if kind == SQLite && !s.AllowSQLite {
			bad("RUNVS_DATABASE_URL", "is SQLite; use postgres://, or say RUNVS_ALLOW_SQLITE=true for a small single server")
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("settings that make no sense:\n  %s", strings.Join(wrong, "\n  "))
	}
	return nil
}

// loopback reports whether only this machine reaches an address. A name is
// believed to be one when it is localhost's: what others mean, a resolver decides
// anew each time.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost"
	}
	return ip.Unmap().IsLoopback()
}
