package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// Level returns the least level that is logged.
func (s Settings) Level() slog.Level { return logLevels[s.LogLevel] }

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
		switch initial := s.initial.(type) {
		case string:
			flags.String(s.flag(), initial, s.usage)
		case bool:
			flags.Bool(s.flag(), initial, s.usage)
		case int:
			flags.Int(s.flag(), initial, s.usage)
		case time.Duration:
			flags.Duration(s.flag(), initial, s.usage)
		}
		l.v.SetDefault(s.key, s.initial)
	}
	return l
}

// Load reads, completes and checks the settings.
func (l *Loader) Load() (in Settings, err error) {
	for _, s := range table {
		if err := l.v.BindPFlag(s.key, l.flags.Lookup(s.flag())); err != nil {
			return Settings{}, err
		}
		if !s.inEnvironment() {
			continue
		}
		if err := l.v.BindEnv(s.key, s.variable()); err != nil {
			return Settings{}, err
		}
	}
	if err := l.readFile(); err != nil {
		return Settings{}, err
	}
	if err := unknownVariables(); err != nil {
		return Settings{}, err
	}
	production := l.v.GetString("env") == "production"
	for _, s := range table {
		value, err := s.parse(l.raw(s, production))
		if err != nil {
			return Settings{}, err
		}
		l.v.Set(s.key, value)
	}
	if err := l.v.Unmarshal(&in); err != nil {
		return Settings{}, err
	}
	in.complete()
	return in, in.check()
}

// raw returns what was given for a setting or, if nothing was, its default: in
// production the stricter one. So only an explicit value can be a refused one.
func (l *Loader) raw(s setting, production bool) string {
	if production && s.production != "" && !l.given(s) {
		return s.production
	}
	if _, text := s.initial.(string); text {
		return l.v.GetString(s.key)
	}
	return fmt.Sprint(l.v.Get(s.key))
}

// given reports whether a setting was given, and not left to its default.
func (l *Loader) given(s setting) bool {
	return s.inEnvironment() || l.v.InConfig(s.key) || l.flags.Lookup(s.flag()).Changed
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
		switch file.Get(key).(type) {
		case []any, map[string]any:
			return fmt.Errorf("%s: %s in %s is a list; write one text, separated by commas", "RUNVS_"+strings.ToUpper(key), key, name)
		}
	}
	return nil
}

// unknownVariables refuses RUNVS_… variables that no setting has: a typo would
// otherwise be silently without effect. RUNVS_TEST_… belong to the tests.
func unknownVariables() error {
	known := map[string]bool{"RUNVS_REQUIRE_POSTGIS": true, "RUNVS_REQUIRE_S3": true, "RUNVS_REQUIRE_GPSBABEL": true}
	for _, s := range table {
		known[s.variable()] = true
	}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "RUNVS_") && !strings.HasPrefix(name, "RUNVS_TEST_") && !known[name] {
			return fmt.Errorf("unknown setting %s in the environment; `runvs config` lists all", name)
		}
	}
	return nil
}

// Show returns "NAME=value" lines of what is in force, secrets masked.
func Show(in Settings) []string {
	var lines []string
	for _, s := range table {
		lines = append(lines, s.variable()+"="+s.shown(in))
	}
	sort.Strings(lines)
	return lines
}
