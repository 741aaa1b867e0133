package config

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// Everything follows from the tags: who adds a field has added the setting.
func TestASettingIsDeclaredOnce(t *testing.T) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	NewLoader(flags)
	shown, document := "\n"+strings.Join(Show(Settings{}), "\n"), Document()
	for i := range reflect.TypeFor[Settings]().NumField() {
		f := reflect.TypeFor[Settings]().Field(i)
		key := f.Tag.Get("mapstructure")
		if key == "-" {
			continue
		}
		variable := "RUNVS_" + strings.ToUpper(key)
		if flag := flags.Lookup(strings.ReplaceAll(key, "_", "-")); flag == nil || !strings.HasPrefix(flag.Usage, f.Tag.Get("usage")) {
			t.Errorf("%s has no flag with its usage", f.Name)
		}
		if !strings.Contains(shown, "\n"+variable+"=") {
			t.Errorf("%s is not shown", f.Name)
		}
		if !strings.Contains(document, "| `"+variable+"` |") {
			t.Errorf("%s is not in the document", f.Name)
		}
	}
}

func TestEverySettingIsReadFromEachSource(t *testing.T) {
	t.Chdir(t.TempDir())
	other := func(s setting) string {
		switch s.initial.(type) {
		case bool:
			return "true"
		case int:
			return "12"
		case time.Duration:
			return "7s"
		}
		return "sqlite:x"
	}
	for _, s := range table {
		for source, give := range map[string]func(*Loader) error{
			"flag":        func(l *Loader) error { return l.flags.Set(s.flag(), other(s)) },
			"environment": func(*Loader) error { t.Setenv(s.variable(), other(s)); return nil },
			"file": func(*Loader) error {
				return os.WriteFile("runvs.yaml", []byte(s.key+": \""+other(s)+"\"\n"), 0o600)
			},
		} {
			l := NewLoader(pflag.NewFlagSet("", pflag.ContinueOnError))
			if err := give(l); err != nil {
				t.Fatal(err)
			}
			// Some make no sense, which does not matter: they were read.
			in, _ := l.Load()
			want, err := s.parse(other(s))
			if err != nil {
				t.Fatal(err)
			}
			if got := reflect.ValueOf(in).Field(s.field).Interface(); got != want {
				t.Errorf("%s by the %s is %v, want %v", s.key, source, got, want)
			}
			_ = os.Unsetenv(s.variable())
			_ = os.Remove("runvs.yaml")
		}
	}
}

// In production the safe value is the default, and an explicit one holds.
func TestProductionHasStricterDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, s := range table {
		if s.production == "" {
			continue
		}
		for _, given := range []bool{false, true} {
			l := NewLoader(pflag.NewFlagSet("", pflag.ContinueOnError))
			t.Setenv("RUNVS_ENV", "production")
			want, err := s.parse(s.production)
			if given {
				want, err = s.initial, l.flags.Set(s.flag(), fmt.Sprint(s.initial))
			}
			if err != nil {
				t.Fatal(err)
			}
			in, _ := l.Load()
			if got := reflect.ValueOf(in).Field(s.field).Interface(); got != want {
				t.Errorf("%s in production is %v (given: %t), want %v", s.key, got, given, want)
			}
		}
	}
}

// What may hold a secret is masked, whoever adds it.
func TestSecretsAreMasked(t *testing.T) {
	secret := regexp.MustCompile(`_secrets?$|_(admin|private)_key$|password|token|^(database|blob|tile)_url$`)
	for _, s := range table {
		for _, value := range []string{"hunter2", "https://me:hunter2@host/", "https://host/?token=hunter2"} {
			shown := s.mask(value)
			if secret.MatchString(s.key) && value != "hunter2" && strings.Contains(shown, "hunter2") {
				t.Errorf("%s shows %s", s.key, shown)
			}
		}
	}
}

func TestTagsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, settings := range map[string]reflect.Type{
		"no key": reflect.TypeFor[struct {
			A string `usage:"x"`
		}](),
		"no usage": reflect.TypeFor[struct {
			A string `mapstructure:"a"`
		}](),
		"an unknown mask": reflect.TypeFor[struct {
			A string `mapstructure:"a" usage:"x" mask:"?"`
		}](),
		"a default of its own": reflect.TypeFor[struct {
			A int `mapstructure:"a" usage:"x" default:"two"`
		}](),
		"no default": reflect.TypeFor[struct {
			A bool `mapstructure:"a" usage:"x"`
		}](),
		"production of its own": reflect.TypeFor[struct {
			A int `mapstructure:"a" usage:"x" default:"2" production:"two"`
		}](),
		"a type that is unknown": reflect.TypeFor[struct {
			A []int `mapstructure:"a" usage:"x"`
		}](),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			readTable(settings)
		}()
	}
}

func TestTheDocumentIsUpToDate(t *testing.T) {
	if written, err := os.ReadFile("README.md"); err != nil || string(written) != Document() {
		t.Errorf("run make gen: README.md is not what the tags say (%v)", err)
	}
}

// What the project's files name is a setting: one that goes takes its mentions along.
func TestFilesNameSettingsThatExist(t *testing.T) {
	known := map[string]bool{"RUNVS_REQUIRE_POSTGIS": true, "RUNVS_REQUIRE_S3": true, "RUNVS_REQUIRE_GPSBABEL": true}
	for _, s := range table {
		known[s.variable()] = true
	}
	found := 0
	for _, name := range []string{"README.md", "README.ko.md", "ARCHITECTURE.md", "Dockerfile", "docker-compose.yml", "Makefile"} {
		text, err := os.ReadFile("../../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, variable := range regexp.MustCompile(`RUNVS_[A-Z0-9_]*[A-Z0-9]`).FindAllString(string(text), -1) {
			found++
			if !known[variable] && !strings.HasPrefix(variable, "RUNVS_TEST_") {
				t.Errorf("%s names %s, which is no setting", name, variable)
			}
		}
	}
	if found == 0 {
		t.Error("no file names any setting: the pattern is wrong")
	}
}
