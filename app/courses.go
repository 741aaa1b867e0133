package app

import (
	"context"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
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
	Deps
	rules    judge.Rules
	prepared *prepared
}

// NewCourse is what a creator says of a course.
type NewCourse struct {
	Title       string
	Description string
	IsPublic    bool
	Tags        []string
}

// CourseView is a course with its creator and with what the judge will hold
// runners to.
type CourseView struct {
	course.Course
	Creator  user.Person // zero when the account is gone
	Sections []judge.Section
	Rules    judge.Rules
	Hints    *Hints // nil but for a course just made
}

// CardView is a course in a list with its creator.
type CardView struct {
	ports.CourseCard
	Creator user.Person
}

// Create makes a course of the runner's own run. Faults: run_not_found,
// course_too_short, Invalid.
func (c *Courses) Create(ctx context.Context, uid id.User, rid id.Record, in NewCourse) (CourseView, error) {
	rec, err := c.Store.Record(ctx, rid)
	if err != nil {
		return CourseView{}, err
	}
	if rec.UserID != uid {
		return CourseView{}, ErrRunNotFound
	}
	line, err := geo.NewLine(geo.Thin(rec.Route, course.MaxVertices))
	if err != nil {
		return CourseView{}, course.ErrTooShort.Because(err)
	}
	duration := rec.DurationSeconds
	return c.publish(ctx, course.Input{
		CreatorID: uid, RunRecordID: rid, Route: line,
		Title: in.Title, Description: in.Description, IsPublic: in.IsPublic, Tags: in.Tags,
		EstimatedDurationSeconds: &duration,
		ElevationGainMeters:      rec.ElevationGainMeters, ElevationProfile: rec.ElevationProfile,
	})
}

// Import makes a course of a GPX file, with or without times. Faults: those of
// ports.TrackFiles.Read and Create.
func (c *Courses) Import(ctx context.Context, uid id.User, data []byte, in NewCourse) (CourseView, error) {
	track, err := c.Files.Read(ctx, data)
	if err != nil {
		return CourseView{}, err
	}
	if err := course.CheckVertices(len(track.Fixes)); err != nil { // before so many are copied
		return CourseView{}, err
	}
	points := make([]geo.Point, len(track.Fixes))
	altitudes := make([]float64, len(track.Fixes))
	for i, f := range track.Fixes {
		points[i], altitudes[i] = f.Point, f.Altitude
	}
	line, err := geo.NewLine(points)
	if err != nil {
		return CourseView{}, errNoTrack.Because(err)
	}
	if in.Title == "" {
		in.Title = text.Cut(c.Letters.NFC(track.Name), course.MaxTitleRunes)
	}
	climb := run.ClimbAlong(points, altitudes)
	return c.publish(ctx, course.Input{
		CreatorID: uid, Route: line,
		Title: in.Title, Description: in.Description, IsPublic: in.IsPublic, Tags: in.Tags,
		ElevationGainMeters: climb.GainMeters, ElevationProfile: climb.Profile,
	})
}

// publish makes a course. What takes time is worked out before the transaction:
// a course that cannot be prepared is not made.
func (c *Courses) publish(ctx context.Context, in course.Input) (CourseView, error) {
	in.ID, in.Title = id.New[id.CourseKind](c.IDs), c.Letters.NFC(in.Title)
	made, err := course.New(in, c.Clock.Now())
	if err != nil {
		return CourseView{}, err
	}
	ready, err := c.prepared.made(ctx, made)
	if err != nil {
		return CourseView{}, err
	}
	sections := ready.Sections()
	err = c.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if err := checkQuota(ctx, tx, made); err != nil {
			return err
		}
		if err := tx.InsertCourse(ctx, made); err != nil {
			return err
		}
		shape := ports.CourseShape{CourseID: made.ID, RuleVersion: c.rules.Version, Sections: sections, Corridor: ports.CorridorAsked}
		if err := tx.PutCourseShape(ctx, shape, made.CreatedAt); err != nil {
			return err
		}
		return tx.Enqueue(ctx, ports.Job{Kind: ports.JobPublishCourse, ID: made.ID.String()})
	})
	if err != nil {
		return CourseView{}, err
	}
	view, err := c.view(ctx, made, sections)
	hints := c.hints(ctx, made, ready)
	view.Hints = &hints
	return view, err
}

// checkQuota says whether somebody may make one more course. Their lock makes the
// counts exact.
func checkQuota(ctx context.Context, tx ports.Repo, c course.Course) error {
	if err := tx.LockUser(ctx, c.CreatorID); err != nil {
		return err
	}
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
	found, err := visible(ctx, c.Store, viewer, cid)
	if err != nil {
		return CourseView{}, err
	}
	return c.viewOf(ctx, found)
}

// viewOf is view with the sections that are kept.
func (c *Courses) viewOf(ctx context.Context, found course.Course) (CourseView, error) {
	sections, err := c.sections(ctx, found)
	if err != nil {
		return CourseView{}, err
	}
	return c.view(ctx, found, sections)
}

func (c *Courses) view(ctx context.Context, found course.Course, sections []judge.Section) (CourseView, error) {
	creator, err := person(ctx, c.Store, found.CreatorID)
	return CourseView{Course: found, Creator: creator, Sections: sections, Rules: c.rules}, err
}

// visible returns a course that the viewer may see; else course_not_found.
func visible(ctx context.Context, repo ports.Repo, viewer id.User, cid id.Course) (course.Course, error) {
	found, err := repo.Course(ctx, cid)
	if err == nil && !found.VisibleTo(viewer) {
		err = course.ErrNotFound
	}
	return found, err
}

// Change alters a course of the user's own. Faults: course_not_found for any
// other, Invalid.
func (c *Courses) Change(ctx context.Context, uid id.User, cid id.Course, ch course.Change) (CourseView, error) {
	var changed course.Course
	err := c.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		found, err := lockOwnCourse(ctx, tx, uid, cid)
		if err != nil {
			return err
		}
		changed = found
		if ch.Title != nil {
			title := c.Letters.NFC(*ch.Title)
			ch.Title = &title
		}
		if ch == (course.Change{}) {
			return nil // nothing to change, and no new time of change
		}
		if err := found.Apply(ch, c.Clock.Now()); err != nil {
			return err
		}
		changed = found
		return tx.SaveCourse(ctx, found)
	})
	if err != nil {
		return CourseView{}, err
	}
	return c.viewOf(ctx, changed)
}

// Delete removes a course of the user's own, its board and its thumbnail. Runs
// that followed it stay as free runs.
func (c *Courses) Delete(ctx context.Context, uid id.User, cid id.Course) error {
	return c.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if _, err := lockOwnCourse(ctx, tx, uid, cid); err != nil {
			return err
		}
		return dropCourse(ctx, tx, cid)
	})
}

// dropCourse deletes a course; a job removes its picture.
func dropCourse(ctx context.Context, tx ports.Repo, cid id.Course) error {
	if err := tx.DeleteCourse(ctx, cid); err != nil {
		return err
	}
	return tx.Enqueue(ctx, ports.Job{Kind: ports.JobPublishCourse, ID: cid.String()})
}

func lockOwnCourse(ctx context.Context, tx ports.Repo, uid id.User, cid id.Course) (course.Course, error) {
	found, err := tx.LockCourse(ctx, cid)
	if err == nil && !found.OwnedBy(uid) {
		err = course.ErrNotFound
	}
	return found, err
}

// List returns the courses that match, with their creators; with after, those
// behind that key.
func (c *Courses) List(ctx context.Context, q ports.CourseQuery, page ports.Page, after *ports.CourseKey) ([]CardView, int, error) {
	q.TitleContains = c.Letters.NFC(q.TitleContains)
	cards, total, err := c.Store.ListCourses(ctx, q, page, after)
	if err != nil {
		return nil, 0, err
	}
	views, err := c.withCreators(ctx, cards)
	return views, total, err
}

// Mine returns the courses the runner made, newest first.
func (c *Courses) Mine(ctx context.Context, uid id.User, page ports.Page) ([]CardView, int, error) {
	return c.List(ctx, ports.CourseQuery{Viewer: uid, Creator: uid, Sort: ports.NewestFirst}, page, nil)
}

func (c *Courses) withCreators(ctx context.Context, cards []ports.CourseCard) ([]CardView, error) {
	var ids []id.User
	for _, card := range cards {
		if !card.CreatorID.IsZero() {
			ids = append(ids, card.CreatorID)
		}
	}
	people, err := c.Store.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]CardView, len(cards))
	for i, card := range cards {
		views[i] = CardView{CourseCard: card, Creator: people[card.CreatorID]}
	}
	return views, nil
}

// NearbyView is a card with its distance from the place asked for.
type NearbyView struct {
	CardView
	DistanceM float64
}

// Nearby returns public courses around a place, nearest first.
func (c *Courses) Nearby(ctx context.Context, q ports.NearbyQuery) ([]NearbyView, error) {
	found, err := c.Store.NearbyCourses(ctx, q)
	if err != nil {
		return nil, err
	}
	cards := make([]ports.CourseCard, len(found))
	for i, f := range found {
		cards[i] = f.CourseCard
	}
	views, err := c.withCreators(ctx, cards)
	if err != nil {
		return nil, err
	}
	out := make([]NearbyView, len(found))
	for i, v := range views {
		out[i] = NearbyView{CardView: v, DistanceM: found[i].DistanceM}
	}
	return out, nil
}

// InBounds returns public courses in a map's view, the most-run first.
func (c *Courses) InBounds(ctx context.Context, q ports.BoundsQuery) ([]ports.CourseCard, bool, error) {
	return c.Store.CoursesInBounds(ctx, q)
}

// MapTile returns a map tile of public courses, a Mapbox Vector Tile.
func (c *Courses) MapTile(ctx context.Context, t maptile.Tile) ([]byte, error) {
	return c.Store.MapTile(ctx, t)
}

// Stats returns a course's statistics.
func (c *Courses) Stats(ctx context.Context, viewer id.User, cid id.Course) (stats.Course, error) {
	if _, err := visible(ctx, c.Store, viewer, cid); err != nil {
		return stats.Course{}, err
	}
	return c.Store.CourseStats(ctx, cid)
}

// Track returns a course's line; its points have no times.
func (c *Courses) Track(ctx context.Context, viewer id.User, cid id.Course) (ports.Track, error) {
	found, err := visible(ctx, c.Store, viewer, cid)
	if err != nil {
		return ports.Track{}, err
	}
	t := ports.Track{Name: found.Title, Fixes: make([]ports.TrackFix, found.Route.Len())}
	for i := range t.Fixes {
		t.Fixes[i] = ports.TrackFix{
			Point: found.Route.At(i), Altitude: run.Absent,
			HeartRate: run.Absent, Cadence: run.Absent, Speed: run.Absent,
		}
	}
	return t, nil
}

// Thumbnail returns a course's picture, a PNG, and whether all may see it.
// Faults: course_not_found, blob_not_found until it is rendered.
func (c *Courses) Thumbnail(ctx context.Context, viewer id.User, cid id.Course) (png []byte, public bool, err error) {
	found, err := visible(ctx, c.Store, viewer, cid)
	if err != nil {
		return nil, false, err
	}
	if !found.ThumbnailDrawn { // a picture that is there shows what the course no longer is
		return nil, false, errNotDrawn
	}
	png, _, err = c.Blobs.Get(ctx, thumbnailKey(cid))
	return png, found.IsPublic, err
}

var errNotDrawn = fault.New(fault.NotFound, "blob_not_found", "the picture is not rendered yet")

func thumbnailKey(cid id.Course) string { return "thumbnails/" + cid.String() + ".png" }
