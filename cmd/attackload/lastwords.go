package main

import (
	"bytes"
	"sync"
)

// lastWords keeps the beginning of what a program says of itself, for the Go
// runtime tells first why it dies and goes on with the stacks of everything.
type lastWords struct {
	mu   sync.Mutex
	kept []byte
}

const wordsKept = 64 << 10

// Write implements io.Writer.
func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, p[:min(len(p), wordsKept-len(l.kept))]...)
	return len(p), nil
}

// reason is the line that says why the program died; "" when there is none, as
// when the kernel killed it.
func (l *lastWords) reason() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(l.kept) {
		for _, begin := range []string{"fatal error: ", "panic: ", "runtime/cgo: ", "terminate called"} {
			if bytes.HasPrefix(line, []byte(begin)) {
				return string(bytes.TrimSpace(line[:min(len(line), 100)]))
			}
		}
	}
	return ""
}
