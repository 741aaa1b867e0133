// Package bulk imports recorded runs by the thousand: from folders, zips and the
// export archives of Strava and Garmin. It reads one file after another and keeps no
// archive in memory. What it imported it knows again, so it may be stopped and
// started again. It asks the use cases for each file, as the API does, and cannot do
// what they refuse.
package bulk

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	pathpkg "path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/muktihari/fit/decoder"
	"github.com/muktihari/fit/profile/typedef"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// Options say what is imported, and how.
type Options struct {
	Paths          []string // directories, zips and files
	User           id.User
	KeepDuplicates bool
	DryRun         bool
}

// settleWait is how long the end of the next job is waited for. What is not done by
// then, a server's workers do.
const settleWait = time.Minute

// importing is an import that goes on.
type importing struct {
	Options
	runs   *app.Runs
	report *Report
	made   []id.Record // whose jobs are in the queue
}

// Import imports all that lies at the paths. What is wrong with a file is in the
// report; an error ends the import, and what was imported stays. The same import
// again goes on behind it.
func Import(ctx context.Context, o Options, runs *app.Runs, report *Report) error {
	i := &importing{Options: o, runs: runs, report: report}
	for _, path := range o.Paths {
		f, err := openFolder(path)
		if err != nil {
			i.report.file(filepath.ToSlash(path), readable(err))
			continue
		}
		err = i.folder(ctx, f, &labels{byFile: map[string]app.ImportLabel{}}, 0)
		if err = errors.Join(err, f.close()); err != nil {
			return err
		}
	}
	return i.settled(ctx)
}

// folder imports what lies in a folder; known is what the folders around it say.
func (i *importing) folder(ctx context.Context, f folder, known *labels, depth int) error {
	var found []member
	for _, m := range f.members {
		switch {
		case isIndex(m.name):
			i.index(f, m, known)
		case f.alone || isRecording(m.name) || isNested(m.name):
			found = append(found, m)
		}
	}
	i.report.expect(len(found))
	for _, m := range found {
		path := pathpkg.Join(filepath.ToSlash(f.name), m.name)
		var err error
		if isNested(m.name) && !f.alone {
			err = i.nested(ctx, path, m, known, depth+1)
		} else if err = i.file(ctx, path, f, m, known); err != nil {
			err = fmt.Errorf("at %s: %w", path, err)
		}
		if err != nil {
			return err
		}
		i.report.passed()
	}
	return nil
}

// index takes the titles in a file. Without them the runs are imported all the same.
func (i *importing) index(f folder, m member, known *labels) {
	path := pathpkg.Join(filepath.ToSlash(f.name), m.name)
	data, err := m.read(maxIndexBytes)
	if err != nil {
		i.report.file(path, err)
		return
	}
	named, err := known.take(m.name, data)
	if err != nil {
		i.report.file(path, err)
	}
	there := make(map[string]bool, len(f.members))
	for _, m := range f.members {
		there[key(m.name)] = true
	}
	for _, name := range named {
		if !there[key(name)] {
			i.report.missing(pathpkg.Join(filepath.ToSlash(f.name), name), m.name)
		}
	}
}

// nested imports a zip of a folder.
func (i *importing) nested(ctx context.Context, path string, m member, known *labels, depth int) error {
	if depth > maxZipDepth {
		i.report.file(path, ports.ErrBadTrack.Saying("zips in zips are opened %d deep", maxZipDepth))
		return nil
	}
	f, err := m.unpack(path)
	if err != nil {
		i.report.file(path, err)
		return nil
	}
	return errors.Join(i.folder(ctx, f, known, depth), f.close())
}

// file imports the runs of a file. An error ends the import: nobody waits any more,
// or the store is down, and would be for the next file.
func (i *importing) file(ctx context.Context, path string, f folder, m member, known *labels) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := m.read(maxFileBytes)
	if err != nil {
		i.report.file(path, err)
		return nil
	}
	if !f.alone && otherFIT(data) {
		i.report.other(path)
		return nil
	}
	made, err := i.runs.Import(ports.AsJob(ctx), i.User, data, app.ImportInput{
		KeepDuplicates: i.KeepDuplicates, Unmetered: true, DryRun: i.DryRun,
		Label: func(at time.Time) app.ImportLabel { return known.of(m.name, at) },
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case fault.KindOf(err) == fault.Unavailable:
		return err
	case err != nil:
		i.report.file(path, err)
		return nil
	}
	for _, a := range made {
		if fault.KindOf(a.Err) == fault.Unavailable {
			return a.Err
		}
		i.report.run(pathpkg.Join(path, a.File), a)
		if a.Err == nil && a.Created && !i.DryRun {
			i.made = append(i.made, a.Record.ID)
		}
	}
	return nil
}

// settled waits for the jobs of the new runs, as long as they go on.
func (i *importing) settled(ctx context.Context) error {
	wait := settleWait
	for _, rid := range i.made {
		rec := i.runs.Await(ctx, run.Record{ID: rid, Processing: run.ProcessingPending}, wait)
		if rec.Processing == run.ProcessingPending {
			i.report.pending++
			wait = 0 // nobody does the jobs, or this one is not done
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("while the runs were judged: %w", err)
	}
	return nil
}

// isRecording reports whether a file is named as recordings are. JSON is not: exports
// are full of it.
func isRecording(name string) bool {
	ext := pathpkg.Ext(key(name))
	return slices.Contains([]string{".fit", ".gpx", ".tcx", ".kml", ".kmz", ".geojson"}, ext)
}

func isNested(name string) bool { return strings.EqualFold(pathpkg.Ext(name), ".zip") }

// otherFIT reports whether a FIT file is no activity: a watch keeps its settings, its
// nights and the day's heart rates beside its runs.
func otherFIT(data []byte) bool {
	const head = 4 << 10 // what a file is, it says first
	var in io.Reader = bytes.NewReader(data)
	if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
		in = z
	}
	file, err := decoder.New(io.LimitReader(in, head)).PeekFileId()
	return err == nil && !slices.Contains([]typedef.File{typedef.FileActivity, typedef.FileCourse, typedef.FileInvalid}, cmp.Or(file.Type, typedef.FileInvalid))
}
