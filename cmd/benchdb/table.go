package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"
)

// table prints what was measured on a store, and how it grows.
type table struct {
	store string
	t     *tabwriter.Writer
	works []string // in the order they came
	grown map[string][]time.Duration
}

func newTable(store string) *table {
	t := &table{store: store, t: tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', tabwriter.AlignRight), grown: map[string][]time.Duration{}}
	fmt.Fprintln(t.t, "store\twork\tof\tmedian ms\tp95 ms\tfounding ms\tfaster\t")
	return t
}

// How often each work is timed: medians of ours are compared with medians of the
// founding design's, which may take seconds.
const oursTimes, foundingTimes = 201, 5

func (t *table) measure(ctx context.Context, size int, works []work) error {
	for _, w := range works {
		ours, err := timed(oursTimes, func(i int) error { return w.ours(ctx, i) })
		if err != nil {
			return fmt.Errorf("%s, %s: %w", t.store, w.name, err)
		}
		if t.grown[w.name] == nil {
			t.works = append(t.works, w.name)
		}
		mine := at(ours, 50)
		t.grown[w.name] = append(t.grown[w.name], mine)
		founding, ratio := "", ""
		if w.founding != nil {
			theirs, err := timed(foundingTimes, func(i int) error { return w.founding(ctx, i) })
			if err != nil {
				return fmt.Errorf("%s, the founding %s: %w", t.store, w.name, err)
			}
			his := at(theirs, 50)
			founding, ratio = fmt.Sprintf("%.2f", milliseconds(his)), fmt.Sprintf("%.0f×", float64(his)/float64(mine))
		}
		fmt.Fprintf(t.t, "%s\t%s\t%d\t%.2f\t%.2f\t%s\t%s\t\n", t.store, w.name, size, milliseconds(mine), milliseconds(at(ours, 95)), founding, ratio)
	}
	return t.t.Flush()
}

// end prints by how much each work grew from the last size but one to the last.
func (t *table) end() error {
	fmt.Fprintln(t.t, "store\twork\tgrowth of the median in the last step\t")
	for _, name := range t.works {
		if m := t.grown[name]; len(m) > 1 {
			fmt.Fprintf(t.t, "%s\t%s\t%.2f×\t\n", t.store, name, float64(m[len(m)-1])/float64(m[len(m)-2]))
		}
	}
	return t.t.Flush()
}
