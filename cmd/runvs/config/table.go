package config

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// setting is a field of Settings as its tags declare it.
type setting struct {
	field      int
	key        string
	initial    any    // the default, of the field's type
	production string // the default in production; "" = the same
	mask       func(string) string
	usage      string
}

// table is all settings, in the order of their fields.
var table = readTable(reflect.TypeFor[Settings]())

// readTable reads tags. It panics where they make no sense, which every test
// that starts the program sees.
func readTable(settings reflect.Type) (table []setting) {
	for i := range settings.NumField() {
		f := settings.Field(i)
		s := setting{
			field: i, key: f.Tag.Get("mapstructure"), production: f.Tag.Get("production"),
			mask: masks[f.Tag.Get("mask")], usage: f.Tag.Get("usage"),
		}
		if s.key == "-" { // it follows from others
			continue
		}
		initial := f.Tag.Get("default")
		s.initial = reflect.Zero(f.Type).Interface() // tells parse the type
		value, err := s.parse(initial)
		if err != nil || s.key == "" || s.usage == "" || s.mask == nil {
			panic(fmt.Sprintf("the tags of the setting %s make no sense: %v", f.Name, err))
		}
		s.initial = value
		if s.production != "" {
			if _, err := s.parse(s.production); err != nil {
				panic(err)
			}
			s.usage += " (default in production: " + s.production + ")"
		}
		table = append(table, s)
	}
	return table
}

// parse reads a value strictly: viper itself would take 1 for true and 010 for 8.
func (s setting) parse(raw string) (any, error) {
	switch s.initial.(type) {
	case string:
		return raw, nil
	case bool:
		if raw != "true" && raw != "false" {
			return nil, fmt.Errorf("%s: %q is neither true nor false", s.variable(), raw)
		}
		return raw == "true", nil
	case time.Duration:
		d, err := time.ParseDuration(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no duration, such as 10s", s.variable(), raw)
		}
		return d, nil
	case int:
		n, err := strconv.Atoi(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no whole number", s.variable(), raw)
		}
		return n, nil
	}
	return nil, fmt.Errorf("%s: settings of type %T are not known", s.variable(), s.initial)
}

// flag is the name of the command line's option.
func (s setting) flag() string { return strings.ReplaceAll(s.key, "_", "-") }

// variable is the name of the environment variable.
func (s setting) variable() string { return "RUNVS_" + strings.ToUpper(s.key) }

// inEnvironment reports whether the environment has the setting. An empty text is
// one: RUNVS_METRICS_ADDR= means off. An empty number is none.
func (s setting) inEnvironment() bool {
	value, set := os.LookupEnv(s.variable())
	_, text := s.initial.(string)
	return set && (text || value != "")
}

// shown is the value in force, masked when it is a secret.
func (s setting) shown(in Settings) string {
	return s.mask(fmt.Sprint(reflect.ValueOf(in).Field(s.field).Interface()))
}
