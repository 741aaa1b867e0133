package app_test

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/user"
)

// A nickname is reserved for the future: whoever has it keeps it, and may go on
// sending it with the rest of their profile.
func TestWhoHasAReservedNicknameKeepsIt(t *testing.T) {
	w := newWorld(t)
	change := func(users *app.Users, nickname string) error {
		_, err := users.Change(t.Context(), w.mina, app.Profile{Nickname: &nickname})
		return err
	}
	noError(t, change(w.Users, "Coach"))
	reserved, err := user.ParseReserved(letters.Tables{}, "coach,judge")
	noError(t, err)
	strict := app.New(app.Deps{Store: w.store, Clock: w.clock, IDs: ids{}, Letters: letters.Tables{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil))},
		app.Settings{Reserved: reserved}).Users
	noError(t, change(strict, "coach"))
	if err := change(strict, "c o a c h"); !errors.Is(err, user.ErrNicknameReserved) {
		t.Errorf("another spelling: %v", err)
	}
	if err := change(strict, "judge"); !errors.Is(err, user.ErrNicknameReserved) {
		t.Errorf("another reserved one: %v", err)
	}
	noError(t, change(strict, "mina"))
	if err := change(strict, "coach"); !errors.Is(err, user.ErrNicknameReserved) {
		t.Errorf("once it was given up: %v", err)
	}
}
