package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

var errChunkTaken = errors.New("memory: a chunk of this sequence is stored")

func (s sessionRow) session() run.Session {
	return run.RestoreSession(cloneSession(s.SessionSnapshot))
}

// InsertSession implements ports.Sessions.
func (r *repo) InsertSession(ctx context.Context, s run.Session) (stored run.Session, inserted bool, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		row := sessionRow{SessionSnapshot: cloneSession(s.Snapshot())}
		row.Ledger, row.LastChunkAt = run.Ledger{}, time.Time{} // there are no chunks
		key := clientKey{row.UserID, row.ClientSessionID}
		if sid, ok := x.clientSessions.get(key); ok && row.ClientSessionID != "" {
			known, _ := x.sessions.get(sid)
			stored, inserted = known.session(), false
			return nil
		}
		switch {
		case x.sessions.has(row.ID):
			return errTaken
		case !x.users.has(row.UserID):
			return errNoUser
		case !row.CourseID.IsZero() && !x.courses.has(row.CourseID):
			return errNoCourse
		}
		if row.ClientSessionID != "" {
			x.clientSessions.put(key, row.ID)
		}
		x.sessions.put(row.ID, row)
		stored, inserted = row.session(), true
		return nil
	})
	return stored, inserted, err
}

// SessionNamed implements ports.Sessions.
func (r *repo) SessionNamed(ctx context.Context, owner id.User, clientSessionID string) (s run.Session, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		sid, ok := x.clientSessions.get(clientKey{owner, clientSessionID})
		if !ok {
			return run.ErrSessionNotFound
		}
		row, _ := x.sessions.get(sid)
		s = row.session()
		return nil
	})
	return s, err
}

// Session implements ports.Sessions.
func (r *repo) Session(ctx context.Context, sid id.Session) (s run.Session, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		row, ok := x.sessions.get(sid)
		if !ok {
			return run.ErrSessionNotFound
		}
		s = row.session()
		return nil
	})
	return s, err
}

// LockSession implements ports.Sessions. Every transaction is alone already.
func (r *repo) LockSession(ctx context.Context, sid id.Session) (run.Session, error) {
	return r.Session(ctx, sid)
}

// SaveSession implements ports.Sessions.
func (r *repo) SaveSession(ctx context.Context, s run.Session) error {
	return r.write(ctx, func(x *snapshot) error {
		saved := cloneSession(s.Snapshot())
		row, ok := x.sessions.get(saved.ID)
		if !ok {
			return nil
		}
		row.Status, row.RecordID = saved.Status, saved.RecordID
		row.ActiveSince, row.AbandonedAt = saved.ActiveSince, saved.AbandonedAt
		x.sessions.put(row.ID, row)
		return nil
	})
}

// ListSessions implements ports.Sessions.
func (r *repo) ListSessions(ctx context.Context, owner id.User, status run.Status, page ports.Page) (list []run.Session, total int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var rows []sessionRow
		for row := range x.sessionsOf.of(&x.sessions, owner) {
			if status == "" || row.Status == status {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b sessionRow) int {
			if c := b.StartedAt.Compare(a.StartedAt); c != 0 {
				return c
			}
			return b.ID.Compare(a.ID)
		})
		total = len(rows)
		for _, row := range stretch(rows, page) {
			list = append(list, row.session())
		}
		return nil
	})
	return list, total, err
}

// SessionsOf implements ports.Sessions.
func (r *repo) SessionsOf(ctx context.Context, owner id.User, after id.Session, limit int) (list []run.Session, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var rows []sessionRow
		for row := range x.sessionsOf.of(&x.sessions, owner) {
			if row.ID.Compare(after) > 0 {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b sessionRow) int { return a.ID.Compare(b.ID) })
		for _, row := range stretch(rows, ports.Page{Limit: limit}) {
			list = append(list, row.session())
		}
		return nil
	})
	return list, err
}

// stretch returns a page of rows.
func stretch[T any](rows []T, page ports.Page) []T {
	from := min(max(page.Offset, 0), len(rows))
	return rows[from:][:min(max(page.Limit, 0), len(rows)-from)]
}

// insertChunk stores a chunk that arrived at a time, and enters it in the ledger.
func (x *snapshot) insertChunk(row sessionRow, c run.Chunk, at time.Time) error {
	key := chunkKey{row.ID, c.Sequence()}
	if x.chunks.has(key) {
		return errChunkTaken
	}
	x.chunks.put(key, cloneChunk(c))
	row.entries = append(slices.Clone(row.entries), c.Entry())
	row.Ledger = run.NewLedger(row.entries)
	if at = stamp(at); at.After(row.LastChunkAt) {
		row.LastChunkAt = at
	}
	x.sessions.put(row.ID, row)
	return nil
}

// InsertChunks implements ports.Sessions.
func (r *repo) InsertChunks(ctx context.Context, sid id.Session, chunks []run.Chunk, now time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		for _, c := range chunks {
			row, _ := x.sessions.get(sid)
			if err := x.insertChunk(row, c, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Chunks implements ports.Sessions.
func (r *repo) Chunks(ctx context.Context, sid id.Session) (chunks []run.Chunk, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		row, _ := x.sessions.get(sid)
		for _, received := range row.Ledger.Received() {
			for sequence := received[0]; sequence <= received[1]; sequence++ {
				c, _ := x.chunks.get(chunkKey{sid, sequence})
				chunks = append(chunks, cloneChunk(c))
			}
		}
		return nil
	})
	return chunks, err
}

// dropChunks deletes a session's chunks and returns how many there were.
func (x *snapshot) dropChunks(row sessionRow) int {
	for _, e := range row.entries {
		x.chunks.delete(chunkKey{row.ID, e.Sequence})
	}
	n := len(row.entries)
	row.entries, row.Ledger, row.LastChunkAt = nil, run.Ledger{}, time.Time{}
	x.sessions.put(row.ID, row)
	return n
}

// ActiveSessions implements ports.Sessions.
func (r *repo) ActiveSessions(ctx context.Context, owner id.User, limit int) (active []id.Session, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var rows []sessionRow
		for row := range x.sessionsOf.of(&x.sessions, owner) {
			if row.Status == run.Active && !row.Imported {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b sessionRow) int {
			return cmp.Or(a.ActiveSince.Compare(b.ActiveSince), a.ID.Compare(b.ID))
		})
		for _, row := range stretch(rows, ports.Page{Limit: limit}) {
			active = append(active, row.ID)
		}
		return nil
	})
	return active, err
}

// NthImport implements ports.Sessions.
func (r *repo) NthImport(ctx context.Context, owner id.User, n int) (at time.Time, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var made []time.Time
		for row := range x.sessionsOf.of(&x.sessions, owner) {
			if row.Imported {
				made = append(made, row.CreatedAt)
			}
		}
		slices.SortFunc(made, func(a, b time.Time) int { return b.Compare(a) })
		if len(made) >= n {
			at = made[n-1]
		}
		return nil
	})
	return at, err
}

// DropOpenSession implements ports.Sessions.
func (r *repo) DropOpenSession(ctx context.Context, sid id.Session) error {
	return r.write(ctx, func(x *snapshot) error {
		if row, ok := x.sessions.get(sid); ok && (row.Status == run.Active || row.Status == run.Abandoned) {
			x.deleteSession(row)
		}
		return nil
	})
}

// SilentSessions implements ports.Sessions.
func (r *repo) SilentSessions(ctx context.Context, since time.Time, after id.Session, limit int) (silent []id.Session, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for row := range x.sessionsIn.of(&x.sessions, run.Active) {
			if row.ID.Compare(after) > 0 && !row.lastSign().After(stamp(since)) {
				silent = append(silent, row.ID)
			}
		}
		slices.SortFunc(silent, id.Session.Compare)
		silent = stretch(silent, ports.Page{Limit: limit})
		return nil
	})
	return silent, err
}

// lastSign returns when a session was last heard of.
func (s sessionRow) lastSign() time.Time {
	if s.LastChunkAt.After(s.ActiveSince) {
		return s.LastChunkAt
	}
	return s.ActiveSince
}

// PurgeChunks implements ports.Sessions.
func (r *repo) PurgeChunks(ctx context.Context, abandonedBefore time.Time) (purged int, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		for _, row := range x.sessionsIn.collect(&x.sessions, run.Abandoned) {
			if len(row.entries) > 0 && row.AbandonedAt.Before(stamp(abandonedBefore)) {
				purged += x.dropChunks(row)
			}
		}
		return nil
	})
	return purged, err
}
