package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/domain/fault"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newClient(t *testing.T) (*Client, *providertest.Clock) {
	t.Helper()
	clock := providertest.NewClock(start)
	c, err := New("test", "https://provider.test", Service{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return c, clock
}

// call makes a call that ends as told, and reports whether it was made.
func call(c *Client, result error) (made bool, err error) {
	err = c.Call(context.Background(), func(context.Context) error { made = true; return result })
	return made, err
}

func open(t *testing.T, c *Client) {
	t.Helper()
	for i := range failuresToOpen {
		if made, _ := call(c, c.Unavailable(errors.New("down"))); !made {
			t.Fatalf("call %d was not made", i)
		}
	}
	if made, _ := call(c, nil); made {
		t.Fatal("the circuit is not open")
	}
}

func TestSuccessBetweenFailuresKeepsTheCircuitClosed(t *testing.T) {
	c, _ := newClient(t)
	refusal := fault.New(fault.Unauthorized, "invalid_social_token", "no")
	for i := range 10 * failuresToOpen {
		result := c.Unavailable(errors.New("down"))
		if i%failuresToOpen == failuresToOpen-1 {
			result = refusal // an answer as good as any
		}
		if made, _ := call(c, result); !made {
			t.Fatalf("call %d was not made", i)
		}
	}
}

func TestAnOpenCircuitSaysWhenToComeBack(t *testing.T) {
	c, clock := newClient(t)
	open(t, c)
	clock.Advance(6500 * time.Millisecond)
	_, err := call(c, nil)
	if got := fault.As(err).Details["retry_after"]; got != 4 {
		t.Errorf("retry_after is %v, not 4", got)
	}
}

func TestOneProbeAtATime(t *testing.T) {
	c, clock := newClient(t)
	open(t, c)
	clock.Advance(cooldown)
	inside, finish := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = c.Call(context.Background(), func(context.Context) error { close(inside); <-finish; return nil })
	})
	<-inside
	if made, err := call(c, nil); made || fault.As(err).Details["retry_after"] != 1 {
		t.Errorf("made=%v, %v", made, err)
	}
	close(finish)
	wg.Wait()
	if made, err := call(c, nil); !made || err != nil {
		t.Errorf("the probe did not close the circuit: %v", err)
	}
}

func TestAProbeThatSaysNothingMakesRoomForAnother(t *testing.T) {
	for name, probe := range map[string]func(c *Client){
		"its caller left": func(c *Client) {
			ctx, leave := context.WithCancel(context.Background())
			_ = c.Call(ctx, func(ctx context.Context) error { leave(); return c.Unavailable(ctx.Err()) })
		},
		"it panicked": func(c *Client) {
			defer func() { _ = recover() }()
			_ = c.Call(context.Background(), func(context.Context) error { panic("a defect") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, clock := newClient(t)
			open(t, c)
			clock.Advance(cooldown)
			probe(c)
			if made, err := call(c, nil); !made || err != nil {
				t.Errorf("made=%v, %v", made, err)
			}
		})
	}
}

// A call that hung since before the outage must not end it, nor prolong it.
func TestALateAnswerSaysNothingOfNow(t *testing.T) {
	c, clock := newClient(t)
	period, _ := c.circuit.begin()
	open(t, c)
	c.circuit.end(period, success)
	if made, _ := call(c, nil); made {
		t.Error("a late success closed the circuit")
	}
	clock.Advance(cooldown - time.Second)
	c.circuit.end(period, failure)
	clock.Advance(time.Second)
	if made, _ := call(c, nil); !made {
		t.Error("a late failure kept the circuit open")
	}
}

func TestAClockSetBackDoesNotKeepTheCircuitOpen(t *testing.T) {
	c, clock := newClient(t)
	open(t, c)
	clock.Advance(-time.Hour)
	if made, _ := call(c, nil); !made {
		t.Error("the circuit is open for an hour")
	}
}

func TestManyAtOnce(t *testing.T) {
	c, clock := newClient(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for j := range 20 {
				if (i+j)%3 == 0 {
					_, _ = call(c, nil)
				} else {
					_, _ = call(c, c.Unavailable(errors.New("down")))
				}
				clock.Advance(time.Second)
			}
		})
	}
	wg.Wait()
	clock.Advance(cooldown)
	if made, err := call(c, nil); !made || err != nil {
		t.Errorf("made=%v, %v", made, err)
	}
}

func TestACallEndsWithItsBudget(t *testing.T) {
	c, _ := newClient(t)
	c.budget = time.Millisecond
	err := c.Call(t.Context(), func(ctx context.Context) error { <-ctx.Done(); return c.Unavailable(ctx.Err()) })
	if !errors.Is(err, context.DeadlineExceeded) || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	if DefaultBudget >= 5*time.Second {
		t.Errorf("%v is not below the 5 s that ports.Verifier promises", DefaultBudget)
	}
}

func TestNoCallForACallerWhoLeft(t *testing.T) {
	c, _ := newClient(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	err := c.Call(ctx, func(context.Context) error { return fmt.Errorf("a call was made") })
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestEmail(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"a@b.c":                           "a@b.c",
		"가@나.다":                           "가@나.다",
		"a@b.c\x00":                       "",
		"a@b.c\r\nBcc: x":                 "",
		"\xff@b.c":                        "",
		strings.Repeat("가", 251) + "@b.c": strings.Repeat("가", 251) + "@b.c",
		strings.Repeat("가", 252) + "@b.c": "",
	} {
		if got := Email(in); got != want {
			t.Errorf("Email(%q) = %q", in, got)
		}
	}
}
