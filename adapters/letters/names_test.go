package letters

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/runvs/runvs/domain/user"
)

func TestTextsThatNameSomebody(t *testing.T) {
	nickname := func(s string) user.User {
		n, err := user.NewNickname(Tables{}, s)
		if err != nil {
			t.Fatal(err)
		}
		return user.User{Nickname: n}
	}
	mina, hangul, emoji := nickname("Mina Kim7"), nickname("한강러너"), nickname("🏃a")
	mina.Email = "m.kim-1988@runners.example"
	for name, c := range map[string]struct {
		who   user.User
		text  string
		names bool
	}{
		"nothing":                        {user.User{}, "", false},
		"a plain title":                  {mina, "한강 10 km at sunrise", false},
		"the nickname":                   {mina, "Mina Kim7's loop", true},
		"in another case, run together":  {mina, "MINAKIM's loop", true},
		"with other separators":          {mina, "mina_kim loop", true},
		"in full width":                  {mina, "ｍｉｎａ ｋｉｍ loop", true},
		"a part of it":                   {mina, "Kim's loop", false},
		"the e-mail before its @":        {mina, "loop of M.KIM-1988", true},
		"the e-mail at a provider":       {mina, "by mk88", true},
		"Hangul with a particle":         {hangul, "한강러너의 아침", true},
		"Hangul in pieces":               {hangul, norm.NFD.String("한강러너의 아침"), true},
		"Hangul, with spaces":            {hangul, "한강 러너 코스", true},
		"Hangul, another word":           {hangul, "한강 코스", false},
		"a nickname of signs":            {emoji, "🏃A every day", true},
		"one letter is no name":          {emoji, "a loop", false},
		"an e-mail address":              {user.User{}, "write to someone@else.example", true},
		"a handle":                       {user.User{}, "insta @_runner", true},
		"a handle in full width":         {user.User{}, "insta ＠runner", true},
		"an at sign alone":               {user.User{}, "10 km @ 5:00", false},
		"a link":                         {user.User{}, "https://example.org/me", true},
		"a link without a scheme":        {user.User{}, "see www.example.org", true},
		"a telephone number":             {user.User{}, "call 010-1234-5678", true},
		"one in another script":          {user.User{}, "٠١٠ ١٢٣٤ ٥٦٧٨", true},
		"one with a country's":           {user.User{}, "+82 (0)10 1234 5678", true},
		"a date is none":                 {user.User{}, "2026-05-01 morning", false},
		"numbers apart are none":         {user.User{}, "5 km, then 10 km, then 21.0975 km", false},
		"a time and a distance are none": {user.User{}, "10.5 km in 55:30", false},
	} {
		names := user.NamesOf(Tables{}, c.who, []user.SocialAccount{{Email: "mk88@apple.example"}, {}})
		if got := names.In(c.text); got != c.names {
			t.Errorf("%s: %q names somebody: %v", name, c.text, got)
		}
	}
}
