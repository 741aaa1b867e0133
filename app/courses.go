package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/text"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Courses makes, finds and shows courses.
type Courses struct {
	store    courseStore
	clock    ports.Clock
	ids      id.Generator
	blobs    ports.Blobs
	files    ports.TrackFiles
	letters  user.Letters
	log      *slog.Logger
	rules    judge.Rules
	prepared *prepared
	ended    *endings
}

// courseStore is what making, finding and showing courses asks of the store.
type courseStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	Record(ctx context.Context, rid id.Record) (run.Record, error)
	Person(ctx context.Context, uid id.User) (user.Person, error)
	Course(ctx context.Context, cid id.Course) (course.Course, error)
	CourseAccess(ctx context.Context, cid id.Course) (ports.CourseAccess, error)
	CourseLines(ctx context.Context, ids []id.Course) (map[id.Course]geo.Line, error)
	CourseShape(ctx context.Context, cid id.Course) (ports.CourseShape, error)
	requestStore
	CourseStats(ctx context.Context, cid id.Course) (stats.Course, error)
	ListCourses(ctx context.Context, q ports.CourseQuery, page ports.Page, after *ports.CourseKey) ([]ports.CourseSummary, int, error)
	NearbyCourses(ctx context.Context, q ports.NearbyQuery) ([]ports.NearbyCourse, error)
	CoursesInBounds(ctx context.Context, q ports.BoundsQuery) ([]ports.MapCourse, bool, error)
	MapTile(ctx context.Context, t maptile.Tile) ([]byte, error)
}

// NewCourse is what a creator says of a course.
type NewCourse struct {
	Title       string
	Description string
	IsPublic    bool
	Tags        []string
	Key         string // the Idempotency-Key of the request; "" for none
}

// CourseView is a course with its creator and with what the judge will hold
// runners to.
type CourseView struct {
	course.Course
	Creator  user.Person // zero when the account is gone
	Sections []judge.Section
	Rules    judge.Rules
	Hints    *Hints // nil but for a course just made
	Repeated bool   // it was made by an earlier request of the same key
}

// Create makes a course of the runner's own run; a repeat with the same key gives the
// same course. Faults: run_not_found, course_too_short, course_unusable,
// idempotency_key_conflict, Invalid.
func (c *Courses) Create(ctx context.Context, uid id.User, rid id.Record, in NewCourse) (CourseView, error) {
	return c.once(ctx, uid, in, rid.String(), func(asked course.Request) (CourseView, error) {
		return c.create(ctx, uid, rid, in, asked)
	})
}

func (c *Courses) create(ctx context.Context, uid id.User, rid id.Record, in NewCourse, asked course.Request) (CourseView, error) {
	rec, err := c.store.Record(ctx, rid)
	if err != nil {
		return CourseView{}, err
	}
	if rec.UserID != uid {
		return CourseView{}, ports.ErrRunNotFound
	}
	line, err := geo.NewLine(geo.Thin(rec.Route, course.MaxVertices))
	if err != nil {
		return CourseView{}, course.ErrTooShort.Because(err)
	}
	duration := rec.DurationSeconds
	return c.publish(ctx, asked, course.Input{
		CreatorID: uid, RunRecordID: rid, Route: line,
		Title: in.Title, Description: in.Description, IsPublic: in.IsPublic, Tags: in.Tags,
		EstimatedDurationSeconds: &duration,
		ElevationGainMeters:      rec.ElevationGainMeters, ElevationProfile: rec.ElevationProfile,
	})
}

// Import makes a course of a file's first track or route, with or without times; a
// repeat as with Create. Faults: those of ports.TrackFiles.Read and Create.
func (c *Courses) Import(ctx context.Context, uid id.User, data []byte, in NewCourse) (CourseView, error) {
	return c.once(ctx, uid, in, fmt.Sprintf("%x", sha256.Sum256(data)), func(asked course.Request) (CourseView, error) {
		return c.importFile(ctx, uid, data, in, asked)
	})
}

func (c *Courses) importFile(ctx context.Context, uid id.User, data []byte, in NewCourse, asked course.Request) (CourseView, error) {
	read, err := c.files.Read(ctx, data)
	if err != nil {
		return CourseView{}, err
	}
	track := ports.FirstActivity(read)
	if track.Indoor {
		return CourseView{}, errNoTrack
	}
	fixes := track.Fixes()
	if err := course.CheckVertices(len(fixes)); err != nil { // before so many are copied
		return CourseView{}, err
	}
	points := make([]geo.Point, len(fixes))
	altitudes := make([]float64, len(fixes))
	for i, f := range fixes {
		points[i], altitudes[i] = f.Point, f.Altitude
	}
	line, err := geo.NewLine(points)
	if err != nil {
		return CourseView{}, errNoTrack.Because(err)
	}
	if in.Title == "" {
		in.Title = text.Cut(c.letters.NFC(track.Name), course.MaxTitleRunes)
	}
	climb := run.ClimbAlong(points, altitudes)
	return c.publish(ctx, asked, course.Input{
		CreatorID: uid, Route: line,
		Title: in.Title, Description: in.Description, IsPublic: in.IsPublic, Tags: in.Tags,
		ElevationGainMeters: climb.GainMeters, ElevationProfile: climb.Profile,
	})
}

// publish makes a course. What takes time is worked out before the transaction:
// a course that cannot be prepared is not made. What the answer needs is read in
// it: a course that is made is answered as made.
func (c *Courses) publish(ctx context.Context, asked course.Request, in course.Input) (CourseView, error) {
	in.ID, in.Title = id.New[id.CourseKind](c.ids), c.letters.NFC(in.Title)
	line := in.Route
	in.Route = course.WithoutStops(line)
	made, err := course.New(in, c.clock.Now())
	if err != nil {
		return CourseView{}, err
	}
	ready, err := c.prepared.made(ctx, made)
	if err != nil {
		return CourseView{}, err
	}
	if err := c.checkUsable(ctx, ready, line); err != nil {
		return CourseView{}, err
	}
	view := CourseView{Course: made, Sections: ready.Sections(), Rules: c.rules}
	var before id.Course // of the same request, made meanwhile
	err = c.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) (err error) {
		if err := tx.LockUser(ctx, made.CreatorID); err != nil {
			return err
		}
		if before, err = c.madeOf(ctx, tx, made.CreatorID, asked); err != nil || !before.IsZero() {
			return err
		}
		if err := checkQuota(ctx, tx, made); err != nil {
			return err
		}
		if view.Creator, err = tx.Person(ctx, made.CreatorID); err != nil {
			return err
		}
		if err := tx.InsertCourse(ctx, made); err != nil {
			return err
		}
		if asked.Named() {
			err := tx.PutCourseRequest(ctx, ports.CourseRequest{Request: asked, UserID: made.CreatorID, CourseID: made.ID, MadeAt: made.CreatedAt})
			if err != nil {
				return err
			}
		}
		shape := ports.CourseShape{CourseID: made.ID, RuleVersion: c.rules.Version, Sections: view.Sections, Corridor: ports.CorridorAsked}
		if err := tx.PutCourseShape(ctx, shape, made.CreatedAt); err != nil {
			return err
		}
		return tx.Enqueue(ctx, ports.Job{Kind: ports.JobPublishCourse, ID: made.ID.String()})
	})
	if err != nil {
		return CourseView{}, err
	}
	if !before.IsZero() {
		return c.repeated(ctx, made.CreatorID, before)
	}
	hints := c.hints(ctx, made, ready)
	view.Hints = &hints
	return view, nil
}

// checkUsable says whether a course can be completed by who goes along the line that
// it was made from. Faults: course_unusable, server_busy.
func (c *Courses) checkUsable(ctx context.Context, ready *judge.Course, line geo.Line) error {
	release, err := c.prepared.budget.Take(ctx, course.UsableBytes(line.LengthMeters()))
	if err != nil {
		return err
	}
	defer release()
	return course.CheckUsable(ctx, ready, line)
}

// checkQuota says whether somebody may make one more course. Their lock, which the
// caller holds, makes the counts exact.
func checkQuota(ctx context.Context, tx ports.Repo, c course.Course) error {
	all, err := tx.CountCourses(ctx, c.CreatorID)
	if err != nil {
		return err
	}
	today, err := tx.CountNewCourse(ctx, c.CreatorID, c.CreatedAt, course.QuotaPeriod)
	if err != nil {
		return err
	}
	return course.CheckQuota(all, today-1)
}

// Get returns a course that the viewer (zero = not signed in) may see.
func (c *Courses) Get(ctx context.Context, viewer id.User, cid id.Course) (CourseView, error) {
	found, err := c.whole(ctx, viewer, cid)
	if err != nil {
		return CourseView{}, err
	}
	view := CourseView{Course: found, Rules: c.rules}
	if view.Sections, err = c.sections(ctx, cid, func() (*judge.Course, error) { return c.prepared.of(ctx, found) }); err != nil {
		return CourseView{}, err
	}
	view.Creator, err = c.store.Person(ctx, found.CreatorID)
	return view, err
}

// whole is visible with the course's line.
func (c *Courses) whole(ctx context.Context, viewer id.User, cid id.Course) (course.Course, error) {
	found, err := c.store.Course(ctx, cid)
	if err == nil && !found.VisibleTo(viewer) {
		err = course.ErrNotFound
	}
	return found, err
}

// Change alters a course of the user's own. Faults: course_not_found for any
// other, Invalid.
func (c *Courses) Change(ctx context.Context, uid id.User, cid id.Course, ch course.Change) (CourseView, error) {
	view, err := c.before(ctx, uid, cid)
	if err != nil {
		return CourseView{}, err
	}
	err = c.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		found, err := lockOwnCourse(ctx, tx, uid, cid)
		if err != nil {
			return err
		}
		view.Course = found
		ch = c.composed(ch)
		if ch == (course.Change{}) {
			return nil // nothing to change, and no new time of change
		}
		if err := found.Apply(ch, c.clock.Now()); err != nil {
			return err
		}
		view.Course = found
		return tx.SaveCourse(ctx, found)
	})
	if err != nil {
		return CourseView{}, err
	}
	return view, nil
}

// Check returns all that is wrong with what somebody says of a course, new or not.
// Create and Change find it as well.
func (c *Courses) Check(ch course.Change) error { return c.composed(ch).Check() }

// composed returns a change whose title is in composed characters.
func (c *Courses) composed(ch course.Change) course.Change {
	if ch.Title != nil {
		title := c.letters.NFC(*ch.Title)
		ch.Title = &title
	}
	return ch
}

// before is what the answer to a change needs beside the course. It is read
// before the change: nothing may fail that is done. A line changes only when its
// maker leaves, and then the course is no longer theirs to change.
func (c *Courses) before(ctx context.Context, uid id.User, cid id.Course) (view CourseView, err error) {
	access, err := c.store.CourseAccess(ctx, cid)
	if err == nil && !access.OwnedBy(uid) {
		err = course.ErrNotFound
	}
	if err != nil {
		return view, err
	}
	view.Rules = c.rules
	if view.Sections, err = c.sections(ctx, cid, func() (*judge.Course, error) { return c.prepared.stored(ctx, c.store, access) }); err != nil {
		return view, err
	}
	view.Creator, err = c.store.Person(ctx, uid)
	return view, err
}

// Delete removes a course of the user's own, its board and its thumbnail; runs that
// followed it stay as free runs. One that others completed is retired instead:
// course.Retire says what stays, and boards and verdicts do.
func (c *Courses) Delete(ctx context.Context, uid id.User, cid id.Course) error {
	return c.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		maker, err := lockUser(ctx, tx, uid)
		if notFound(err) {
			return course.ErrNotFound
		}
		if err != nil {
			return err
		}
		accounts, err := tx.SocialAccounts(ctx, uid)
		if err != nil {
			return err
		}
		own, err := lockOwnCourse(ctx, tx, uid, cid)
		if err != nil {
			return err
		}
		// Who completed it until now is counted only when it is locked.
		completed, err := tx.CompletedByOthers(ctx, cid, uid)
		if err != nil {
			return err
		}
		p := parting{names: user.NamesOf(c.letters, maker, accounts), now: c.clock.Now()}
		_, _, err = p.part(ctx, tx, own, completed)
		return err
	})
}

func lockOwnCourse(ctx context.Context, tx ports.Courses, uid id.User, cid id.Course) (course.Course, error) {
	found, err := tx.LockCourse(ctx, cid)
	if err == nil && !found.OwnedBy(uid) {
		err = course.ErrNotFound
	}
	return found, err
}

// List returns the courses that match; with after, those behind that key.
func (c *Courses) List(ctx context.Context, q ports.CourseQuery, page ports.Page, after *ports.CourseKey) ([]ports.CourseSummary, int, error) {
	q.TitleContains = c.letters.NFC(q.TitleContains)
	return c.store.ListCourses(ctx, q, page, after)
}

// Mine returns the courses the runner made, newest first.
func (c *Courses) Mine(ctx context.Context, uid id.User, page ports.Page) ([]ports.CourseSummary, int, error) {
	return c.List(ctx, ports.CourseQuery{Viewer: uid, Creator: uid, Sort: ports.NewestFirst}, page, nil)
}

// Nearby returns public courses around a place, nearest first.
func (c *Courses) Nearby(ctx context.Context, q ports.NearbyQuery) ([]ports.NearbyCourse, error) {
	return c.store.NearbyCourses(ctx, q)
}

// InBounds returns public courses in a map's view, the most-run first.
func (c *Courses) InBounds(ctx context.Context, q ports.BoundsQuery) ([]ports.MapCourse, bool, error) {
	return c.store.CoursesInBounds(ctx, q)
}

// MapTile returns a map tile of public courses, a Mapbox Vector Tile.
func (c *Courses) MapTile(ctx context.Context, t maptile.Tile) ([]byte, error) {
	return c.store.MapTile(ctx, t)
}

// Stats returns a course's statistics.
func (c *Courses) Stats(ctx context.Context, viewer id.User, cid id.Course) (stats.Course, error) {
	if _, err := visible(ctx, c.store, viewer, cid); err != nil {
		return stats.Course{}, err
	}
	return c.store.CourseStats(ctx, cid)
}

// Thumbnail returns a course's picture, a PNG, and whether all may see it.
// Faults: course_not_found, blob_not_found until it is rendered.
func (c *Courses) Thumbnail(ctx context.Context, viewer id.User, cid id.Course) (png []byte, public bool, err error) {
	found, err := visible(ctx, c.store, viewer, cid)
	if err != nil {
		return nil, false, err
	}
	if !found.ThumbnailDrawn { // a picture that is there shows what the course no longer is
		return nil, false, errNotDrawn
	}
	png, _, err = c.blobs.Get(ctx, thumbnailKey(cid))
	return png, found.Public, err
}

var errNotDrawn = ports.ErrBlobNotFound.Saying("the picture is not rendered yet")

func thumbnailKey(cid id.Course) string { return "thumbnails/" + cid.String() + ".png" }
