package user

import "testing"

func TestATextThatNamesAPerson(t *testing.T) {
	nickname := func(s string) User { return User{Nickname: RestoreNickname(s, "")} }
	mina := nickname("Mina Kim42")
	mina.Email = "mk.runner@example.com"
	accounts := []SocialAccount{{Email: "hangang@example.com"}, {}}
	for _, c := range []struct {
		of   User
		text string
		want bool
	}{
		{mina, "a run along the river", false},
		{mina, "MINA KIM42's way home", true},
		{mina, "Mina Kim's way home", true}, // the number is of the nickname, not of the name
		{mina, "minakim", true},
		{mina, "mina.kim", true},
		{mina, "Mina alone", false},
		{mina, "by MK_Runner", true},
		{mina, "한강hangang공원", true},
		{mina, "example.com", false}, // everybody's
		{nickname("미나"), "미나의 코스", true},
		{nickname("미"), "미나의 코스", false}, // one letter is in every text
		{nickname(""), "anything", false},
		{nickname("!!"), "what a run!!", true}, // no letters: all of it counts
		{nickname("!!"), "what a run!", false},
		{nickname("a1"), "bar", false},
		{nickname("a1"), "bar a1", true},
	} {
		names := NamesOf(few{}, c.of, nil)
		if c.of.Email != "" {
			names = NamesOf(few{}, c.of, accounts)
		}
		if got := names.In(c.text); got != c.want {
			t.Errorf("%q names %q: %v", c.text, c.of.Nickname, got)
		}
	}
}

func TestATextThatLeadsToSomebody(t *testing.T) {
	nobody := NamesOf(few{}, User{}, nil)
	for text, want := range map[string]bool{
		"write to me@example.com":      true,
		"find me @mina":                true,
		"find me @_mina":               true,
		"@7":                           true,
		"5 km @ dawn":                  false,
		"ends with @":                  false,
		"two @ and @x":                 true,
		"see https://example.com":      true,
		"SEE WWW.EXAMPLE.COM":          true,
		"call 010-1234-5678":           true,
		"call +82 (10) 1234.5678":      true,
		"call 010 1234 56":             true,  // 9 digits
		"since 2026-05-01":             false, // 8 digits
		"20260501 and 5":               false, // letters part them
		"5 km, 10 km, 21.1 km, 42 km":  false,
		"one 12345678 two 1 three 234": false,
	} {
		if got := nobody.In(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
