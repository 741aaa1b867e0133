package ports

import (
	"context"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// ErrStoreUnavailable answers when a store cannot do its work now.
var ErrStoreUnavailable = fault.New(fault.Unavailable, "store_unavailable", "the database is down, full or too busy; try again in a moment")

// Store keeps everything. Used directly, each method is atomic on its own;
// within InTx, all calls on the Repo it passes are one transaction.
//
// Every method may fail with an Unavailable fault (ErrStoreUnavailable) when the
// database is down, locked or full, and with an Internal error otherwise.
// "Not found" is the fault that the method names. Times are kept to the
// microsecond at least and come back in UTC.
type Store interface {
	Repo

	// InTx runs fn in one transaction and commits when it returns nil. It may
	// run fn again when the database asks for it (a serialization failure, a
	// deadlock), so fn must have no effect but through tx. The error of fn comes
	// back as it is; an error of the commit is returned, and nothing is stored.
	InTx(ctx context.Context, fn func(ctx context.Context, tx Repo) error) error

	// AppendChunk stores a chunk if decide says run.Stored. It loads the session
	// with its ledger, locked against every change that could alter the decision
	// (shared with other intermediate chunks when the chunk is one; else
	// exclusively), calls decide with it, and returns only after the commit is
	// durable. decide may be called again. Returns the session as decide gave it.
	// Faults: run.ErrSessionNotFound, and whatever decide gives.
	AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (run.Session, run.Acceptance, error)

	// Scrub leaves nothing of what was deleted in the files that the store itself
	// writes. Where a server keeps the files, that is the server's work, and nothing
	// is done. It may be called at any time and as often as one likes. Fault:
	// ErrStoreUnavailable while somebody reads what was before.
	Scrub(ctx context.Context) error

	// Ping reports whether the store answers and its migrations are applied.
	Ping(ctx context.Context) error
	// Close releases what the store holds. Closing twice is harmless.
	Close() error
}

// Repo is what can be asked of a store, in or out of a transaction. Code that
// queries does not know which.
type Repo interface {
	Users
	UserStatistics
	RefreshTokens
	UsedTokens
	Sessions
	Records
	Courses
	CourseShapes
	CourseRequests
	Boards
	Enqueuer
}

// Page is a stretch of a list.
type Page struct {
	Offset int // rows skipped
	Limit  int // rows wanted, at least 1
}
