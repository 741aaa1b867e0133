package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// table prints a report in Markdown, within 120 columns; beside another one when
// there is one.
type table struct{ before, now report }

// linesPerAttack bounds what is shown of many kinds of answers; --json has all.
const linesPerAttack = 6

func (t table) print(w io.Writer) {
	fmt.Fprintf(w, "%s on %s, at most %.0f MiB", t.now.Binary, t.now.Store, t.now.LimitMiB)
	if t.compared() {
		fmt.Fprintf(w, "; before: %s on %s", t.before.Binary, t.before.Store)
	}
	fmt.Fprint(w, "\n\n")
	rows := [][]string{{"attack", "cost", "health", "chunks", "run", "answers"}}
	if t.compared() {
		rows[0] = slices.Insert(rows[0], 1, "before")
	}
	for _, r := range t.now.Results {
		rows = append(rows, t.lines(r)...)
	}
	printRows(w, rows)
	fmt.Fprint(w, "\ncost: time until the last answer, peak memory. health: the worst answer. chunks: an honest phone's, stored of sent\n"+
		"within 10 s; busy: it was told to come again, or not answered. run: from completing a normal run to its verdict.\n"+
		"answers: what the attack was told, how often.\n")
}

func (t table) compared() bool { return t.before.Binary != "" }

// lines are the rows of an attack: what does not fit in one goes on in the next.
func (t table) lines(r result) [][]string {
	columns := [][]string{{r.Name}, cost(r), {fmt.Sprintf("%.2f s", r.HealthMS/1000)}, honest(r), {judged(r)}, answers(r)}
	if t.compared() {
		cells := []string{"–"}
		if b, ok := t.before.of(r.Name); ok {
			cells = cost(b)
		}
		columns = slices.Insert(columns, 1, cells)
	}
	var out [][]string
	for i := 0; ; i++ {
		row := make([]string, len(columns))
		any := false
		for c, cells := range columns {
			if i < len(cells) {
				row[c], any = cells[i], true
			}
		}
		if !any {
			return out
		}
		out = append(out, row)
	}
}

func cost(r result) []string {
	more := ""
	if r.Unfinished {
		more = ">"
	}
	out := []string{fmt.Sprintf("%s%.1f s %.0f MiB", more, r.Seconds, r.PeakMiB)}
	switch {
	case r.Deaths > 0 && !r.Back:
		out = append(out, "dies in a loop")
	case !r.Back:
		out = append(out, "then not ready")
	case r.Deaths == 1:
		out = append(out, "died, came back")
	case r.Deaths > 1:
		out = append(out, fmt.Sprintf("died %d×, is back", r.Deaths))
	}
	if r.DiskMiB >= 64 {
		out = append(out, fmt.Sprintf("disk +%.0f MiB", r.DiskMiB))
	}
	return out
}

func honest(r result) []string {
	out := []string{fmt.Sprintf("%d/%d", r.Stored, r.Sent)}
	if r.LostChunks > 0 {
		out = append(out, fmt.Sprintf("%d gone", r.LostChunks))
	}
	if r.Busy > 0 {
		out = append(out, fmt.Sprintf("%d busy", r.Busy))
	}
	return out
}

func judged(r result) string {
	if r.JudgedSeconds == 0 {
		return "not"
	}
	return fmt.Sprintf("%.1f s", r.JudgedSeconds)
}

// answers are the kinds of answers, the most frequent first.
func answers(r result) []string {
	var kinds []string
	for what := range r.Answers {
		kinds = append(kinds, what)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		if n := r.Answers[b] - r.Answers[a]; n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	var out []string
	for i, what := range kinds {
		if i == linesPerAttack-1 && len(kinds) > linesPerAttack {
			return append(out, fmt.Sprintf("and %d other kinds", len(kinds)-i))
		}
		out = append(out, folded(fmt.Sprintf("%d× %s", r.Answers[what], what))...)
	}
	return out
}

// answerColumns is how wide an answer may be in one line.
const answerColumns = 26

// folded puts the code of a long answer into a line of its own.
func folded(answer string) []string {
	i := strings.LastIndexByte(answer, ' ')
	if utf8.RuneCountInString(answer) <= answerColumns || i < 0 {
		return []string{answer}
	}
	return []string{answer[:i], "  " + answer[i+1:]}
}

func printRows(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for c, cell := range row {
			widths[c] = max(widths[c], utf8.RuneCountInString(cell))
		}
	}
	for i, row := range rows {
		for c, cell := range row {
			fmt.Fprint(w, "| ", cell, strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell)+1))
		}
		fmt.Fprintln(w, "|")
		if i == 0 {
			for _, width := range widths {
				fmt.Fprint(w, "|", strings.Repeat("-", width+2))
			}
			fmt.Fprintln(w, "|")
		}
	}
}
