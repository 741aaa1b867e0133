package program

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/runvs/runvs/adapters/tokens"
)

// keptSecret returns the token secret of a data dir, making it on first use. Of
// processes that start at once one makes it, and all read that one.
func keptSecret(dir string) (string, error) {
	if err := os.MkdirAll(dir, dataDirMode); err != nil {
		return "", fmt.Errorf("RUNVS_DATA_DIR: %w", err)
	}
	path := filepath.Join(dir, "jwt_secrets")
	fresh := filepath.Join(dir, fmt.Sprintf("jwt_secrets.%d", os.Getpid()))
	if err := os.WriteFile(fresh, []byte(tokens.Generate()+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("RUNVS_DATA_DIR: %w", err)
	}
	defer os.Remove(fresh) //nolint:errcheck // a leftover is never read
	if err := os.Link(fresh, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("RUNVS_DATA_DIR: %w", err)
	}
	raw, err := os.ReadFile(path)
	return strings.TrimSpace(string(raw)), err
}
