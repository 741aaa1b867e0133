package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
)

// Options are what the user asked for.
type Options struct {
	Server   string
	User     string        // "" = a runner of its own for each file
	Course   string        // "" = free run, "new" = the first run becomes one, else an id
	Chunk    time.Duration // recorded time in one chunk
	Speed    float64       // how many times faster than life; 0 = as fast as it goes
	Parallel int
	Faults   bool
	Seed     uint64 // of the faults
}

// Result is a line of the table.
type Result struct {
	File     string
	RecordID string
	Record   map[string]any
	Rank     int // 0 = not ranked
	Dropped  int // fixes that no phone would have sent
	Err      error
}

// phone plays one run.
type phone struct {
	*client
	opts  Options
	fault *rand.Rand // nil = a perfect network
	step  func()     // called for every chunk that has arrived
}

// chunkBody is a chunk as it goes over the wire.
type chunkBody struct {
	Sequence    int               `json:"sequence"`
	ChunkType   string            `json:"chunk_type"`
	Points      json.RawMessage   `json:"raw_gps_points"`
	Summary     map[string]any    `json:"chunk_summary"`
	Cumulative  map[string]any    `json:"cumulative"`
	Splits      []json.RawMessage `json:"completed_splits"`
	recordedEnd int64
}

// play sends a run and returns its record.
func (p *phone) play(ctx context.Context, rec recording, course string) (record map[string]any, err error) {
	sid, err := p.start(ctx, rec, course)
	if err != nil {
		return nil, err
	}
	chunks := cut(rec.fixes, p.opts.Chunk)
	if err := p.upload(ctx, sid, chunks); err != nil {
		return nil, err
	}
	return p.complete(ctx, sid, rec, len(chunks))
}

func (p *phone) start(ctx context.Context, rec recording, course string) (string, error) {
	body := map[string]any{
		"started_at":        time.UnixMilli(rec.fixes[0].Timestamp).UTC().Format("2006-01-02T15:04:05.000Z"),
		"client_session_id": newUUID(),
		"device_info":       map[string]any{"app": "runvs replay", "file": rec.name},
	}
	if course != "" {
		body["course_id"] = course
	}
	var session struct {
		ID string `json:"id"`
	}
	err := p.certain(ctx, request{method: http.MethodPost, path: "/runs/sessions", body: body}, &session)
	return session.ID, err
}

// certain makes a call that may be repeated until an answer arrives.
func (p *phone) certain(ctx context.Context, r request, out any) error {
	for {
		r.lose = p.happens(0.2)
		_, err := p.do(ctx, r, out)
		if !errors.Is(err, errLost) {
			return err
		}
	}
}

// happens throws the dice of the bad network.
func (p *phone) happens(chance float64) bool { return p.fault != nil && p.fault.Float64() < chance }

// upload sends all chunks. On a bad network they go out of order, some twice,
// some answers get lost; what the server then misses is sent again.
func (p *phone) upload(ctx context.Context, sid string, chunks []chunkBody) error {
	order := make([]int, len(chunks))
	for i := range order {
		order[i] = i
	}
	if p.fault != nil {
		p.fault.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	began := time.Now()
	for _, i := range order {
		if p.opts.Speed > 0 {
			recorded := time.Duration(chunks[i].recordedEnd-chunks[0].recordedEnd) * time.Millisecond
			if err := sleep(ctx, time.Until(began.Add(time.Duration(float64(recorded)/p.opts.Speed)))); err != nil {
				return err
			}
		}
		if err := p.send(ctx, sid, chunks[i]); err != nil {
			return err
		}
		p.step()
	}
	return nil
}

func (p *phone) send(ctx context.Context, sid string, c chunkBody) error {
	r := request{method: http.MethodPost, path: "/runs/sessions/" + sid + "/chunks", body: c}
	if err := p.certain(ctx, r, nil); err != nil {
		return fmt.Errorf("chunk %d: %w", c.Sequence, err)
	}
	if p.happens(0.2) { // sent twice
		return p.certain(ctx, r, nil)
	}
	return nil
}

func (p *phone) complete(ctx context.Context, sid string, rec recording, chunks int) (map[string]any, error) {
	r := request{
		method: http.MethodPost, path: "/runs/sessions/" + sid + "/complete",
		body: map[string]any{
			"finished_at":  time.UnixMilli(rec.fixes[len(rec.fixes)-1].Timestamp).UTC().Format("2006-01-02T15:04:05.000Z"),
			"total_chunks": chunks, "title": rec.title,
		},
		header: map[string]string{"Prefer": "wait=10"},
	}
	var record map[string]any
	if err := p.certain(ctx, r, &record); err != nil {
		return nil, err
	}
	return p.settled(ctx, record)
}

// settled waits until the record's jobs are done.
func (p *phone) settled(ctx context.Context, record map[string]any) (map[string]any, error) {
	deadline := time.Now().Add(5 * time.Minute)
	for record["processing"] == "pending" {
		if time.Now().After(deadline) {
			return record, errors.New("the server has not judged the run after 5 minutes; are workers running?")
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return record, err
		}
		if _, err := p.do(ctx, request{method: http.MethodGet, path: fmt.Sprint("/runs/", record["id"])}, &record); err != nil {
			return record, err
		}
	}
	return record, nil
}

// cut makes the chunks of a run: each holds the given stretch of recorded time,
// or a longer one where a session would not hold so many.
func cut(fixes []run.Fix, length time.Duration) []chunkBody {
	var chunks []chunkBody
	whole := time.Duration(fixes[len(fixes)-1].Timestamp-fixes[0].Timestamp) * time.Millisecond
	length = max(length, whole/(run.MaxSessionChunks-1))
	total, seconds := 0.0, 0.0
	for from := 0; from < len(fixes); {
		to := from + 1
		for to < len(fixes) && to-from < run.MaxChunkFixes && fixes[to].Timestamp-fixes[from].Timestamp < length.Milliseconds() {
			to++
		}
		distance, duration := pathLength(fixes[max(0, from-1):to]), fixes[max(0, from-1)].Seconds(fixes[to-1])
		total, seconds = total+distance, seconds+duration
		chunks = append(chunks, chunkBody{
			Sequence: len(chunks), ChunkType: string(run.Intermediate),
			Points:      run.AppendFixes(nil, fixes[from:to]),
			Summary:     claim(distance, duration),
			Cumulative:  claim(total, seconds),
			Splits:      []json.RawMessage{},
			recordedEnd: fixes[to-1].Timestamp,
		})
		from = to
	}
	chunks[len(chunks)-1].ChunkType = string(run.Final)
	return chunks
}

func claim(meters, seconds float64) map[string]any {
	number := func(v float64) json.RawMessage { return strictjson.AppendFloat(nil, float64(int64(v*10+0.5))/10) }
	return map[string]any{"distance_meters": number(meters), "duration_seconds": number(max(0, seconds))}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(max(0, d)):
		return nil
	}
}
