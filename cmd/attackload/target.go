package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// target is the program under attack, in a process of its own, with data of its
// own. When it dies it is started again on the same data.
type target struct {
	binary, address string
	dir             string // of its data
	database        database
	limit           limit
	settings        []string // of its environment

	mu      sync.Mutex
	cmd     *exec.Cmd
	started time.Time
	ending  bool
	deaths  int
	hasty   int // deaths in a row soon after the start
	isLost  bool
	peakKiB int64
	overMiB float64       // for which we killed it; 0 when we did not
	gone    chan struct{} // closed when it is not kept alive any more
	words   *lastWords
	reason  string // of the last death
}

// How long a start may take, and what is coming back.
const (
	startTime  = 20 * time.Second
	hastyDeath = 10 * time.Second // a death so soon after the start is one of a loop
	loopDeaths = 3
	stayTime   = 4 * time.Second // who came back stays so long, at least
)

func startTarget(ctx context.Context, o options, bytes int64) (*target, error) {
	dir, err := os.MkdirTemp("", "runvs-attack-")
	if err != nil {
		return nil, err
	}
	t := &target{binary: o.binary, dir: dir, limit: limit{bytes: bytes, parent: o.cgroup}, gone: make(chan struct{})}
	err = func() error {
		if t.database, err = openDatabase(ctx, o.store); err != nil {
			return err
		}
		if t.address, err = freeAddress(); err != nil {
			return err
		}
		if t.settings, err = settingsFor(ctx, o.binary, bytes); err != nil {
			return err
		}
		if err := t.limit.prepare(); err != nil {
			return err
		}
		if err := t.start(); err != nil {
			return err
		}
		go t.keep()
		if !t.up(ctx) {
			return errors.Join(fmt.Errorf("the program is not ready after %s", startTime), t.end())
		}
		return nil
	}()
	if err != nil {
		return nil, errors.Join(err, t.limit.remove(), os.RemoveAll(dir))
	}
	return t, nil
}

// freeAddress returns an address at which nobody listens. Nobody can reserve one; below
// 32768 the kernel does not hand its port to somebody's outgoing connection, neither
// before the program is started nor before it is started again.
func freeAddress() (string, error) {
	var err error
	for range 50 {
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 15_000+rand.IntN(17_000))); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", err
}

// settingsFor tells a program that has a setting for it how much memory it has: it
// can see a cgroup, but no RLIMIT_DATA. Half is its own default.
func settingsFor(ctx context.Context, binary string, bytes int64) ([]string, error) {
	shown, err := exec.CommandContext(ctx, binary, "config").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s config: %w: %s", binary, err, shown)
	}
	out := []string{"RUNVS_ENV=development", "RUNVS_DEV_LOGIN=true"}
	if strings.Contains(string(shown), "RUNVS_MEMORY=") {
		out = append(out, fmt.Sprintf("RUNVS_MEMORY=%dMiB", bytes>>21))
	}
	return out, nil
}

func version(ctx context.Context, binary string) string {
	out, err := exec.CommandContext(ctx, binary, "--version").Output()
	if err != nil {
		return binary
	}
	return strings.TrimSpace(string(out))
}

var errEnding = errors.New("the program is being stopped")

func (t *target) start() error {
	argv := []string{t.binary, "serve", "--data-dir", t.dir, "--http-addr", t.address, "--metrics-addr", "", "--log-level", "error"}
	if t.database.url != "" {
		argv = append(argv, "--database-url", t.database.url)
	}
	argv = t.limit.command(argv...)
	cmd := exec.Command(argv[0], argv[1:]...) // it is ended politely, by end
	cmd.Env = append(os.Environ(), t.settings...)
	words := &lastWords{}
	cmd.Stderr = words
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ending {
		return errEnding // it was stopped between its death and this start
	}
	t.cmd, t.words, t.started = cmd, words, time.Now()
	return cmd.Start()
}

// keep starts the program again whenever it dies, until it is ended or dies in a
// loop.
func (t *target) keep() {
	defer close(t.gone)
	for {
		err := t.process().Wait()
		t.mu.Lock()
		if t.ending {
			t.mu.Unlock()
			return
		}
		t.died(err)
		lost := t.isLost
		t.mu.Unlock()
		if lost || t.start() != nil {
			return
		}
	}
}

// died notes a death and why. mu is held.
func (t *target) died(err error) {
	t.deaths++
	if t.hasty++; time.Since(t.started) > hastyDeath {
		t.hasty = 1
	}
	t.isLost = t.hasty >= loopDeaths
	switch said := t.words.reason(); {
	case t.overMiB > 0:
		t.reason = fmt.Sprintf("%.0f MiB resident, over the limit", t.overMiB)
	case said != "":
		t.reason = said
	case err != nil:
		t.reason = err.Error()
	}
	t.overMiB = 0
}

func (t *target) process() *exec.Cmd {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cmd
}

// lost reports whether the program dies whenever it is started.
func (t *target) lost() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.isLost
}

func (t *target) deathCount() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.deaths
}

func (t *target) lastDeath() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reason
}

// up waits until the program is ready.
func (t *target) up(ctx context.Context) bool {
	for until := time.Now().Add(startTime); time.Now().Before(until) && !t.lost(); {
		if t.ready(ctx) {
			return true
		}
		if sleep(ctx, 20*time.Millisecond) != nil {
			return false
		}
	}
	return false
}

func (t *target) ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.address+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return resp.StatusCode == http.StatusOK && resp.Body.Close() == nil
}

// settled reports whether the program is there and, when it had died, whether it
// came back and stays.
func (t *target) settled(ctx context.Context) bool {
	for {
		deaths := t.deathCount()
		if !t.up(ctx) {
			return false
		}
		if deaths == 0 {
			return true
		}
		if sleep(ctx, stayTime) != nil {
			return false
		}
		if t.deathCount() == deaths {
			return true
		}
	}
}

// restart ends the program as its keeper would, and starts it on the same data.
func (t *target) restart(ctx context.Context) error {
	if err := t.stop(); err != nil {
		return err
	}
	t.mu.Lock()
	lost := t.isLost
	t.ending, t.gone = false, make(chan struct{})
	t.mu.Unlock()
	if lost {
		return errors.New("the program dies whenever it is started")
	}
	if err := t.start(); err != nil {
		return err
	}
	go t.keep()
	if !t.up(ctx) {
		return fmt.Errorf("the program is not ready %s after it was started again", startTime)
	}
	return nil
}

// stopTime is longer than the 15 s within which the program promises to be gone.
const stopTime = 20 * time.Second

func (t *target) stop() error {
	t.mu.Lock()
	t.ending = true
	cmd, gone := t.cmd, t.gone
	t.mu.Unlock()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-gone:
	case <-time.After(stopTime):
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		<-gone
	}
	return nil
}

// end stops the program and removes what it has stored.
func (t *target) end() error {
	return errors.Join(t.stop(), t.limit.remove(), os.RemoveAll(t.dir))
}

// forgetPeak begins a new peak of memory. Writing 5 resets VmHWM (man 5 proc).
func (t *target) forgetPeak() {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", t.cmd.Process.Pid), []byte("5"), 0o600) // older peaks are too high, never too low
	t.peakKiB = 0
}

// peakMiB is the most that the program had in memory, a dead one included.
func (t *target) peakMiB() float64 {
	t.sample()
	t.mu.Lock()
	defer t.mu.Unlock()
	return mib(t.peakKiB << 10)
}

// sample remembers the peak so far, for a dead process has none to read. It kills
// what is over the limit, as the kernel does in a cgroup: RLIMIT_DATA lets a heap
// grow into addresses that were reserved before.
func (t *target) sample() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.peakKiB = max(t.peakKiB, t.statusKiB("VmHWM:"))
	if resident := t.statusKiB("VmRSS:") << 10; resident > t.limit.bytes && t.cmd.Process.Kill() == nil {
		t.overMiB = mib(resident)
	}
}

// heldMiB is what the program holds itself: its heap and stacks, but no pages of
// files, which the kernel may take back at any time.
func (t *target) heldMiB() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return mib(t.statusKiB("RssAnon:") << 10)
}

func (t *target) statusKiB(field string) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.cmd.Process.Pid))
	if err != nil {
		return 0 // it is gone
	}
	_, rest, _ := bytes.Cut(raw, []byte(field))
	words := strings.Fields(string(rest[:min(len(rest), 40)]))
	if len(words) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// processors reads what the processors do, unless the program's database works for it
// in other processes: that is no work of others.
func (t *target) processors() (ticks, bool) {
	if t.database.measure {
		return ticks{}, false
	}
	return processors(t.process().Process.Pid)
}

// diskBytes is what the program keeps: its data dir and its database.
func (t *target) diskBytes(ctx context.Context) (int64, error) {
	total, err := t.database.bytes(ctx)
	if err != nil {
		return 0, err
	}
	err = filepath.WalkDir(t.dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return ignoreGone(err)
		}
		info, err := e.Info()
		if err == nil {
			total += info.Size()
		}
		return ignoreGone(err)
	})
	return total, err
}

// ignoreGone forgives a file that was removed while we looked.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
