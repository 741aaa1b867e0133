package gormstore

import (
	"context"
	"slices"
	"sync"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// sqlInsertKnown stores an intermediate chunk if its session is still as it is
// remembered: open, with no final chunk, and with as many chunks. The session is
// locked as in appendLocked. Who closes it, or sends the final chunk, changes
// its row; a statement that waited for them looks at the row again, finds it
// changed and stores nothing. The number of chunks is looked at for the receipt
// alone: until the session is crowded, chunks of other sequences change no
// decision, and the unique key watches over this one's.
const sqlInsertKnown = `INSERT INTO run_chunks (id, session_id, sequence, chunk_type, raw_gps_points, filtered_points, chunk_summary,
		cumulative, completed_splits, pause_intervals, digest, fixes, bytes, created_at)
	SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
	FROM run_sessions s
	WHERE s.id = $2 AND s.status = $15 AND s.active_since = $16 AND s.course_id IS NOT DISTINCT FROM $17
		AND s.final_sequence IS NULL AND (SELECT count(*) FROM run_chunks c WHERE c.session_id = $2) = $18
	FOR SHARE OF s`

// appendKnown decides on what is remembered of a session, and stores the chunk
// if that is still true. Only "store it" is decided so: whatever else is to be
// answered is looked at again under the lock.
func (a *postgresAppender) appendKnown(ctx context.Context, in appending, known knownSession) (stored, crowded bool, err error) {
	decided, err := in.decide(known.row, known.ledger)
	if err != nil || !decided.store || decided.alone {
		a.known.forget(in.sid)
		return false, decided.alone, nil // decided again under the lock
	}
	var courseID any
	if !known.row.CourseID.IsZero() {
		courseID = known.row.CourseID.String()
	}
	args := append(insertArgs(in.sid, in.row), known.row.Status, known.row.ActiveSince, courseID, len(known.ledger.entries))
	tag, err := a.pool.Exec(ctx, sqlInsertKnown, args...)
	if err != nil || tag.RowsAffected() == 0 {
		a.known.forget(in.sid)
		return false, false, taken(err)
	}
	known.ledger = known.ledger.with(in.row)
	a.known.put(in.sid, known)
	return true, false, nil
}

// with returns the ledger with one more chunk; the old one stays as it is.
func (l ledger) with(c *chunkRow) ledger {
	l.entries = slices.Clip(l.entries)
	l.add(entryRow{Sequence: c.Sequence, ChunkType: c.ChunkType, Digest: c.Digest, Fixes: c.Fixes, Bytes: c.Bytes, CreatedAt: c.CreatedAt})
	return l
}

// knownSession is a session as this process last saw it. It is never believed,
// only compared.
type knownSession struct {
	row    sessionRow
	ledger ledger
}

// maxKnownChunks bounds what is remembered: about 15 MB, or 3,000 runs of an
// hour at once.
const maxKnownChunks = 200_000

// knownSessions remembers the sessions that chunks lately came for.
type knownSessions struct {
	mu       sync.Mutex
	sessions map[id.Session]knownSession
	chunks   int // of all sessions
}

func (k *knownSessions) get(sid id.Session) (knownSession, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.sessions[sid]
	return s, ok
}

func (k *knownSessions) put(sid id.Session, s knownSession) {
	if s.row.Status != string(run.Active) || s.ledger.final() {
		k.forget(sid) // no more chunks are to come
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sessions == nil {
		k.sessions = map[id.Session]knownSession{}
	}
	k.chunks += len(s.ledger.entries) - len(k.sessions[sid].ledger.entries)
	k.sessions[sid] = s
	for other, forgotten := range k.sessions { // in any order: a phone that is forgotten costs one round trip
		if k.chunks <= maxKnownChunks {
			break
		}
		delete(k.sessions, other)
		k.chunks -= len(forgotten.ledger.entries)
	}
}

func (k *knownSessions) forget(sid id.Session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.chunks -= len(k.sessions[sid].ledger.entries)
	delete(k.sessions, sid)
}

// final reports whether the final chunk is among them.
func (l ledger) final() bool {
	return slices.ContainsFunc(l.entries, func(e run.Entry) bool { return e.Final })
}
