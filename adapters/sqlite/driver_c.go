//go:build cgo && sqlite_fts5 && sqlite_math_functions

package sqlite

import (
	"database/sql"
	"errors"

	"github.com/mattn/go-sqlite3"
)

func init() { sql.Register(Driver, &sqlite3.SQLiteDriver{}) }

// options belong to every DSN, and are spelled differently by each driver. What is
// deleted is overwritten. Times are written as text that sorts, which this driver does
// by itself.
const options = "_secure_delete=on"

// Code is the extended result code of an error of SQLite; 0 when it is another's.
func Code(err error) int {
	var e sqlite3.Error
	if errors.As(err, &e) {
		return int(e.ExtendedCode)
	}
	return 0
}
