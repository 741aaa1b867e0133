package jobs

import (
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// The pauses between tries. The longest is how late a job may come after an
// outage has ended.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
)

// Backoff is the pause after a try that came to nothing, try being 1 for the
// first: 1 s, 10 s, 100 s, then five minutes.
func Backoff(try int) time.Duration {
	pause := firstPause
	for ; try > 1 && pause < longestPause; try-- {
		pause *= 10
	}
	return min(pause, longestPause)
}

// spread adds up to a tenth to a pause, so that jobs that failed together do not
// all come back together.
func spread(pause time.Duration) time.Duration {
	return pause + time.Duration(rand.Float64()*float64(pause)/10)
}

// retryPolicy implements river.ClientRetryPolicy.
type retryPolicy struct {
	backoff func(try int) time.Duration
}

// NextRetry says when a job that failed is handed out again: at once when it is
// only to be given up.
func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	if job.Attempt >= job.MaxAttempts-1 {
		return time.Now()
	}
	return time.Now().Add(spread(p.backoff(job.Attempt)))
}
