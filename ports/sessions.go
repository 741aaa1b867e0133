package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// Sessions keeps run sessions and their chunks.
type Sessions interface {
	// InsertSession stores a new session. When the owner already has one with the
	// same ClientSessionID, nothing is stored and that one comes back, with
	// inserted false.
	InsertSession(ctx context.Context, s run.Session) (stored run.Session, inserted bool, err error)
	// InsertChunks stores all chunks of a session that was inserted in this transaction,
	// and is closed: what it recorded was recorded before.
	InsertChunks(ctx context.Context, sid id.Session, chunks []run.Chunk, now time.Time) error
	// Session returns a session with its ledger, or run.ErrSessionNotFound.
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	// SessionNamed returns the session that its owner gave a ClientSessionID, with its
	// ledger, or run.ErrSessionNotFound.
	SessionNamed(ctx context.Context, owner id.User, clientSessionID string) (run.Session, error)
	// LockSession is Session, holding the row exclusively until the transaction ends.
	LockSession(ctx context.Context, sid id.Session) (run.Session, error)
	// SaveSession writes a session's status, record, times of activity and end.
	SaveSession(ctx context.Context, s run.Session) error
	// ListSessions returns a user's sessions, newest first (started_at, then id,
	// both descending), with their ledgers, and how many there are in all. An
	// empty status means any. No query per row.
	ListSessions(ctx context.Context, owner id.User, status run.Status, page Page) ([]run.Session, int, error)
	// SessionsOf returns up to limit of a user's sessions, by id, behind after, with
	// their ledgers: a walk that nothing that is added meanwhile disturbs.
	SessionsOf(ctx context.Context, owner id.User, after id.Session, limit int) ([]run.Session, error)
	// Chunks returns all stored chunks of a session by sequence.
	Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error)
	// ActiveSessions returns up to limit of a user's active sessions that are not
	// imported, the longest active first.
	ActiveSessions(ctx context.Context, owner id.User, limit int) ([]id.Session, error)
	// NthImport returns when the n-th newest of a user's imported sessions was
	// made; the zero time when there are fewer.
	NthImport(ctx context.Context, owner id.User, n int) (time.Time, error)
	// DropOpenSession deletes a session with its chunks, unless it has its record
	// or is not there.
	DropOpenSession(ctx context.Context, sid id.Session) error
	// SilentSessions returns up to limit active sessions with neither a chunk nor
	// a creation or resume since the given time, in the order of their ids, from
	// after one of them.
	SilentSessions(ctx context.Context, since time.Time, after id.Session, limit int) ([]id.Session, error)
	// PurgeChunks deletes the chunks of sessions abandoned before the given time
	// and returns how many chunks went.
	PurgeChunks(ctx context.Context, abandonedBefore time.Time) (int, error)
}
