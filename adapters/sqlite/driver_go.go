//go:build !(cgo && sqlite_fts5 && sqlite_math_functions)

package sqlite

import (
	"errors"

	"modernc.org/sqlite" // registers itself as Driver
)

// options belong to every DSN, and are spelled differently by each driver. What is
// deleted is overwritten. Times are written as text that sorts.
const options = "_pragma=secure_delete(on)&_time_format=sqlite"

// Code is the extended result code of an error of SQLite; 0 when it is another's.
func Code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
