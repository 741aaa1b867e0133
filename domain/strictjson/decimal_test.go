package strictjson

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyDecimal draws numbers as phones write them, and others.
func anyDecimal(t *rapid.T) string {
	text := strconv.FormatUint(rapid.Uint64Max(1<<rapid.IntRange(0, 63).Draw(t, "bits")).Draw(t, "whole"), 10)
	if fraction := rapid.StringMatching(`[0-9]{0,20}`).Draw(t, "fraction"); fraction != "" {
		text += "." + fraction
	}
	if rapid.Bool().Draw(t, "negative") {
		text = "-" + text
	}
	return text
}

func TestTheShortWayReadsWhatTheGeneralOneReads(t *testing.T) {
	short := 0
	rapid.Check(t, func(t *rapid.T) {
		text := anyDecimal(t)
		got, ok := shortDecimal([]byte(text))
		if !ok {
			return
		}
		short++
		want, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s is read as %v, want %v; %v", text, got, want, err)
		}
	})
	if short == 0 {
		t.Error("no number took the short way")
	}
}

func TestTheShortWayWritesWhatTheGeneralOneWrites(t *testing.T) {
	short := 0
	check := func(t interface{ Fatalf(string, ...any) }, v float64) {
		if v == 0 { // AppendFloat writes it itself
			return
		}
		got, ok := appendShortDecimal(nil, v)
		if !ok {
			if len(got) != 0 {
				t.Fatalf("%v: not written, yet %q", v, got)
			}
			return
		}
		short++
		if want := strconv.FormatFloat(v, 'f', -1, 64); string(got) != want {
			t.Fatalf("%v is written as %s, want %s", v, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v, err := strconv.ParseFloat(anyDecimal(t), 64)
		if err != nil {
			t.Fatal(err)
		}
		check(t, v)
		check(t, math.Nextafter(v, math.Inf(1)))
		check(t, rapid.Float64Range(-1e9, 1e9).Draw(t, "any"))
		check(t, math.Round(rapid.Float64Range(-180, 180).Draw(t, "degrees")*1e7)/1e7)
	})
	if short == 0 {
		t.Error("no number took the short way")
	}
	for _, v := range []float64{1e8, 99999999.9999999, 99999999.99999999, -1e8, 0.0000001, 0.00000014, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN(), 0.1 + 0.2} {
		check(t, v)
	}
}

func BenchmarkFloat(b *testing.B) {
	text := "[" + strings.TrimSuffix(strings.Repeat("127.0000335,", 100), ",") + "]"
	for _, way := range []string{"read", "write"} {
		b.Run(way, func(b *testing.B) {
			var out []byte
			for range b.N {
				if way == "write" {
					out = out[:0]
					for range 100 {
						out = AppendFloat(out, 127.0000335)
					}
					continue
				}
				r, err := NewReader([]byte(text))
				if err != nil {
					b.Fatal(err)
				}
				if err := r.Array(func(int) error { _, err := r.Float(); return err }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
