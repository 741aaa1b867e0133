package bulk

import (
	"context"
	"fmt"
	"strings"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// named is how many people are listed whom a name could mean.
const named = 10

// People are whom runs may be imported for.
type People struct {
	Users   ports.Users
	Letters user.Letters
}

// Named finds a user by id, nickname or e-mail address. One name may mean several
// people, for an address may belong to accounts of two; then they are listed.
func (p People) Named(ctx context.Context, who string) (user.User, error) {
	if uid, err := id.Parse[id.UserKind](who); err == nil {
		return p.Users.User(ctx, uid)
	}
	nickname, err := user.NewNickname(p.Letters, who)
	address := strings.ToLower(strings.TrimSpace(who))
	if !strings.Contains(address, "@") {
		if address = ""; err != nil {
			return user.User{}, fmt.Errorf("%q is no user's id, nickname or e-mail address", who)
		}
	}
	found, err := p.Users.UsersCalled(ctx, nickname.Key(), address, named)
	switch {
	case err != nil:
		return user.User{}, err
	case len(found) == 0:
		return user.User{}, fmt.Errorf("nobody has the id, nickname or e-mail address %q", who)
	case len(found) > 1:
		lines := make([]string, len(found))
		for i, u := range found {
			lines[i] = fmt.Sprintf("\n  %s  %s", u.ID, u.Nickname)
		}
		return user.User{}, fmt.Errorf("%q means several people; name one by the id:%s", who, strings.Join(lines, ""))
	}
	return found[0], nil
}
