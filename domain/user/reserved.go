package user

import "strings"

// ErrNicknameReserved answers for a nickname that would be taken for whoever runs
// the service.
var ErrNicknameReserved = ErrNicknameTaken.Saying("this nickname is reserved for who runs the service; choose another one")

// Reserved is a set of nicknames that nobody may choose. Those who have one from
// before keep it. The zero value is empty.
type Reserved struct {
	letters Letters
	names   map[string]bool // by key
}

// ParseReserved reads nicknames separated by commas. The fault is that of
// NewNickname: what nobody can be called is a mistake.
func ParseReserved(letters Letters, list string) (Reserved, error) {
	r := Reserved{letters, map[string]bool{}}
	for _, raw := range strings.Split(list, ",") {
		if strings.TrimSpace(raw) == "" {
			continue
		}
		n, err := NewNickname(letters, raw)
		if err != nil {
			return Reserved{}, err
		}
		r.names[r.key(n)] = true
	}
	return r, nil
}

// Has reports whether a nickname reads like a reserved one: whatever its case, its
// form of letters, and what stands between them.
func (r Reserved) Has(n Nickname) bool { return len(r.names) > 0 && r.names[r.key(n)] }

func (r Reserved) key(n Nickname) string {
	folded := r.letters.Fold(n.text)
	if letters := bare(folded); letters != "" {
		return letters
	}
	return folded
}
