package migrate

import (
	"context"
	"sort"
)

// Facts is what a database's catalogue says, such as "column users.email" =
// "character varying(255)".
type Facts map[string]string

// Facts returns what the catalogue says of the tables that migrations make.
func (m *Migrator) Facts(ctx context.Context) (Facts, error) { return m.kind.facts(ctx, m.db) }

// Drift is one thing in which the database is not as the migrations make it.
type Drift struct {
	What string // such as "column users.email"
	Want string // "" when the migrations make no such thing
	Have string // "" when it is missing
}

// Verify compares the database with what the migrations make from nothing,
// column by column, index by index.
func (m *Migrator) Verify(ctx context.Context) ([]Drift, error) {
	want, err := m.kind.scratch(ctx, m)
	if err != nil {
		return nil, err
	}
	have, err := m.Facts(ctx)
	if err != nil {
		return nil, err
	}
	var out []Drift
	for what, w := range want {
		if have[what] != w {
			out = append(out, Drift{What: what, Want: w, Have: have[what]})
		}
	}
	for what, h := range have {
		if _, ok := want[what]; !ok {
			out = append(out, Drift{What: what, Have: h})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].What < out[j].What })
	return out, nil
}

// collect reads rows of (what, definition).
func collect(ctx context.Context, q querier, query string) (Facts, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	out := Facts{}
	for rows.Next() {
		var what, definition string
		if err := rows.Scan(&what, &definition); err != nil {
			return nil, err
		}
		out[what] = definition
	}
	return out, rows.Err()
}
