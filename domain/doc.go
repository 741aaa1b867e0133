// Package domain is the root of RUNVS's rules. It holds no code; this page is
// the glossary and the map.
//
// Everything below imports the standard library only, reads no clock, does no
// I/O and draws no random number: the same input gives the same output on a
// server, in a test and in a client.
//
// Glossary (Korean term = name in code, JSON and tables):
//
//	런 세션 = session
//	청크 = chunk
//	런 기록 = record
//	코스 = course
//	이탈 = deviation
//	일치율 = route match percent
//	완주 = completed
//	직선/곡선 구간 = section
//	랭킹 = ranking
//	스플릿 = split
//	누적 = cumulative
//	고도 프로필 = elevation profile
//	복구 = recover
//	탈취 감지 = theft
//	썸네일 = thumbnail
//	주변 = nearby
//	뷰포트 = bounds
//
// Words of our own, and words that mean something special here:
//
//	aligned: a fix whose place along the course is known
//	appear: a worker process shows the others that it lives
//	aside: a job set aside is tried no more until somebody decides
//	attempt: one way through a run from the start gate to the finish gate
//	board: the ranking of one course for one period
//	body: what of a runner's body energy and heart-rate zones depend on
//	break: a time between two parts of a run, in which neither metres nor seconds count
//	claim: what a client says of a run; compared, never believed
//	corridor: the area beside a course in which nobody is warned
//	crowded: a session so full that its chunks are decided on one after another
//	declared: a break that the phone sent, or that stands in a file
//	desk: where people look at jobs that wait or were set aside, and decide
//	duplicate: another device's recording of a run that is there already
//	effort: the fastest stretch of a length, or one timed way over a course
//	family: the refresh tokens of one sign-in on one device
//	farewell: telling an identity provider that somebody left
//	fault: an error that a client is told of, with its kind and code
//	gap: a break without fixes that nobody can have run through; also a range of chunks that are missing
//	gate: an end of a course, with the line across it that a runner passes
//	heir: the duplicate that counts when the record it was one of is gone
//	hint: what the maker of a course should know before others run it
//	hold: to lock a course for a change, and note the standing on it
//	joint: where a recording goes from one piece to the next
//	leap: a step of a track or along a course that was not run
//	ledger: the list of a session's stored chunks, without their fixes
//	leg: the way from one fix or vertex to the next
//	moment: a time that is never before what has happened already
//	orphan: a public course whose maker left; also a job whose process died
//	outline: a small copy of a line that bounds distances to it
//	part: a stretch of a run that was recorded without a break
//	pass: one way of a course through a place
//	person: what others see of a user
//	piece: the fixes between two steps of a recording's clock
//	presence: the lock by which a worker process shows that it lives
//	progress: metres along the course
//	prominence: the order of courses on a map; the most-run come first
//	reaper: ends sessions that have been silent for long
//	receipt: the answer to a stored chunk
//	rejudge: to judge stored runs again by today's rules
//	replayed: sent again, the same, and not stored again
//	retired: a course that its maker gave up; its board is closed, and stays as it is
//	scribble: a line that comes through one place too often to be a course
//	seal: a token's successor, encrypted so that the old secret alone opens it
//	settle: to do what follows a run or a change: verdict, board, statistics
//	shape: what is drawn and looked up of a course, made from its line
//	silent: a session that no chunk has reached for long
//	slack: how far a value may differ and still count as equal
//	source: what a file says of a run beside its fixes
//	span: how long a board looks back; also a stretch of time
//	spike: a single fix that nobody can have reached and left again
//	standing: what a runner's runs on a course counted before a change
//	standstill: a time in which the fixes only wander about one place
//	stray: a fix out of its order in time
//	stretch: a part of a line or a run, from one distance to another
//	suspect: a job whose process died while doing it
//	trial: an attempt with what the judge says of it
//	turn: the right of a job or a caller to work now
//	usable: a fix that the filter keeps
//	verdict: the judge's answer, with its reasons
//	visit: a stretch of fixes or of a line at one place
//	walk: following a line or the aligned fixes from start to end
//	way: a line in space; in the judge, the cheapest path to a place
//
// Map (each package sees only packages above it in this list):
//
//	fault       the one error type: kind, stable code, message
//	bound       limits, for people
//	id          typed UUIDs: id.User, id.Session …
//	strictjson  JSON of strangers, read once and strictly
//	geo         points, lines, metres on WGS84, bounds, encodings of a line
//	text        what people write for others to read
//	user        the person: nickname, weight, totals
//	auth        refresh tokens: rotation, retry, theft
//	maptile     the squares of a web map
//	judge       did the runner run the course? curve sections, deviations, verdict
//	run         session, chunk sequencing, recovery, filter, splits, the record
//	course      a course: title, tags, what makes a line a good course
//	ranking     who is where on a course's board
//	stats       what the runs of a course and of a runner add up to
package domain
