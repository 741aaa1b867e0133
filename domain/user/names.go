package user

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names is what a person can be known by in a text: the nickname, with or without
// the digits at its end, and the e-mail addresses before their @.
type Names struct {
	letters Letters
	folded  []string // the letters and digits of each or, where there are not enough, all of it
}

// minNamed is how many letters a name must have to be looked for: a single letter
// is in every text.
const minNamed = 2

// NamesOf returns what a user can be known by.
func NamesOf(letters Letters, u User, accounts []SocialAccount) Names {
	n := Names{letters: letters}
	n.add(u.Nickname.String())
	n.add(strings.TrimRightFunc(u.Nickname.String(), unicode.IsDigit)) // a provider's name that was taken got a number
	n.addEmail(u.Email)
	for _, a := range accounts {
		n.addEmail(a.Email)
	}
	return n
}

func (n *Names) addEmail(address string) {
	local, _, _ := strings.Cut(address, "@")
	n.add(local)
}

func (n *Names) add(name string) {
	for _, s := range []string{bare(n.letters.Fold(name)), n.letters.Fold(name)} {
		if utf8.RuneCountInString(s) >= minNamed {
			n.folded = append(n.folded, s)
			return
		}
	}
}

// bare keeps only the letters and digits of a text: "Mina Kim", "mina.kim" and
// "MINA_KIM" are one name.
func bare(folded string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, folded)
}

// phoneDigits is how many digits make a telephone number: a date has 8 at most.
const phoneDigits = 9

// In reports whether a text names the person, or has what may lead to somebody: an
// e-mail address or a handle (an @ before a letter), a link, a telephone number. It
// says yes too often rather than too seldom: a name within another word counts,
// because Korean puts particles directly behind names.
func (n Names) In(text string) bool {
	folded := n.letters.Fold(text)
	plain := bare(folded)
	for _, name := range n.folded {
		if strings.Contains(plain, name) || strings.Contains(folded, name) {
			return true
		}
	}
	return strings.Contains(folded, "://") || strings.Contains(folded, "www.") || hasHandle(folded) || hasPhone(folded)
}

func hasHandle(folded string) bool {
	for _, behind := range strings.Split(folded, "@")[1:] {
		if r, _ := utf8.DecodeRuneInString(behind); unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' {
			return true
		}
	}
	return false
}

func hasPhone(folded string) bool {
	digits := 0
	for _, r := range folded {
		switch {
		case unicode.IsDigit(r):
			if digits++; digits == phoneDigits {
				return true
			}
		case !strings.ContainsRune(" -.()+/", r):
			digits = 0
		}
	}
	return false
}
