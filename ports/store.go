package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
)

// Store keeps everything. Used directly, each method is atomic on its own;
// within InTx, all calls on the Repo it passes are one transaction.
//
// Every method may fail with an Unavailable fault (store_unavailable) when the
// database is down, locked or full, and with an Internal error otherwise.
// "Not found" is the fault that the method names. Times are kept to the
// microsecond at least and come back in UTC.
type Store interface {
	Repo

	// InTx runs fn in one transaction and commits when it returns nil. It may
	// run fn again when the database asks for it (a serialization failure, a
	// deadlock), so fn must have no effect but through tx. The error of fn comes
	// back as it is; an error of the commit is returned, and nothing is stored.
	InTx(ctx context.Context, fn func(ctx context.Context, tx Repo) error) error

	// AppendChunk stores a chunk if decide says run.Stored. It loads the session
	// with its ledger, locked against every change that could alter the decision
	// (shared with other intermediate chunks when the chunk is one; else
	// exclusively), calls decide with it, and returns only after the commit is
	// durable. decide may be called again. Returns the session as decide gave it.
	// Faults: session_not_found, and whatever decide gives.
	AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (run.Session, run.Acceptance, error)

	// Scrub leaves nothing of what was deleted in the files that the store itself
	// writes. Where a server keeps the files, that is the server's work, and nothing
	// is done. It may be called at any time and as often as one likes. Fault:
	// store_unavailable while somebody reads what was before.
	Scrub(ctx context.Context) error

	// Ping reports whether the store answers and its migrations are applied.
	Ping(ctx context.Context) error
	// Close releases what the store holds. Closing twice is harmless.
	Close() error
}

// Repo is what can be asked of a store, in or out of a transaction. Code that
// queries does not know which.
type Repo interface {
	Users
	UserStatistics
	RefreshTokens
	UsedTokens
	Sessions
	Records
	Courses
	CourseShapes
	Boards
	Enqueuer
}

// Users keeps people and their accounts at identity providers.
type Users interface {
	// FindOrCreateUser returns the user of a social account, making both from
	// fresh when there is none. Any number of calls at once make one user.
	FindOrCreateUser(ctx context.Context, account user.SocialAccount, fresh user.User) (u user.User, created bool, err error)
	// UserOf returns the user of a social account, or user_not_found.
	UserOf(ctx context.Context, provider, providerID string) (id.User, error)
	// User returns a user, or user_not_found.
	User(ctx context.Context, uid id.User) (user.User, error)
	// People returns what others see of users; unknown ids are left out. One query.
	People(ctx context.Context, ids []id.User) (map[id.User]user.Person, error)
	// SaveUser writes nickname, avatar, weight_kg and updated_at. Faults:
	// nickname_taken.
	SaveUser(ctx context.Context, u user.User) error
	// SocialAccounts returns a user's accounts at identity providers, by provider and
	// the id there.
	SocialAccounts(ctx context.Context, uid id.User) ([]user.SocialAccount, error)
	// UserCourses returns the courses a user made, and those they ran on; both by id.
	UserCourses(ctx context.Context, uid id.User) (made []MadeCourse, ran []id.Course, err error)
	// DeleteUser removes a user with everything that is theirs: accounts, tokens,
	// sessions, chunks, records, statistics and board rows. Public courses stay,
	// without a creator. While there is a private one it fails: a course that nobody
	// may see must not be there.
	DeleteUser(ctx context.Context, uid id.User) error
	// LockUser holds the user's row until the transaction ends. Locks are taken
	// in the order session, record, user, course.
	LockUser(ctx context.Context, uid id.User) error
}

// UserStatistics keeps what the processed runs of users add up to: it equals
// what a recomputation from UserRuns gives. Whoever changes it holds the user's
// lock, and counts a run in the transaction that makes it processed, or deletes it.
type UserStatistics interface {
	// UserStats returns a user's statistics as they are kept, all of one moment.
	// Somebody without runs, or unknown, has zeros.
	UserStats(ctx context.Context, uid id.User) (stats.User, error)
	// CountRuns adds sums to those that are kept of a user's periods; negative
	// ones take runs away again. The sum of all times goes to total_runs and
	// total_distance_meters as well.
	CountRuns(ctx context.Context, uid id.User, sums []stats.PeriodSum, now time.Time) error
	// OfferBests keeps those bests that are before the user's one of their length
	// (stats.Best.Before), or the first of it.
	OfferBests(ctx context.Context, uid id.User, bests []stats.Best, now time.Time) error
	// DropBests forgets the user's bests that a run holds, and reports whether
	// there were any.
	DropBests(ctx context.Context, uid id.User, rid id.Record) (dropped bool, err error)
	// UserRuns returns what a runner's statistics are made of: all processed
	// records, newest first.
	UserRuns(ctx context.Context, uid id.User) ([]stats.Run, error)
}

// RefreshTokens keeps the refresh tokens of users. Whoever changes them in a
// transaction holds the user's lock.
type RefreshTokens interface {
	// InsertRefreshToken stores a new token. Of a family one at most is active.
	InsertRefreshToken(ctx context.Context, t auth.Refresh) error
	// RefreshToken returns a token, or auth.ErrInvalid.
	RefreshToken(ctx context.Context, row id.Refresh) (auth.Refresh, error)
	// UseRefreshToken writes what Refresh.Use says of a used token, and forgets the
	// sealed copy of it that the token before keeps.
	UseRefreshToken(ctx context.Context, used auth.Refresh) error
	// RevokeFamily revokes what is left of a family; of one that has ended, nothing.
	RevokeFamily(ctx context.Context, family id.Family, now time.Time) error
	// RevokeUser revokes all tokens of a user, and has access tokens that were
	// issued up to now refused (tokens_valid_after).
	RevokeUser(ctx context.Context, uid id.User, now time.Time) error
	// NoteIssued notes that an access token was issued to a user at a time; the
	// newest is kept (tokens_issued_until).
	NoteIssued(ctx context.Context, uid id.User, at time.Time) error
	// SignIns returns up to limit token families of a user that are still known,
	// with a token or without, by id, behind after.
	SignIns(ctx context.Context, uid id.User, after id.Family, limit int) ([]auth.SignIn, error)
	// PurgeRefreshTokens deletes tokens that expired before a time, forgets the
	// sealed copies of tokens used before another, and returns how many tokens went.
	PurgeRefreshTokens(ctx context.Context, expiredBefore, usedBefore time.Time) (int, error)
}

// UsedTokens remembers the tokens of identity providers that are good for one
// sign-in, for all processes.
type UsedTokens interface {
	// UseToken marks a token as used and reports whether it was not before. Of any
	// number of transactions that mark one, one that commits is the first. The mark
	// is kept until a time that is no earlier than the token's end.
	UseToken(ctx context.Context, token auth.TokenHash, until time.Time) (first bool, err error)
	// PurgeUsedTokens forgets tokens that were kept until before a time, and returns
	// how many went.
	PurgeUsedTokens(ctx context.Context, before time.Time) (int, error)
}

// Sessions keeps run sessions and their chunks.
type Sessions interface {
	// InsertSession stores a new session. When the owner already has one with the
	// same ClientSessionID, nothing is stored and that one comes back, with
	// inserted false.
	InsertSession(ctx context.Context, s run.Session) (stored run.Session, inserted bool, err error)
	// Session returns a session with its ledger, or session_not_found.
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	// LockSession is Session, holding the row exclusively until the transaction ends.
	LockSession(ctx context.Context, sid id.Session) (run.Session, error)
	// SaveSession writes a session's status, record, times of activity and end.
	SaveSession(ctx context.Context, s run.Session) error
	// ListSessions returns a user's sessions, newest first (started_at, then id,
	// both descending), with their ledgers, and how many there are in all. An
	// empty status means any. No query per row.
	ListSessions(ctx context.Context, owner id.User, status run.Status, page Page) ([]run.Session, int, error)
	// SessionsOf returns up to limit of a user's sessions, by id, behind after, with
	// their ledgers: a walk that nothing that is added meanwhile disturbs.
	SessionsOf(ctx context.Context, owner id.User, after id.Session, limit int) ([]run.Session, error)
	// Chunks returns all stored chunks of a session by sequence.
	Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error)
	// ActiveSessions returns up to limit of a user's active sessions that are not
	// imported, the longest active first.
	ActiveSessions(ctx context.Context, owner id.User, limit int) ([]id.Session, error)
	// NthImport returns when the n-th newest of a user's imported sessions was
	// made; the zero time when there are fewer.
	NthImport(ctx context.Context, owner id.User, n int) (time.Time, error)
	// DropOpenSession deletes a session with its chunks, unless it has its record
	// or is not there.
	DropOpenSession(ctx context.Context, sid id.Session) error
	// SilentSessions returns up to limit active sessions with neither a chunk nor
	// a creation or resume since the given time, in the order of their ids, from
	// after one of them.
	SilentSessions(ctx context.Context, since time.Time, after id.Session, limit int) ([]id.Session, error)
	// PurgeChunks deletes the chunks of sessions abandoned before the given time
	// and returns how many chunks went.
	PurgeChunks(ctx context.Context, abandonedBefore time.Time) (int, error)
}

// Records keeps run records.
type Records interface {
	// InsertRecord stores a new record.
	InsertRecord(ctx context.Context, r run.Record) error
	// Record returns a whole record, or run_not_found.
	Record(ctx context.Context, rid id.Record) (run.Record, error)
	// LockRecord is Record, holding the row exclusively until the transaction ends.
	LockRecord(ctx context.Context, rid id.Record) (run.Record, error)
	// RecordProcessing returns how far a record's jobs have come; cheap enough to poll.
	RecordProcessing(ctx context.Context, rid id.Record) (run.Processing, error)
	// SaveRecord writes what may change: title, processing, result and verdict.
	SaveRecord(ctx context.Context, r run.Record) error
	// DeleteRecord removes a record, its session and its chunks.
	DeleteRecord(ctx context.Context, rid id.Record) error
	// ListRecords returns the records that a query matches, newest first
	// (finished_at, then id, both descending), and how many there are in all. With
	// q.After, the records behind that key; else the page. Route, profile, splits,
	// pauses and verdict are not read: they come back empty.
	ListRecords(ctx context.Context, q RecordQuery) ([]run.Record, int, error)
	// RunsOn returns up to limit processed records on a course, by id, behind after.
	RunsOn(ctx context.Context, cid id.Course, after id.Record, limit int) ([]id.Record, error)
	// CoursesWithRuns returns up to limit courses with records on them, by id,
	// behind after.
	CoursesWithRuns(ctx context.Context, after id.Course, limit int) ([]id.Course, error)
	// TrackTaken reports whether another user's record has this track digest.
	TrackTaken(ctx context.Context, digest run.Digest, except id.User) (bool, error)
}

// Courses keeps courses and finds them.
type Courses interface {
	// InsertCourse stores a new course. One that is private and nobody's is refused,
	// here as wherever else it might come about.
	InsertCourse(ctx context.Context, c course.Course) error
	// InsertCourses stores many new courses in few statements.
	InsertCourses(ctx context.Context, courses []course.Course) error
	// Course returns a whole course, or course_not_found.
	Course(ctx context.Context, cid id.Course) (course.Course, error)
	// LockCourse holds a course's row until the transaction ends, or course_not_found.
	LockCourse(ctx context.Context, cid id.Course) (course.Course, error)
	// SaveCourse writes title, description, visibility, tags, thumbnail and updated_at.
	SaveCourse(ctx context.Context, c course.Course) error
	// ReplaceRoute writes a course's line, and all that a course has of its line: the
	// run it was made of, start, length, profile, climb, estimated duration and
	// thumbnail; and updated_at. Whatever finds courses by their line finds the new
	// one, and the shape of the old one is gone.
	ReplaceRoute(ctx context.Context, c course.Course) error
	// DeleteCourse removes a course with its board and statistics. Runs and
	// sessions that followed it stay, as free runs: every course field null.
	DeleteCourse(ctx context.Context, cid id.Course) error
	// CountCourses returns how many courses somebody has.
	CountCourses(ctx context.Context, creator id.User) (int, error)
	// CountNewCourse counts one more course that somebody makes, and returns how many
	// they have made in their day, with it and with those that are deleted again. A
	// day begins with the first course after the day before.
	CountNewCourse(ctx context.Context, creator id.User, now time.Time, day time.Duration) (int, error)
	// ListCourses returns the courses a query matches, in its order, and how many
	// there are in all; of more than 2,000 it may be the number of 10 seconds ago.
	// With after, the courses behind that key; else the page. Route and profile
	// are not read.
	ListCourses(ctx context.Context, q CourseQuery, page Page, after *CourseKey) ([]CourseCard, int, error)
	// NearbyCourses returns public courses within the radius, nearest first, then
	// by id. Distances are geodesic, to the start or, with WholeRoute, to the
	// nearest place of the line. Route and profile are not read.
	NearbyCourses(ctx context.Context, q NearbyQuery) ([]NearbyCourse, error)
	// CoursesInBounds returns public courses that start in the box or, with
	// WholeRoute, have a part of their line in it: by course.Prominence, then by id;
	// truncated says that more than the limit matched.
	CoursesInBounds(ctx context.Context, q BoundsQuery) (found []CourseCard, truncated bool, err error)
	// MapTile returns a Mapbox Vector Tile (version 2) of the public courses of a
	// tile, as ports.MapContent says. An empty tile has no bytes.
	MapTile(ctx context.Context, t maptile.Tile) ([]byte, error)
}

// Boards keeps rankings and course statistics. All numbers here equal what a
// recomputation from the records gives.
type Boards interface {
	// LockBoard holds a course's row until the transaction ends, as whoever changes
	// its board or statistics must, and returns its length. Fault: course_not_found.
	LockBoard(ctx context.Context, cid id.Course) (distanceMeters int, err error)
	// Attempts returns all processed runs of a runner on a course.
	Attempts(ctx context.Context, cid id.Course, uid id.User) ([]ranking.Attempt, error)
	// PutRanking stores a user's row of a period's board, or replaces it.
	PutRanking(ctx context.Context, r ranking.Row, now time.Time) error
	// DropRanking removes a user's row of a period's board, if there is one.
	DropRanking(ctx context.Context, cid id.Course, uid id.User, p ranking.Period) error
	// CacheRanks writes the ranks of a short board of all times to its rows, for
	// who reads the table; those of a long one are counted when it is read.
	CacheRanks(ctx context.Context, cid id.Course) error
	// Board returns rows of a board in the order asked for, with their ranks by
	// time, and how many there are in all, of one moment. With q.After, the rows
	// behind that key; else the page.
	Board(ctx context.Context, q BoardQuery) ([]BoardRow, int, error)
	// BoardAround returns up to n rows before and n after a user's row, with it,
	// in the order of time, and the number of all rows. Empty when the user is
	// not ranked.
	BoardAround(ctx context.Context, cid id.Course, p ranking.Period, uid id.User, n int) ([]BoardRow, int, error)
	// PaceBoards makes the paces on all boards of a course those over a length.
	PaceBoards(ctx context.Context, cid id.Course, distanceMeters int, now time.Time) error
	// UserRankings returns up to limit rows of a user on any board, by course, span
	// and first day, behind after (nil for all). Ranks are not counted.
	UserRankings(ctx context.Context, uid id.User, after *RankingKey, limit int) ([]ranking.Row, error)
	// CourseTotals counts a course's processed records, one by one.
	CourseTotals(ctx context.Context, cid id.Course) (stats.CourseTotals, error)
	// PutCourseStats stores a course's statistics row, or replaces it.
	PutCourseStats(ctx context.Context, s stats.Course) error
	// CourseStats returns a course's statistics row; a course without one gives
	// an empty row of zeros.
	CourseStats(ctx context.Context, cid id.Course) (stats.Course, error)
}

// BoardQuery asks for a stretch of the board of a period.
type BoardQuery struct {
	CourseID id.Course
	Period   ranking.Period
	Sort     ranking.Sort // by time when empty
	Page     Page
	After    *BoardKey
}

// RecordQuery asks for a stretch of a user's history.
type RecordQuery struct {
	Owner    id.User
	CourseID id.Course // zero for runs anywhere
	Page     Page
	After    *RecordKey
}

// MadeCourse is a course of a user who leaves.
type MadeCourse struct {
	ID                id.Course
	CompletedByOthers bool // there is a record of somebody else who completed it
}

// Page is a stretch of a list.
type Page struct {
	Offset int // rows skipped
	Limit  int // rows wanted, at least 1
}

// CourseSort is an order of courses.
type CourseSort string

// The orders of a list of courses.
const (
	NewestFirst  CourseSort = "newest"   // created_at, then id, both descending
	PopularFirst CourseSort = "popular"  // course.Prominence, then id, both descending
	ByDistance   CourseSort = "distance" // distance_meters, then id
)

// CourseKey is a course's place in a list of any order.
type CourseKey struct {
	CreatedAt      time.Time
	TotalRuns      int
	DistanceMeters int
	ID             id.Course
}

// CourseQuery says which courses a list has. Zero fields do not filter.
type CourseQuery struct {
	Viewer            id.User // sees their own private courses beside the public ones
	Creator           id.User
	Tag               string
	TitleContains     string // without regard to case (course.FoldTitle); no wildcards
	MinDistanceMeters *int
	MaxDistanceMeters *int
	Sort              CourseSort
}

// NearbyQuery asks for courses around a place.
type NearbyQuery struct {
	Center       geo.Point
	RadiusMeters float64
	Limit        int
	WholeRoute   bool
}

// BoundsQuery asks for courses in a map's view.
type BoundsQuery struct {
	Bounds     geo.Bounds
	Limit      int
	WholeRoute bool
}

// CourseCard is a course in a list: without its line and profile.
type CourseCard struct {
	course.Course // Route and ElevationProfile are zero
	Start         geo.Point
	TotalRuns     int
}

// NearbyCourse is a card with its geodesic distance.
type NearbyCourse struct {
	CourseCard
	DistanceM float64 // metres from the asked place
}

// RecordKey is a record's place in a runner's history.
type RecordKey struct {
	FinishedAt time.Time
	ID         id.Record
}

// RankingKey is a row's place among those of one user.
type RankingKey struct {
	CourseID id.Course
	Period   ranking.Period
}

// BoardKey is a row's place in the orders of a board.
type BoardKey struct {
	RunCount            int // needed by ranking.MostRuns alone
	BestDurationSeconds int
	AchievedAt          time.Time
	UserID              id.User
}

// BoardRow is a row of a board with the person.
type BoardRow struct {
	ranking.Row
	Person user.Person
}
