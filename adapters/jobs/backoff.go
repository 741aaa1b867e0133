package jobs

import (
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// The pauses between tries.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = time.Hour
)

// Backoff is the pause after a failed try, attempt being 1 for the first:
// ¼ s, 1 s, 4 s, 16 s, about 1, 4 and 17 minutes, then an hour.
func Backoff(attempt int) time.Duration {
	pause := firstPause
	for ; attempt > 1 && pause < longestPause; attempt-- {
		pause *= 4
	}
	return min(pause, longestPause)
}

// retryPolicy implements river.ClientRetryPolicy.
type retryPolicy struct {
	backoff func(attempt int) time.Duration
}

// NextRetry adds up to a tenth to the pause, so that jobs that failed together
// do not all come back together.
func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	pause := p.backoff(job.Attempt)
	return time.Now().Add(pause + time.Duration(rand.Float64()*float64(pause)/10)) //nolint:gosec // no secret
}
