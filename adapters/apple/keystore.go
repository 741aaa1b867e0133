package apple

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/runvs/runvs/adapters/remote"
	"github.com/runvs/runvs/ports"
)

const (
	keysPath = "/auth/keys"
	// refetchPause is the least time between two looks for a key that we do not
	// have: anybody can make up the name of a key.
	refetchPause = time.Minute
	// maxAge is when keys are fetched again though none is missing, so that one
	// that Apple took back is not believed for ever.
	maxAge = 6 * time.Hour
)

var errUnknownKey = errInvalid.Because(errors.New("apple: there is no such key"))

// keyStore keeps Apple's keys: the last good set, for as long as Apple gives no
// other.
type keyStore struct {
	remote *remote.Client
	clock  ports.Clock

	mu        sync.Mutex
	keys      map[string]*rsa.PublicKey // nil before the first good set; never changed, only replaced
	fetchedAt time.Time
	lookedAt  time.Time // the last fetch that counts for refetchPause
	failed    error     // what the last fetch came to
	flight    *flight   // the fetch under way, or nil
}

// flight is a fetch that any number of sign-ins wait for.
type flight struct {
	done chan struct{} // closed at the end; err is set before
	err  error
}

func newKeyStore(client *remote.Client, clock ports.Clock) *keyStore {
	return &keyStore{remote: client, clock: clock}
}

// key returns the key of a name. It waits for one fetch at most. Faults:
// invalid_social_token when Apple has no such key, provider_unavailable when
// Apple cannot say.
func (s *keyStore) key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	key, f, err := s.look(ctx, kid)
	if key != nil || err != nil {
		return key, err
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return nil, s.remote.Unavailable(ctx.Err())
	}
	if f.err != nil {
		return nil, f.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if key = s.keys[kid]; key == nil {
		return nil, errUnknownKey
	}
	return key, nil
}

// look returns a key, or a flight that may bring it, or why there is neither. A
// key that is old is returned, and renewed behind the sign-in's back.
func (s *keyStore) look(ctx context.Context, kid string) (*rsa.PublicKey, *flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	pause := refetchPause - now.Sub(s.lookedAt)
	early := pause > 0 && pause <= refetchPause // not after the clock was set back
	if key := s.keys[kid]; key != nil {
		if now.Sub(s.fetchedAt) >= maxAge && !early && s.flight == nil {
			s.start(ctx, kid)
		}
		return key, nil, nil
	}
	switch {
	case s.flight != nil:
		return nil, s.flight, nil
	case s.keys == nil || !early: // without a set every call may try; the circuit bounds that
		return nil, s.start(ctx, kid), nil
	case s.failed != nil: // perhaps Apple has a new key, and could not tell us
		return nil, nil, s.remote.UnavailableFor(pause, errors.New("the last look for new keys failed"))
	}
	return nil, nil, errUnknownKey
}

// start sets off a fetch, on account of a key. It goes on when the sign-in that
// it began with is gone, for others may wait for it; it ends within the budget.
// Needs mu.
func (s *keyStore) start(ctx context.Context, kid string) *flight {
	f := &flight{done: make(chan struct{})}
	s.flight = f
	go func() {
		defer close(f.done)
		keys, err := s.fetch(context.WithoutCancel(ctx))
		f.err = err
		s.land(kid, keys, err)
	}()
	return f
}

// land keeps what a fetch brought.
func (s *keyStore) land(kid string, keys map[string]*rsa.PublicKey, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.flight, s.failed, s.lookedAt = nil, err, now
	if err != nil {
		return
	}
	if s.keys == nil && keys[kid] != nil {
		// The first set was no look for a key that is missing: one that Apple
		// makes within a minute after our start is found.
		s.lookedAt = time.Time{}
	}
	s.keys, s.fetchedAt = keys, now
}

// fetch asks Apple for its keys.
func (s *keyStore) fetch(ctx context.Context) (keys map[string]*rsa.PublicKey, err error) {
	err = s.remote.Call(ctx, func(ctx context.Context) error {
		answer, err := s.remote.Get(ctx, keysPath, nil)
		if err != nil {
			return err
		}
		if answer.Status != http.StatusOK {
			return s.remote.Unavailable(fmt.Errorf("%s was answered with status %d", keysPath, answer.Status))
		}
		if keys, err = parseKeys(answer.Body); err != nil {
			return s.remote.Unavailable(err)
		}
		return nil
	})
	return keys, err
}
