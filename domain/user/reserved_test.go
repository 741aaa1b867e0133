package user

import (
	"testing"

	"github.com/runvs/runvs/domain/fault"
)

func nick(t *testing.T, s string) Nickname {
	t.Helper()
	n, err := NewNickname(few{}, s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReservedNicknames(t *testing.T) {
	r, err := ParseReserved(few{}, " Admin, run vs,,운영자,🏃🏃 ,")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"admin": true, "ADMIN": true, "ad min": true, "a.d-m_i n": true, "*admin*": true, "runvs": true, "RUN-VS": true, "운영자": true, "운 영 자": true,
		"🏃🏃": true, "admin2": false, "admins": false, "adm": false, "운영": false, "mina": false, "🏃": false,
	} {
		if len([]rune(name)) < MinNickname {
			name += name + name
		}
		if got := r.Has(nick(t, name)); got != want {
			t.Errorf("%q is reserved: %v", name, got)
		}
	}
	if (Reserved{}).Has(nick(t, "admin")) {
		t.Error("the empty set has a name")
	}
	if none, err := ParseReserved(few{}, " , "); err != nil || none.Has(nick(t, "admin")) || none.Has(Nickname{}) {
		t.Errorf("a list of nothing: %v", err)
	}
	if r.Has(Nickname{}) {
		t.Error("no nickname is reserved")
	}
	for _, list := range []string{"admin,x", "admin,thirteen_long", "a\u200bb"} {
		if _, err := ParseReserved(few{}, list); !fault.HasCode(err, fault.CodeValidation) {
			t.Errorf("%q: %v", list, err)
		}
	}
}
