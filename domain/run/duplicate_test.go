package run

import (
	"testing"
)

// aside moves fixes so many metres to the north and seconds on.
func aside(fixes []Fix, meters, seconds float64) []Fix {
	out := make([]Fix, len(fixes))
	for i, f := range fixes {
		x, y := course.Project(f.Point)
		f.Point = course.Unproject(x, y+meters)
		f.Timestamp += int64(seconds * 1000)
		out[i] = f
	}
	return out
}

// TestTwoRecordingsOfOneRun holds when another device's is of the same run.
func TestTwoRecordingsOfOneRun(t *testing.T) {
	phone := steady(600, 3)
	var sparse []Fix
	for i := 0; i < len(phone); i += 30 {
		sparse = append(sparse, phone[i])
	}
	wild := aside(phone, 5, 0)
	for i := 0; i < len(wild); i += 20 {
		wild[i] = aside(wild[i:i+1], 200, 0)[0]
	}
	for _, c := range []struct {
		name string
		a, b []Fix
		want bool
	}{
		{"the same", phone, phone, true},
		{"a watch beside the phone", aside(phone, 10, 3), phone, true},
		{"a clock 20 s off", aside(phone, 0, 20), phone, true},
		{"a fix every 30 s", sparse, phone, true},
		{"beside a fix every 30 s", phone, sparse, true},
		{"some fixes far away", wild, phone, true},
		{"a parallel street", aside(phone, 80, 0), phone, false},
		{"the day after", aside(phone, 0, 86400), phone, false},
		{"its last third", phone, phone[400:], false},
		{"within a longer one", phone[400:], phone, true},
		{"nothing", nil, phone, false},
		{"beside nothing", phone, nil, false},
	} {
		if got, err := SameRun(t.Context(), c.a, c.b); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}
