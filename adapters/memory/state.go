package memory

import (
	"strings"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// The keys of tables that no single id names.
type (
	accountKey struct{ provider, providerID string }
	clientKey  struct {
		owner           id.User
		clientSessionID string
	}
	chunkKey struct {
		session  id.Session
		sequence int
	}
	placeKey struct {
		boardKey
		user id.User
	}
	boardKey struct {
		course id.Course
		period ranking.Period
	}
)

// sessionRow is a session; its snapshot's ledger is kept up to date.
type sessionRow struct {
	run.SessionSnapshot
	entries []run.Entry // what the ledger is made of; never written, only replaced
}

// accountRow is an account at an identity provider.
type accountRow struct {
	user.SocialAccount
	owner id.User
}

// sumRow is what a user's runs of a period add up to.
type sumRow struct {
	user id.User
	stats.PeriodSum
}

type sumKey struct {
	user   id.User
	period ranking.Period
}

func (s sumRow) key() sumKey { return sumKey{s.user, s.Period} }

// bestRow is a user's best of a length.
type bestRow struct {
	user id.User
	stats.Best
}

type bestKey struct {
	user   id.User
	meters float64
}

func (b bestRow) key() bestKey { return bestKey{b.user, b.DistanceMeters} }

// courseRow is a course with what finds it.
type courseRow struct {
	course.Course
	folded string // the title in lower case
	sphere sphere
}

func courseRowOf(c course.Course) courseRow {
	return courseRow{Course: c, folded: strings.ToLower(c.Title), sphere: sphereOf(c.Route)}
}

// indexes find rows by what they belong to.
type indexes struct {
	accountsOf      *index[accountKey, id.User, accountRow]
	sessionsOf      *index[id.Session, id.User, sessionRow]
	sessionsIn      *index[id.Session, run.Status, sessionRow]
	sessionsOn      *index[id.Session, id.Course, sessionRow]
	recordsOf       *index[id.Record, id.User, run.Record]
	recordsOn       *index[id.Record, id.Course, run.Record]
	recordsOfTrack  *index[id.Record, run.Digest, run.Record]
	recordsOfEdit   *index[id.Record, run.Digest, run.Record]
	coursesOfRecord *index[id.Course, id.Record, courseRow]
	coursesOf       *index[id.Course, id.User, courseRow]
	requestsOf      *index[requestKey, id.User, ports.CourseRequest]
	requestsFor     *index[requestKey, id.Course, ports.CourseRequest]
	boards          *index[placeKey, boardKey, ranking.Row]
	placesOn        *index[placeKey, id.Course, ranking.Row]
	placesOf        *index[placeKey, id.User, ranking.Row]
	sumsOf          *index[sumKey, id.User, sumRow]
	bestsOf         *index[bestKey, id.User, bestRow]
	tokensOf        *index[id.Refresh, id.User, auth.Refresh]
}

// snapshot is everything as one transaction sees it. Without changes it is what is
// committed.
type snapshot struct {
	users          view[id.User, user.User]
	accounts       view[accountKey, accountRow]
	nicknames      view[string, id.User]
	sessions       view[id.Session, sessionRow]
	clientSessions view[clientKey, id.Session]
	chunks         view[chunkKey, run.Chunk]
	records        view[id.Record, run.Record]
	sessionRecords view[id.Session, id.Record]
	courses        view[id.Course, courseRow]
	shapes         view[id.Course, ports.CourseShape]
	quotas         view[id.User, quotaRow]
	requests       view[requestKey, ports.CourseRequest]
	rankings       view[placeKey, ranking.Row]
	stats          view[id.Course, stats.Course]
	sums           view[sumKey, sumRow]
	bests          view[bestKey, bestRow]
	tokens         view[id.Refresh, auth.Refresh]
	usedTokens     view[auth.TokenHash, time.Time]

	indexes
	jobs []ports.Job // to be added to the queue
}

// tables lists the tables. A table stands here and in snapshot, and nowhere else.
func (x *snapshot) tables() []tabular {
	return []tabular{
		&x.users, &x.accounts, &x.nicknames, &x.sessions,
		&x.clientSessions, &x.chunks, &x.records, &x.sessionRecords,
		&x.courses, &x.shapes, &x.quotas, &x.requests, &x.rankings,
		&x.stats, &x.sums, &x.bests, &x.tokens,
		&x.usedTokens,
	}
}

// empty makes what is committed when nothing is.
func empty() *snapshot {
	x := &snapshot{}
	for _, t := range x.tables() {
		t.make()
	}
	x.indexes = indexes{
		accountsOf:      indexOn(&x.accounts, func(a accountRow) id.User { return a.owner }),
		sessionsOf:      indexOn(&x.sessions, func(s sessionRow) id.User { return s.UserID }),
		sessionsIn:      indexOn(&x.sessions, func(s sessionRow) run.Status { return s.Status }),
		sessionsOn:      indexOn(&x.sessions, func(s sessionRow) id.Course { return s.CourseID }),
		recordsOf:       indexOn(&x.records, func(r run.Record) id.User { return r.UserID }),
		recordsOn:       indexOn(&x.records, func(r run.Record) id.Course { return r.CourseID }),
		recordsOfTrack:  indexOn(&x.records, func(r run.Record) run.Digest { return r.TrackDigest }),
		recordsOfEdit:   indexOn(&x.records, func(r run.Record) run.Digest { return r.EditedDigest }),
		coursesOfRecord: indexOn(&x.courses, func(c courseRow) id.Record { return c.RunRecordID }),
		coursesOf:       indexOn(&x.courses, func(c courseRow) id.User { return c.CreatorID }),
		requestsOf:      indexOn(&x.requests, func(q ports.CourseRequest) id.User { return q.UserID }),
		requestsFor:     indexOn(&x.requests, func(q ports.CourseRequest) id.Course { return q.CourseID }),
		boards:          indexOn(&x.rankings, func(r ranking.Row) boardKey { return boardKey{r.CourseID, r.Period} }),
		placesOn:        indexOn(&x.rankings, func(r ranking.Row) id.Course { return r.CourseID }),
		placesOf:        indexOn(&x.rankings, func(r ranking.Row) id.User { return r.UserID }),
		sumsOf:          indexOn(&x.sums, func(s sumRow) id.User { return s.user }),
		bestsOf:         indexOn(&x.bests, func(b bestRow) id.User { return b.user }),
		tokensOf:        indexOn(&x.tokens, func(t auth.Refresh) id.User { return t.UserID }),
	}
	return x
}

// view returns what is committed as a transaction sees it when it begins.
func (x *snapshot) view() *snapshot {
	begun := *x
	return &begun
}

func (x *snapshot) commit() {
	for _, t := range x.tables() {
		t.commit()
	}
}

// stamp returns a time as every store keeps it: UTC, whole microseconds.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// sphere bounds a line in space.
type sphere struct {
	center geo.Vector
	radius float64
}

func sphereOf(l geo.Line) sphere {
	var s sphere
	n := float64(l.Len())
	for i := range l.Len() {
		v := l.At(i).Vector()
		s.center.X, s.center.Y, s.center.Z = s.center.X+v.X/n, s.center.Y+v.Y/n, s.center.Z+v.Z/n
	}
	longest := 0.0
	for i := range l.Len() {
		v := l.At(i).Vector()
		s.radius = max(s.radius, v.Sub(s.center).Norm())
		if i > 0 {
			longest = max(longest, v.Sub(l.At(i-1).Vector()).Norm())
		}
	}
	// Between its points a line leaves the ball by no more than its sag:
	// R - √(R² - L²/4) ≤ L²/4R, with the smallest R there is.
	s.radius += longest * longest / (4 * 6_335_000)
	return s
}

// beyond reports whether the line is certainly farther from v than a distance:
// a chord is never longer than its geodesic.
func (s sphere) beyond(v geo.Vector, meters float64) bool {
	return v.Sub(s.center).Norm()-s.radius > meters
}
