package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/ports"
)

// AtDesk opens the desk of the configured queue for a moment. A server may work
// beside it.
func AtDesk(ctx context.Context, s config.Settings, do func(ports.JobDesk) error) error {
	if kind, _ := s.Database(); kind == config.Memory {
		return errors.New("RUNVS_DATABASE_URL is memory:, whose jobs no other process sees; give postgres://… or sqlite:PATH")
	}
	if kind, path := s.Database(); kind == config.SQLite { // opening would make one
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("RUNVS_DATABASE_URL: there is no database at %s yet; `runvs serve` or `runvs migrate up` makes it", path)
		}
	}
	return withQueue(ctx, s, func(queue jobs.Database) error {
		if ready, err := jobs.Migrated(ctx, queue); err != nil {
			return err
		} else if !ready {
			return errQueueBehind
		}
		desk, err := jobs.NewDesk(queue)
		if err != nil {
			return err
		}
		return do(desk)
	})
}

// examineJobs tells of jobs that wait for somebody to decide.
func examineJobs(ctx context.Context, s config.Settings) Check {
	c := Check{Name: "jobs", Good: "none is set aside", Mend: "see RUNVS_DATABASE_URL"}
	var counts ports.JobCounts
	c.Err = AtDesk(ctx, s, func(desk ports.JobDesk) (err error) {
		counts, err = desk.Counts(ctx)
		return err
	})
	if c.Err != nil || len(counts.SetAside) == 0 {
		return c
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(counts.SetAside)) {
		kinds = append(kinds, fmt.Sprintf("%d %s", counts.SetAside[kind], kind))
	}
	c.Err = fmt.Errorf("set aside: %s", strings.Join(kinds, ", "))
	c.Mend = "see `runvs jobs list`, then `runvs jobs retry` or `runvs jobs drop`"
	return c
}
