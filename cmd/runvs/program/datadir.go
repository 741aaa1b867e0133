package program

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// dataDirMode are the rights on the data dir: it holds secrets, and where people ran.
const dataDirMode = 0o700

// shutDataDir keeps other users of the host out of a data dir that was made with
// more rights. One that is not there is made by whoever needs it; one that all share,
// as /tmp is, or that belongs to another, is left as it is: its files have rights of
// their own.
func shutDataDir(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode().Perm()&^dataDirMode != 0 && info.Mode()&fs.ModeSticky == 0 {
		err = os.Chmod(dir, dataDirMode)
	}
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("RUNVS_DATA_DIR: %w", err)
	}
	return nil
}
