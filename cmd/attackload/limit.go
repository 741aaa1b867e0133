package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// limit is what the kernel lets the program have.
type limit struct {
	bytes  int64
	parent string // a cgroup that was given to us, or "" for RLIMIT_DATA
	group  string // the child made of it
}

// stackKiB is the stack of a thread. RLIMIT_DATA counts whole stacks, of which
// hardly a page is used: at the usual 8 MiB threads alone would meet the limit.
const stackKiB = 1024

// prepare makes the cgroup, if there is to be one. A directory that holds
// memory.max is a cgroup of version 2, where swap is limited apart.
func (l *limit) prepare() error {
	if l.parent == "" {
		return nil
	}
	l.group = filepath.Join(l.parent, fmt.Sprintf("attackload-%d", os.Getpid()))
	if err := os.Mkdir(l.group, 0o755); err != nil && !errors.Is(err, os.ErrExist) { // what a cgroup has
		return fmt.Errorf("--cgroup: %w", err)
	}
	file := filepath.Join(l.group, "memory.max")
	if _, err := os.Stat(file); err != nil {
		return l.write("memory.limit_in_bytes", strconv.FormatInt(l.bytes, 10))
	}
	swap := l.write("memory.swap.max", "0")
	if errors.Is(swap, os.ErrNotExist) {
		swap = nil // there is no swap
	}
	return errors.Join(l.write("memory.max", strconv.FormatInt(l.bytes, 10)), swap)
}

func (l *limit) write(file, value string) error {
	if err := os.WriteFile(filepath.Join(l.group, file), []byte(value), 0o600); err != nil {
		return fmt.Errorf("--cgroup: %w", err)
	}
	return nil
}

// command puts a command line under the limit: a shell limits itself and becomes
// the program.
func (l *limit) command(argv ...string) []string {
	script := fmt.Sprintf(`ulimit -s %d && ulimit -d %d && exec "$@"`, stackKiB, l.bytes>>10)
	if l.group != "" {
		script = `echo $$ >"$0/cgroup.procs" && exec "$@"`
	}
	return append([]string{"/bin/sh", "-c", script, l.group}, argv...)
}

// remove removes the cgroup, which the kernel keeps for a moment after the death
// of its last process.
func (l *limit) remove() error {
	if l.group == "" {
		return nil
	}
	var err error
	for range 50 {
		if err = os.Remove(l.group); err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// parseBytes reads a size such as 512MiB or 1GiB.
func parseBytes(s string) (int64, error) {
	for unit, shift := range map[string]int{"KiB": 10, "MiB": 20, "GiB": 30} {
		if number, ok := strings.CutSuffix(s, unit); ok {
			n, err := strconv.ParseInt(number, 10, 32)
			if err != nil || n < 1 {
				break
			}
			return n << shift, nil
		}
	}
	return 0, fmt.Errorf("%q is no size such as 512MiB or 1GiB", s)
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
