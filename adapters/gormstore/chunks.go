package gormstore

import (
	"context"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

type chunkRow struct {
	ID              column.ID[id.ChunkKind] `gorm:"column:id;primaryKey"`
	SessionID       column.ID[id.SessionKind]
	Sequence        int
	ChunkType       string
	RawGPSPoints    column.JSON `gorm:"column:raw_gps_points"`
	FilteredPoints  column.JSON
	ChunkSummary    column.JSON
	Cumulative      column.JSON
	CompletedSplits column.JSON
	PauseIntervals  column.JSON
	Digest          column.Digest
	Fixes           int
	Bytes           int
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (chunkRow) TableName() string { return "run_chunks" }

// pauseJSON is a pause as a column keeps it.
type pauseJSON struct {
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
}

var emptyList = column.JSON("[]")

func chunkRowOf(sid id.Session, c run.Chunk) (chunkRow, error) {
	row := chunkRow{
		ID: column.NewID[id.ChunkKind](), SessionID: column.IDOf(sid), Sequence: c.Sequence(), ChunkType: string(c.Type()),
		RawGPSPoints:    column.JSON(c.RawJSON()),
		FilteredPoints:  column.JSON(c.FilteredJSON()),
		ChunkSummary:    column.JSON(c.Summary().Document),
		Cumulative:      column.JSON(c.Cumulative().Document),
		CompletedSplits: emptyList, PauseIntervals: emptyList,
		Digest: column.Digest(c.Digest()), Fixes: len(c.Fixes()), Bytes: c.Bytes(),
	}
	if c.CompletedSplits() != nil {
		row.CompletedSplits = column.JSON(c.CompletedSplits())
	}
	if len(c.Pauses()) > 0 {
		pauses := make([]pauseJSON, len(c.Pauses()))
		for i, p := range c.Pauses() {
			pauses[i] = pauseJSON(p)
		}
		var err error
		if row.PauseIntervals, err = column.Encode(pauses); err != nil {
			return row, err
		}
	}
	return row, nil
}

func (r chunkRow) chunk() (run.Chunk, error) {
	in := run.ChunkInput{Sequence: r.Sequence, Type: run.ChunkType(r.ChunkType)}
	var err error
	if in.Fixes, err = run.RestoreFixes(r.RawGPSPoints); err != nil {
		return run.Chunk{}, err
	}
	if r.FilteredPoints != nil {
		if in.Filtered, err = run.RestoreFixes(r.FilteredPoints); err != nil {
			return run.Chunk{}, err
		}
	}
	if in.Summary, err = claimIn(r.ChunkSummary); err != nil {
		return run.Chunk{}, err
	}
	if in.Cumulative, err = claimIn(r.Cumulative); err != nil {
		return run.Chunk{}, err
	}
	if splits, err := r.CompletedSplits.Canonical(); err != nil {
		return run.Chunk{}, err
	} else if string(splits) != string(emptyList) {
		in.CompletedSplits = splits
	}
	var pauses []pauseJSON
	if err := r.PauseIntervals.Decode(&pauses); err != nil {
		return run.Chunk{}, err
	}
	for _, p := range pauses {
		in.Pauses = append(in.Pauses, run.Pause(p))
	}
	return run.RestoreChunk(in, run.Digest(r.Digest)), nil
}

// claimIn returns what a phone said in a column.
func claimIn(d column.JSON) (run.Claim, error) {
	doc, err := d.Canonical()
	if err != nil {
		return run.Claim{}, err
	}
	return run.RestoreClaim(doc)
}

// Chunks implements ports.Sessions.
func (r *repo) Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error) {
	var rows []chunkRow
	if err := r.db.WithContext(ctx).Order("sequence").Find(&rows, "session_id = ?", column.IDOf(sid)).Error; err != nil {
		return nil, faultOf(err)
	}
	out := make([]run.Chunk, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = row.chunk(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// InsertChunks implements ports.Sessions.
func (r *repo) InsertChunks(ctx context.Context, sid id.Session, chunks []run.Chunk, now time.Time) error {
	for _, c := range chunks {
		row, err := chunkRowOf(sid, c)
		if err != nil {
			return err
		}
		row.CreatedAt = column.Stamp(now)
		if err := r.db.WithContext(ctx).Create(&row).Error; err != nil {
			return faultOf(err)
		}
	}
	return nil
}

// appending is one call of AppendChunk under way. decide is called with what
// is stored; it may be called again.
type appending struct {
	sid    id.Session
	row    *chunkRow
	final  bool
	decide func(sessionRow, ledger) (decision, error)
}

// decision is what became of a chunk.
type decision struct {
	store bool
	alone bool // it counts only if no other chunk of the session is decided on meanwhile
}

// AppendChunk implements ports.Store. Each database has its own way to do it in
// as few round trips, or commits, as possible.
func (s *Store) AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (out run.Session, outcome run.Acceptance, err error) {
	row, err := chunkRowOf(sid, c)
	if err != nil {
		return out, 0, err
	}
	in := appending{sid: sid, row: &row, final: c.Type() == run.Final}
	in.decide = func(sr sessionRow, l ledger) (decision, error) {
		found, err := sr.session(l)
		if err != nil {
			return decision{}, err
		}
		out, outcome, err = decide(found)
		row.CreatedAt = column.Stamp(out.Snapshot().LastChunkAt) // the time that the decision was made with
		return decision{store: outcome == run.Stored, alone: out.Ledger().Crowded()}, err
	}
	err = s.retry(ctx, func() error { return s.chunk.append(ctx, in) })
	return out, outcome, err
}
