// Package text checks what people write for others to read.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/runvs/runvs/domain/fault"
)

// Line trims a single line and refuses one longer than maxRunes characters, or
// with control or direction-changing characters. The fault is Invalid at field.
func Line(field, s string, maxRunes int) (string, error) { return check(field, s, maxRunes, "") }

// Lines is Line for text of several lines: line breaks and tabs are kept.
func Lines(field, s string, maxRunes int) (string, error) { return check(field, s, maxRunes, "\n\t") }

func check(field, s string, maxRunes int, allowed string) (string, error) {
	s = strings.TrimSpace(s)
	if n := utf8.RuneCountInString(s); n > maxRunes {
		return "", fault.InvalidField(field, "%d characters; at most %d", n, maxRunes)
	}
	for _, r := range s {
		if r != utf8.RuneError && strings.ContainsRune(allowed, r) {
			continue
		}
		if r == utf8.RuneError || unicode.Is(unicode.Cc, r) || changesDirection(r) {
			return "", fault.InvalidField(field, "must not hold control characters (U+%04X)", r)
		}
	}
	return s, nil
}

// changesDirection reports whether a character can make text read otherwise
// than it is written. Source: Unicode UAX #9, table 4.
func changesDirection(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069)
}

// Seen reports whether a text leaves ink: it has a character that is no space, no
// mark alone, nothing invisible, and no letter that is drawn blank.
func Seen(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && !DrawnBlank(r) && r != utf8.RuneError
	})
}

// DrawnBlank reports whether a letter or symbol shows as an empty place: the
// Hangul fillers and the empty Braille pattern.
func DrawnBlank(r rune) bool {
	return r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 || r == 0x2800
}

// Cut returns a text made fit for Line: what Line refuses is left out, and the
// rest cut to maxRunes characters.
func Cut(s string, maxRunes int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || unicode.Is(unicode.Cc, r) || changesDirection(r):
			return -1
		}
		return r
	}, s))
	if utf8.RuneCountInString(s) > maxRunes {
		s = strings.TrimSpace(string([]rune(s)[:maxRunes]))
	}
	return s
}
