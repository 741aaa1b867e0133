package httpapi

import (
	"context"
	"time"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
)

// Imports is what became of the runs of a file that holds several.
type Imports struct {
	Items []Import `json:"items" nullable:"false" doc:"In the order of the file"`
}

// Import is what became of one run of a file.
type Import struct {
	File    string       `json:"file" doc:"Its name in the zip; empty outside of one"`
	Status  int          `json:"status" doc:"What the run alone would have been answered with: 201, 200 for one that was imported before, or the problem's"`
	Run     *Run         `json:"run"`
	Problem *web.Problem `json:"problem"`
}

// importsOf waits for the jobs of all runs together, at most for so long.
func (s *Server) importsOf(ctx context.Context, made []app.Imported, wait time.Duration) Imports {
	out := Imports{Items: make([]Import, len(made))}
	until := time.Now().Add(wait)
	for i, m := range made {
		item := Import{File: m.File}
		if m.Err != nil {
			item.Problem = web.ProblemOf(m.Err)
			item.Status = item.Problem.Status
		} else {
			a := s.recordAnswer(ctx, m.Record, m.Created, max(0, time.Until(until)))
			item.Status, item.Run = a.Status, &a.Body
		}
		out.Items[i] = item
	}
	return out
}
