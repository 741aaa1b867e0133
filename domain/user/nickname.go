package user

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/text"
)

// The length of a nickname, in characters (code points of its NFC form).
const (
	MinNickname = 2
	MaxNickname = 12
)

// ErrNicknameTaken answers when somebody else has a nickname that reads the same.
var ErrNicknameTaken = fault.New(fault.Conflict, "nickname_taken", "somebody else has this nickname; choose another one")

// Letters knows Unicode's tables, which the standard library does not have.
type Letters interface {
	// NFC returns the canonical composition of a text (Unicode UAX #15).
	NFC(s string) string
	// Fold returns what texts that differ by case or compatible forms alone share
	// (NFKC_Casefold, Unicode §3.13).
	Fold(s string) string
}

// Nickname is what a runner is called; the zero value is none. Two nicknames
// that read the same, whatever their case, have the same Key.
type Nickname struct{ text, key string }

// NewNickname checks a nickname that somebody chose: 2 to 12 characters after
// trimming, none of them invisible. The fault is Invalid at "nickname".
func NewNickname(letters Letters, raw string) (Nickname, error) {
	s := letters.NFC(strings.TrimSpace(raw))
	if n := utf8.RuneCountInString(s); n < MinNickname || n > MaxNickname {
		return Nickname{}, fault.InvalidField("nickname", "%d characters; %d to %d are needed", n, MinNickname, MaxNickname)
	}
	for _, r := range s {
		if !visible(r) {
			return Nickname{}, fault.InvalidField("nickname", "must not hold control or invisible characters (U+%04X)", r)
		}
	}
	if !text.Seen(s) {
		return Nickname{}, fault.InvalidField("nickname", "nothing of it can be seen")
	}
	return nickname(letters, s), nil
}

func nickname(letters Letters, s string) Nickname {
	return Nickname{text: s, key: strings.Join(strings.Fields(letters.Fold(s)), " ")}
}

// RestoreNickname makes a nickname of what String and Key gave.
func RestoreNickname(text, key string) Nickname { return Nickname{text, key} }

// visible reports whether a character can be seen, or is a plain space.
func visible(r rune) bool {
	return r != utf8.RuneError && !text.DrawnBlank(r) && (r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r))
}

// FromProvider makes a nickname of what an identity provider calls a person:
// what cannot be seen is left out and the rest cut to 12 characters, the last
// ones replaced by number when it is over 0. The zero Nickname when less than 2
// characters are left.
func FromProvider(letters Letters, raw string, number int) Nickname {
	s := strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !visible(r):
			return -1
		}
		return r
	}, letters.NFC(raw)))
	digits := ""
	if number > 0 {
		digits = strconv.Itoa(number)
	}
	s = strings.TrimSpace(cut(s, MaxNickname-len(digits)))
	if utf8.RuneCountInString(s) < MinNickname || !text.Seen(s) {
		return Nickname{}
	}
	return nickname(letters, letters.NFC(s+digits))
}

// cut returns the first n characters.
func cut(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// String returns the nickname as it is shown; "" for none.
func (n Nickname) String() string { return n.text }

// Key returns what no two users share; "" for none.
func (n Nickname) Key() string { return n.key }

// IsZero reports whether there is no nickname.
func (n Nickname) IsZero() bool { return n == Nickname{} }
