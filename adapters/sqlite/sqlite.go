// Package sqlite is the SQLite that this build has. With cgo and the tags sqlite_fts5
// and sqlite_math_functions it is the C library, which is faster. Any other build has
// the same library translated to Go, which needs no C compiler and no tags. Both read
// and write the same files.
package sqlite

// Driver is its name in database/sql.
const Driver = "sqlite"

// Result codes of https://www.sqlite.org/rescode.html. They are written here, because
// each driver has names of its own for them.
const (
	Busy                 = 5
	Locked               = 6
	NoMemory             = 7
	ReadOnly             = 8
	IOError              = 10
	Full                 = 13
	CannotOpen           = 14
	Protocol             = 15
	BusySnapshot         = 517
	ConstraintForeignKey = 787
	ConstraintPrimaryKey = 1555
	ConstraintUnique     = 2067
)

// Primary is the primary code of an extended one: the rest says more closely what it was.
func Primary(code int) int { return code & 0xff }
