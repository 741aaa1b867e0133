package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// A promise is of a machine that serves the program alone. Where tests and compilers
// run beside it, the program has to wait for a processor as everybody does, which
// tells nothing of it: what is measured is what it took with the share that others left.

// ticks are what the processors did since they were started, in the kernel's ticks.
type ticks struct {
	all    int64
	others int64 // what they did for neither us nor the program
}

// processors reads the ticks at which a process and we are at work. It is false where
// the kernel tells none, or the process is gone.
func processors(pid int) (ticks, bool) {
	raw, err := os.ReadFile("/proc/stat") // man 5 proc_stat: the first line is of all processors
	if err != nil {
		return ticks{}, false
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return ticks{}, false
	}
	var t ticks
	for i, field := range fields[1:9] { // guests after these are counted among users
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return ticks{}, false
		}
		t.all += n
		if i != 3 && i != 4 { // idle, and idle until a disk answers
			t.others += n
		}
	}
	for _, each := range []int{pid, os.Getpid()} {
		n, ok := worked(each)
		if !ok {
			return ticks{}, false
		}
		t.others -= n
	}
	return t, true
}

// worked is how long a process was at work.
func worked(pid int) (n int64, ok bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:])) // a name may hold blanks
	if len(fields) < 13 {
		return 0, false
	}
	user, errUser := strconv.ParseInt(fields[11], 10, 64)
	system, errSystem := strconv.ParseInt(fields[12], 10, 64)
	return user + system, errUser == nil && errSystem == nil
}

// undisturbed is how long something would have taken with the processors that others
// had meanwhile: all of it where nobody else was at work.
func undisturbed(took time.Duration, before, after ticks) time.Duration {
	all, others := after.all-before.all, after.others-before.others
	if all <= 0 || others <= 0 {
		return took
	}
	return time.Duration(float64(took) * float64(all-min(others, all)) / float64(all))
}
