package portstest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// RunStore is the contract suite of ports.Store. open gives an empty store.
func RunStore(t *testing.T, open func(t *testing.T) Fixture) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Fixture)
	}{
		{"users are made once", usersOnce},
		{"users are found by nickname and address", usersCalled},
		{"a person is what others see of a user", persons},
		{"of 20 who want a nickname one gets it", nicknames},
		{"a user leaves, and others keep what is theirs", userExit},
		{"a refresh token comes back as it was kept", refreshTokens},
		{"a family has one active token", oneActive},
		{"revoking takes a family, or all of a user", revoking},
		{"old refresh tokens are purged", purging},
		{"the newest access token is noted", issuing},
		{"sign-ins are what token families say", signIns},
		{"of 50 who use a token at once one is the first", usedOnce},
		{"accounts at providers are listed", socialAccounts},
		{"a session is inserted once per client_session_id", sessionsOnce},
		{"sessions are listed with their ledgers", sessionLists},
		{"what was stored of a chunk comes back", chunksComeBack},
		{"every legal number comes back", numbers},
		{"a weight comes back", weights},
		{"what earlier limits let in comes back", earlierLimits},
		{"a chunk is stored once, however often it is sent", chunksOnce},
		{"of two bodies of one sequence one wins", chunksConflict},
		{"a refused chunk leaves nothing", chunksRefused},
		{"a session that closes lets no chunk in", closeAgainstChunks},
		{"of 50 starts at once five are active", activeSessions},
		{"imports are counted, and are not active sessions", imports},
		{"an open session is dropped, a closed one stays", dropping},
		{"chunks at once fill a session to its bound", fullSession},
		{"silent sessions are found, chunks of abandoned ones purged", silence},
		{"a record comes back whole", recordsWhole},
		{"records are listed newest first, and light", recordLists},
		{"copies of tracks are found", copies},
		{"the runs of courses are walked by id", runsOfCourses},
		{"a course has its part of a history", courseHistory},
		{"a runner's statistics are made of processed runs", userRuns},
		{"kept statistics are what the runs give", userStatistics},
		{"deleting a record deletes its session", recordDeletion},
		{"a transaction that fails leaves nothing, jobs neither", rollback},
		{"transactions that lock lose no update", lockedCounters},
		{"a course comes back whole", coursesWhole},
		{"a course is looked up without its line", courseAccess},
		{"the lines of courses are read at once", courseLines},
		{"courses are summed up with their creator", courseSummaries},
		{"runs are summed up with their runner", runSummaries},
		{"courses are listed as asked", courseLists},
		{"lists are what brute force finds", listsByBruteForce},
		{"map tiles show what brute force finds", mapTiles},
		{"nearby is what brute force finds", nearby},
		{"bounds are what brute force finds", bounds},
		{"a deleted course leaves its runs", courseDeletion},
		{"a course's shape is kept beside it", courseShapes},
		{"an edited record comes back whole", rewritten},
		{"what is merged counts once, and goes with the whole", merged},
		{"a copy of an edited track is known", editedCopies},
		{"a recording that was cut in two comes back", recordedBefore},
		{"courses are counted by their maker", courseCounts},
		{"a private course is somebody's", privateOwned},
		{"a retired course is read by its id alone", retiredCourses},
		{"who completed a course besides its maker is asked", completedByOthers},
		{"a course whose line is replaced is found there", replacedRoutes},
		{"paces follow a course's length", pacing},
		{"a user's rows of all boards are walked", userRankings},
		{"a board ranks with ties", boards},
		{"every page of every board is what sorting gives", boardPages},
		{"the best attempt is the fastest, then the earliest", attempts},
		{"statistics count what is processed", statistics},
		{"requests for courses are known by their key for a day", courseRequests},
		{"scrubbing changes nothing that can be read", scrubbing},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

var ctx = context.Background()

func equal(t rapid.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func ok(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func usersOnce(t *testing.T, f Fixture) {
	var mu sync.Mutex
	found, made := map[id.User]int{}, 0
	var wg sync.WaitGroup
	for range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fresh := user.User{ID: id.New[id.UserKind](ids{}), Email: "a@b.c", CreatedAt: noon, UpdatedAt: noon}
			u, created, err := f.Store.FindOrCreateUser(ctx, user.SocialAccount{Provider: "kakao", ProviderID: "9007199254740993"}, fresh)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			found[u.ID]++
			if created {
				made++
			}
		}()
	}
	wg.Wait()
	if len(found) != 1 || made != 1 {
		t.Errorf("%d users, %d made", len(found), made)
	}
	for uid := range found {
		u, err := f.Store.User(ctx, uid)
		ok(t, err)
		equal(t, "user", u, user.User{ID: uid, Email: "a@b.c", CreatedAt: noon, UpdatedAt: noon})
	}
	if _, err := f.Store.User(ctx, id.New[id.UserKind](ids{})); !fault.HasCode(err, "user_not_found") {
		t.Errorf("an unknown user: %v", err)
	}
}

func persons(t *testing.T, f Fixture) {
	mina := named(t, f.Store, "mina", "민아")
	for uid, want := range map[id.User]user.Person{mina.ID: mina, {}: {}, id.New[id.UserKind](ids{}): {}} {
		got, err := f.Store.Person(ctx, uid)
		ok(t, err)
		equal(t, "a person", got, want)
	}
}

func sessionsOnce(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	const client = "0199b0a2-0000-7000-8000-000000000abc"
	make := func(owner id.User) run.Session {
		s, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](ids{}), UserID: owner, StartedAt: noon, ClientSessionID: client}, noon)
		ok(t, err)
		return s
	}
	first := make(mina)
	stored, inserted, err := f.Store.InsertSession(ctx, first)
	ok(t, err)
	equal(t, "inserted", inserted, true)
	equal(t, "stored", stored.ID(), first.ID())
	again, inserted, err := f.Store.InsertSession(ctx, make(mina))
	ok(t, err)
	equal(t, "inserted again", inserted, false)
	equal(t, "the same session", again.Snapshot(), first.Snapshot())
	if _, inserted, err := f.Store.InsertSession(ctx, make(joon)); err != nil || !inserted {
		t.Errorf("another's client_session_id of the same name: %v, %v", inserted, err)
	}
	if _, err := f.Store.Session(ctx, id.New[id.SessionKind](ids{})); !fault.HasCode(err, "session_not_found") {
		t.Errorf("an unknown session: %v", err)
	}
	_, _, err = appendChunk(f.Store, first, newChunk(t, 0, run.Final, 0))
	ok(t, err)
	whole, err := f.Store.Session(ctx, first.ID())
	ok(t, err)
	named, err := f.Store.SessionNamed(ctx, mina, client)
	ok(t, err)
	equal(t, "the session of that name", named.Snapshot(), whole.Snapshot())
	for owner, name := range map[id.User]string{mina: "0199b0a2-0000-7000-8000-000000000abd", newUser(t, f.Store, "sora"): client} {
		if _, err := f.Store.SessionNamed(ctx, owner, name); !fault.HasCode(err, "session_not_found") {
			t.Errorf("a session of another name or person: %v", err)
		}
	}
}

func sessionLists(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	newSession(t, f.Store, newUser(t, f.Store, "joon"), id.Course{})
	var all []run.Session
	for i := range 5 {
		s := newSession(t, f.Store, mina, id.Course{})
		for q := range i {
			_, _, err := appendChunk(f.Store, s, newChunk(t, 2*q, run.Intermediate, 0))
			ok(t, err)
		}
		all = append(all, s)
	}
	abandoned, err := all[0].Abandon(noon)
	ok(t, err)
	ok(t, f.Store.SaveSession(ctx, abandoned))
	got, total, err := f.Store.ListSessions(ctx, mina, run.Active, ports.Page{Limit: 3})
	ok(t, err)
	equal(t, "active ones", total, 4)
	equal(t, "a page", len(got), 3)
	seen := map[id.Session]bool{}
	for offset := 0; ; offset += 2 {
		page, total, err := f.Store.ListSessions(ctx, mina, "", ports.Page{Offset: offset, Limit: 2})
		ok(t, err)
		equal(t, "all", total, 5)
		for _, s := range page {
			if seen[s.ID()] {
				t.Errorf("%s comes twice", s.ID())
			}
			seen[s.ID()] = true
			whole, err := f.Store.Session(ctx, s.ID())
			ok(t, err)
			equal(t, "a listed session", s.Snapshot(), whole.Snapshot())
		}
		if len(page) == 0 {
			break
		}
	}
	equal(t, "seen", len(seen), 5)

	walked := []id.Session{}
	for after := (id.Session{}); ; after = walked[len(walked)-1] {
		some, err := f.Store.SessionsOf(ctx, mina, after, 2)
		ok(t, err)
		if len(some) == 0 {
			break
		}
		for _, s := range some {
			whole, err := f.Store.Session(ctx, s.ID())
			ok(t, err)
			equal(t, "a session of the walk", s.Snapshot(), whole.Snapshot())
			walked = append(walked, s.ID())
		}
	}
	equal(t, "walked", len(walked), 5)
	equal(t, "in order", slices.IsSortedFunc(walked, id.Session.Compare), true)
}

func chunksComeBack(t *testing.T, f Fixture) {
	s := newSession(t, f.Store, newUser(t, f.Store, "mina"), id.Course{})
	want := []run.Chunk{newChunk(t, 0, run.Intermediate, 1), newChunk(t, 1, run.Final, 2)}
	for _, i := range []int{1, 0} {
		after, outcome, err := appendChunk(f.Store, s, want[i])
		ok(t, err)
		equal(t, "outcome", outcome, run.Stored)
		if i == 0 {
			equal(t, "received", after.Ledger().Received(), []run.Range{{0, 1}})
			found, err := f.Store.Session(ctx, s.ID())
			ok(t, err)
			equal(t, "ledger", found.Ledger(), run.NewLedger([]run.Entry{want[0].Entry(), want[1].Entry()}))
		}
	}
	got, err := f.Store.Chunks(ctx, s.ID())
	ok(t, err)
	equal(t, "how many", len(got), 2)
	for i := range got {
		equal(t, "digest", got[i].Digest(), want[i].Digest())
		// A chunk built again of what came back must be the same to the last bit.
		rebuilt, err := run.NewChunk(run.ChunkInput{
			Sequence: got[i].Sequence(), Type: got[i].Type(), Fixes: got[i].Fixes(), Filtered: got[i].Filtered(), Summary: got[i].Summary(),
			Cumulative: got[i].Cumulative(), CompletedSplits: got[i].CompletedSplits(), Pauses: got[i].Pauses(),
		})
		ok(t, err)
		equal(t, "digest of what came back", rebuilt.Digest(), want[i].Digest())
	}
}

func chunksOnce(t *testing.T, f Fixture) {
	s := newSession(t, f.Store, newUser(t, f.Store, "mina"), id.Course{})
	var mu sync.Mutex
	stored := map[int]int{}
	var wg sync.WaitGroup
	for i := range 64 {
		c := newChunk(t, i%8, run.Intermediate, 0)
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, outcome, err := appendChunk(f.Store, s, c)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if outcome == run.Stored {
				stored[c.Sequence()]++
			}
		}()
	}
	wg.Wait()
	for q := range 8 {
		equal(t, fmt.Sprint("times stored of ", q), stored[q], 1)
	}
	after, err := f.Store.Session(ctx, s.ID())
	ok(t, err)
	equal(t, "received", after.Ledger().Received(), []run.Range{{0, 7}})
}

func chunksConflict(t *testing.T, f Fixture) {
	s := newSession(t, f.Store, newUser(t, f.Store, "mina"), id.Course{})
	for q := range 10 {
		var mu sync.Mutex
		stored, conflicts := 0, 0
		var wg sync.WaitGroup
		for body := range 6 {
			c := newChunk(t, q, run.Intermediate, body)
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, outcome, err := appendChunk(f.Store, s, c)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && outcome == run.Stored:
					stored++
				case errors.Is(err, run.ErrChunkConflict):
					conflicts++
				default:
					t.Error(outcome, err)
				}
			}()
		}
		wg.Wait()
		if stored != 1 || conflicts != 5 {
			t.Errorf("sequence %d: %d stored, %d conflicts", q, stored, conflicts)
		}
	}
}

func chunksRefused(t *testing.T, f Fixture) {
	s := newSession(t, f.Store, newUser(t, f.Store, "mina"), id.Course{})
	no := fault.New(fault.Conflict, "no", "no")
	_, _, err := f.Store.AppendChunk(ctx, s.ID(), newChunk(t, 0, run.Final, 0), func(s run.Session) (run.Session, run.Acceptance, error) { return s, 0, no })
	if !errors.Is(err, no) {
		t.Errorf("decide's fault came back as %v", err)
	}
	after, err := f.Store.Session(ctx, s.ID())
	ok(t, err)
	equal(t, "chunks", after.Ledger().Len(), 0)
	_, _, err = f.Store.AppendChunk(ctx, id.New[id.SessionKind](ids{}), newChunk(t, 0, run.Final, 0), nil)
	if !fault.HasCode(err, "session_not_found") {
		t.Errorf("an unknown session: %v", err)
	}
}

// closeAgainstChunks lets chunks race with the end of their session: what was
// stored is what the end saw.
func closeAgainstChunks(t *testing.T, f Fixture) {
	for range 5 {
		s := newSession(t, f.Store, newUser(t, f.Store, "mina"), id.Course{})
		var wg sync.WaitGroup
		var mu sync.Mutex
		stored, seen := 0, -1
		for q := range 12 {
			c := newChunk(t, q, run.Intermediate, 0)
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, outcome, err := appendChunk(f.Store, s, c)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && outcome == run.Stored:
					stored++
				case !errors.Is(err, run.ErrSessionClosed):
					t.Error(outcome, err)
				}
			}()
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			err := f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
				locked, err := tx.LockSession(ctx, s.ID())
				if err != nil {
					return err
				}
				seen = locked.Ledger().Len()
				closed, err := locked.Recover(id.New[id.RecordKind](ids{}))
				if err != nil {
					return err
				}
				return tx.SaveSession(ctx, closed)
			})
			if err != nil {
				t.Error(err)
			}
		}()
		wg.Wait()
		if stored != seen {
			t.Errorf("%d chunks were stored, the end saw %d", stored, seen)
		}
	}
}

// activeSessions starts many sessions at once as the application does: the
// runner's lock, the session, then a look at how many there are.
func activeSessions(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	others := newSession(t, f.Store, joon, id.Course{})
	var mu sync.Mutex
	var admitted []id.Session
	refused := 0
	var wg sync.WaitGroup
	for range 50 {
		s, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](ids{}), UserID: mina, StartedAt: noon}, noon)
		ok(t, err)
		wg.Add(1)
		go func() {
			defer wg.Done()
			err := f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
				if err := tx.LockUser(ctx, mina); err != nil {
					return err
				}
				if _, _, err := tx.InsertSession(ctx, s); err != nil {
					return err
				}
				active, err := tx.ActiveSessions(ctx, mina, 100)
				if err != nil {
					return err
				}
				return run.CheckActive(active[1:])
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				admitted = append(admitted, s.ID())
			case errors.Is(err, run.ErrTooManySessions):
				refused++
			default:
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	equal(t, "admitted", len(admitted), run.MaxActiveSessions)
	equal(t, "refused", refused, 50-run.MaxActiveSessions)
	slices.SortFunc(admitted, id.Session.Compare)
	got, err := f.Store.ActiveSessions(ctx, mina, 100)
	ok(t, err)
	equal(t, "active", got, admitted)
	got, err = f.Store.ActiveSessions(ctx, mina, 2)
	ok(t, err)
	equal(t, "two of them", got, admitted[:2])
	// One that ends makes room; one that was resumed lately comes last.
	resume := func(sid id.Session) {
		t.Helper()
		s, err := f.Store.Session(ctx, sid)
		ok(t, err)
		s, err = s.Abandon(noon)
		ok(t, err)
		ok(t, f.Store.SaveSession(ctx, s))
		got, err := f.Store.ActiveSessions(ctx, mina, 100)
		ok(t, err)
		equal(t, "active without one that was abandoned", len(got), run.MaxActiveSessions-1)
		s, err = s.Resume(noon.Add(time.Minute))
		ok(t, err)
		ok(t, f.Store.SaveSession(ctx, s))
	}
	resume(admitted[0])
	got, err = f.Store.ActiveSessions(ctx, mina, 100)
	ok(t, err)
	equal(t, "with one that was resumed", got, append(admitted[1:], admitted[0]))
	got, err = f.Store.ActiveSessions(ctx, joon, 100)
	ok(t, err)
	equal(t, "another's", got, []id.Session{others.ID()})
}

func imports(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	made := func(owner id.User, imported bool, at time.Time) run.Session {
		s, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](ids{}), UserID: owner, StartedAt: noon, Imported: imported}, at)
		ok(t, err)
		_, _, err = f.Store.InsertSession(ctx, s)
		ok(t, err)
		return s
	}
	for _, minutes := range []time.Duration{3, 1, 2} {
		made(mina, true, noon.Add(minutes*time.Minute))
	}
	made(joon, true, noon.Add(time.Hour))
	phones := made(mina, false, noon.Add(time.Hour))
	for n, want := range []time.Time{noon.Add(3 * time.Minute), noon.Add(2 * time.Minute), noon.Add(time.Minute), {}} {
		at, err := f.Store.NthImport(ctx, mina, n+1)
		ok(t, err)
		equal(t, fmt.Sprint("import ", n+1), at, want)
	}
	active, err := f.Store.ActiveSessions(ctx, mina, 10)
	ok(t, err)
	equal(t, "active", active, []id.Session{phones.ID()})
	s, err := f.Store.Session(ctx, phones.ID())
	ok(t, err)
	equal(t, "a phone's", s.Imported(), false)
}

func dropping(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	const client = "0199b0a2-0000-8000-8000-000000000abc"
	start := func() run.Session {
		s, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](ids{}), UserID: mina, StartedAt: noon, ClientSessionID: client, Imported: true}, noon)
		ok(t, err)
		_, inserted, err := f.Store.InsertSession(ctx, s)
		ok(t, err)
		equal(t, "inserted", inserted, true)
		_, _, err = appendChunk(f.Store, s, newChunk(t, 0, run.Intermediate, 0))
		ok(t, err)
		return s
	}
	first := start()
	for range 2 {
		ok(t, f.Store.DropOpenSession(ctx, first.ID())) // twice is harmless
		if _, err := f.Store.Session(ctx, first.ID()); !fault.HasCode(err, "session_not_found") {
			t.Errorf("a dropped session: %v", err)
		}
	}
	active := start()
	chunks, err := f.Store.Chunks(ctx, active.ID())
	ok(t, err)
	equal(t, "chunks of the one that came after", len(chunks), 1)
	s, err := active.Abandon(noon)
	ok(t, err)
	ok(t, f.Store.SaveSession(ctx, s))
	ok(t, f.Store.DropOpenSession(ctx, active.ID()))
	if _, err := f.Store.Session(ctx, active.ID()); !fault.HasCode(err, "session_not_found") {
		t.Errorf("a dropped session that was abandoned: %v", err)
	}
	closed, err := start().Recover(id.New[id.RecordKind](ids{}))
	ok(t, err)
	ok(t, f.Store.SaveSession(ctx, closed))
	ok(t, f.Store.DropOpenSession(ctx, closed.ID()))
	s, err = f.Store.Session(ctx, closed.ID())
	ok(t, err)
	equal(t, "a closed session", s.Status(), run.Recovered)
	equal(t, "of a file", s.Imported(), true)
}

// fullSession sends more chunks than there is room for, all at once.
func fullSession(t *testing.T, f Fixture) {
	s := newSession(t, f.Store, newUser(t, f.Store, "mina"), id.Course{})
	const before = run.MaxSessionChunks - 20
	var mu sync.Mutex
	stored, refused := 0, 0
	send := func(sequence int) {
		_, outcome, err := appendChunk(f.Store, s, newChunk(t, sequence, run.Intermediate, 0))
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil && outcome == run.Stored:
			stored++
		case errors.Is(err, run.ErrSessionFull):
			refused++
		default:
			t.Error(outcome, err)
		}
	}
	for sequence := range before {
		send(sequence)
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			send(before + i)
		}()
	}
	wg.Wait()
	equal(t, "stored", stored, run.MaxSessionChunks)
	equal(t, "refused", refused, 40)
	after, err := f.Store.Session(ctx, s.ID())
	ok(t, err)
	equal(t, "in the ledger", after.Ledger().Len(), run.MaxSessionChunks)
	_, outcome, err := appendChunk(f.Store, s, newChunk(t, 0, run.Intermediate, 0))
	ok(t, err)
	equal(t, "a repeat", outcome, run.Replayed)
}

func silence(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	silent, spoke := newSession(t, f.Store, mina, id.Course{}), newSession(t, f.Store, mina, id.Course{})
	_, _, err := appendChunk(f.Store, spoke, newChunk(t, 0, run.Intermediate, 0)) // an hour after noon
	ok(t, err)
	got, err := f.Store.SilentSessions(ctx, noon.Add(time.Minute), id.Session{}, 10)
	ok(t, err)
	equal(t, "silent", got, []id.Session{silent.ID()})
	another := newSession(t, f.Store, mina, id.Course{})
	want := []id.Session{silent.ID(), another.ID()}
	slices.SortFunc(want, id.Session.Compare)
	for after, page := range map[id.Session][]id.Session{{}: want[:1], want[0]: want[1:], want[1]: nil} {
		got, err := f.Store.SilentSessions(ctx, noon.Add(time.Minute), after, 1)
		ok(t, err)
		equal(t, "a page", len(got), len(page))
		if len(page) > 0 {
			equal(t, "a page", got, page)
		}
	}
	abandoned, err := spoke.Abandon(noon)
	ok(t, err)
	ok(t, f.Store.SaveSession(ctx, abandoned))
	n, err := f.Store.PurgeChunks(ctx, noon)
	ok(t, err)
	equal(t, "purged too early", n, 0)
	n, err = f.Store.PurgeChunks(ctx, noon.Add(time.Second))
	ok(t, err)
	equal(t, "purged", n, 1)
}

func recordsWhole(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	c := newCourse(t, f.Store, mina, nil)
	for name, a := range map[string]attempt{
		"a free run": {owner: mina, meters: 1}, "a judged run": {owner: mina, course: c.ID, seconds: 300, meters: 2}, "a pending run": {owner: mina, course: c.ID, pending: true},
	} {
		want := newRecord(t, f.Store, a)
		got, err := f.Store.Record(ctx, want.ID)
		ok(t, err)
		equal(t, name, got, want)
	}
	r := newRecord(t, f.Store, attempt{owner: mina, pending: true})
	r.Title, r.Processing = "", run.ProcessingFailed
	ok(t, f.Store.SaveRecord(ctx, r))
	got, err := f.Store.Record(ctx, r.ID)
	ok(t, err)
	equal(t, "a saved record", got, r)
	p, err := f.Store.RecordProcessing(ctx, r.ID)
	ok(t, err)
	equal(t, "processing", p, run.ProcessingFailed)
	if _, err := f.Store.Record(ctx, id.New[id.RecordKind](ids{})); !fault.HasCode(err, "run_not_found") {
		t.Errorf("an unknown run: %v", err)
	}
}

func recordLists(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	newRecord(t, f.Store, attempt{owner: newUser(t, f.Store, "joon")})
	var want []id.Record
	for i := range 5 {
		want = append(want, newRecord(t, f.Store, attempt{owner: mina, finished: noon.Add(-time.Duration(i) * time.Hour), meters: i}).ID)
	}
	var got []id.Record
	for offset := 0; offset < 6; offset += 2 {
		page, total, err := f.Store.ListRecords(ctx, ports.RecordQuery{Owner: mina, Page: ports.Page{Offset: offset, Limit: 2}})
		ok(t, err)
		equal(t, "total", total, 5)
		for _, r := range page {
			got = append(got, r.ID)
		}
	}
	equal(t, "order", got, want)

	// By cursor no record is skipped or repeated, though newer ones arrive.
	newRecord(t, f.Store, attempt{owner: mina, finished: noon.Add(time.Hour)})
	twin := newRecord(t, f.Store, attempt{owner: mina, finished: noon.Add(-2 * time.Hour)})
	got = nil
	for _, r := range behind(t, f, ports.RecordQuery{Owner: mina, After: &ports.RecordKey{FinishedAt: noon.Add(-time.Hour), ID: want[1]}}) {
		got = append(got, r.ID)
	}
	tied := []id.Record{want[2], twin.ID}
	if twin.ID.Compare(want[2]) > 0 {
		tied = []id.Record{twin.ID, want[2]}
	}
	equal(t, "behind the cursor", got, append(tied, want[3:]...))
}

// behind walks a history to its end, a record at a time.
func behind(t *testing.T, f Fixture, q ports.RecordQuery) (all []ports.RunSummary) {
	t.Helper()
	for q.Page.Limit = 1; ; {
		page, _, err := f.Store.ListRecords(ctx, q)
		ok(t, err)
		if len(page) == 0 {
			return all
		}
		all = append(all, page[0])
		q.After = &ports.RecordKey{FinishedAt: page[0].FinishedAt, ID: page[0].ID}
	}
}

func courseHistory(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	c, other := newCourse(t, f.Store, joon, func(c *course.Course) { c.IsPublic = false }), newCourse(t, f.Store, joon, nil)
	newRecord(t, f.Store, attempt{owner: joon, course: c.ID, seconds: 300})
	var want []id.Record
	for i := range 5 {
		at := noon.Add(-time.Duration(i) * time.Hour)
		want = append(want, newRecord(t, f.Store, attempt{owner: mina, course: c.ID, seconds: 300, pending: i == 2, finished: at}).ID)
		newRecord(t, f.Store, attempt{owner: mina, course: other.ID, finished: at})
		newRecord(t, f.Store, attempt{owner: mina, finished: at})
	}
	q := ports.RecordQuery{Owner: mina, CourseID: c.ID}
	var got []id.Record
	for q.Page = (ports.Page{Limit: 2}); q.Page.Offset < 6; q.Page.Offset += 2 {
		page, total, err := f.Store.ListRecords(ctx, q)
		ok(t, err)
		equal(t, "runs on the course", total, 5)
		for _, r := range page {
			got = append(got, r.ID)
		}
	}
	equal(t, "page by page", got, want)
	got = nil
	for _, r := range behind(t, f, ports.RecordQuery{Owner: mina, CourseID: c.ID}) {
		got = append(got, r.ID)
	}
	equal(t, "by cursor", got, want)
	q.CourseID, q.Page.Offset = id.New[id.CourseKind](ids{}), 0
	none, total, err := f.Store.ListRecords(ctx, q)
	ok(t, err)
	equal(t, "of a course that is not there", len(none)+total, 0)
}

func copies(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	r := newRecord(t, f.Store, attempt{owner: mina})
	for _, c := range []struct {
		digest run.Digest
		who    id.User
		want   bool
	}{{r.TrackDigest, joon, true}, {r.TrackDigest, mina, false}, {run.Digest{9}, joon, false}} {
		taken, err := f.Store.TrackTaken(ctx, c.digest, c.who)
		ok(t, err)
		equal(t, "taken", taken, c.want)
	}
}

func recordDeletion(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	r := newRecord(t, f.Store, attempt{owner: mina, meters: 100})
	kept := newRecord(t, f.Store, attempt{owner: mina, meters: 30})
	ok(t, f.Store.DeleteRecord(ctx, r.ID))
	if _, err := f.Store.Record(ctx, r.ID); !fault.HasCode(err, "run_not_found") {
		t.Errorf("the record: %v", err)
	}
	if _, err := f.Store.Session(ctx, r.SessionID); !fault.HasCode(err, "session_not_found") {
		t.Errorf("its session: %v", err)
	}
	_, err := f.Store.Record(ctx, kept.ID)
	ok(t, err)
}

func rollback(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	no := errors.New("no")
	var inside run.Session
	err := f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		s, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](ids{}), UserID: mina, StartedAt: noon}, noon)
		ok(t, err)
		inside = s
		if _, _, err := tx.InsertSession(ctx, s); err != nil {
			return err
		}
		if _, err := tx.Session(ctx, s.ID()); err != nil {
			t.Errorf("a transaction does not see its own row: %v", err)
		}
		if err := tx.Enqueue(ctx, ports.Job{Kind: ports.JobSettleRun, ID: s.ID().String()}); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("the error came back as %v", err)
	}
	if _, err := f.Store.Session(ctx, inside.ID()); !fault.HasCode(err, "session_not_found") {
		t.Errorf("the session: %v", err)
	}
	equal(t, "jobs", len(f.Jobs()), 0)
	job := ports.Job{Kind: ports.JobSettleRun, ID: inside.ID().String()}
	ok(t, f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error { return tx.Enqueue(ctx, job) }))
	ok(t, f.Store.Enqueue(ctx, job))
	equal(t, "jobs that were committed", f.Jobs(), []ports.Job{job, job})
}

// lockedCounters lets transactions read a record, think, and write it: with the
// lock, each sees what the one before wrote.
func lockedCounters(t *testing.T, f Fixture) {
	r := newRecord(t, f.Store, attempt{owner: newUser(t, f.Store, "mina")})
	r.Title = ""
	ok(t, f.Store.SaveRecord(ctx, r))
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			err := f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
				r, err := tx.LockRecord(ctx, r.ID)
				if err != nil {
					return err
				}
				r.Title += "x"
				return tx.SaveRecord(ctx, r)
			})
			if err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	got, err := f.Store.Record(ctx, r.ID)
	ok(t, err)
	equal(t, "increments", len(got.Title), 20)
}
