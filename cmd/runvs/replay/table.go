package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"
)

// WriteTable prints a line per run.
func WriteTable(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "RUN\tDISTANCE\tTIME\tPACE\tCLIMB\tVERDICT\tCOURSE TIME\tRANK\tRECORD")
	for _, r := range results {
		if r.Err != nil {
			fmt.Fprintf(t, "%s\t%v\t\t\t\t\t\t\t\n", filepath.Base(r.File), r.Err)
			continue
		}
		rank := "–"
		if r.Rank > 0 {
			rank = fmt.Sprint(r.Rank)
		}
		fmt.Fprintf(t, "%s\t%.0f m\t%s\t%s\t%.0f m\t%s\t%s\t%s\t%s\n", filepath.Base(r.File), number(r, "distance_meters"),
			clock(r, "duration_seconds"), pace(r), number(r, "elevation_gain_meters"), verdict(r),
			clock(r, "course_duration_seconds"), rank, r.RecordID)
	}
	return t.Flush()
}

func number(r Result, field string) float64 {
	v, _ := r.Record[field].(float64)
	return v
}

func clock(r Result, field string) string {
	v, ok := r.Record[field].(float64)
	if !ok {
		return "–"
	}
	d := time.Duration(v) * time.Second
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

func pace(r Result) string {
	v, ok := r.Record["avg_pace_seconds_per_km"].(float64)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%d:%02d /km", int(v)/60, int(v)%60)
}

func verdict(r Result) string {
	v, ok := r.Record["verdict"].(map[string]any)
	if !ok {
		return "free run"
	}
	if reasons, _ := v["reasons"].([]any); len(reasons) > 0 {
		return fmt.Sprintf("%v: %v", v["status"], reasons[0])
	}
	return fmt.Sprint(v["status"])
}

// WriteJSON prints each run's whole record on a line.
func WriteJSON(w io.Writer, results []Result) error {
	e := json.NewEncoder(w)
	for _, r := range results {
		line := map[string]any{"file": r.File, "record": r.Record, "dropped_points": r.Dropped}
		if r.Err != nil {
			line["error"] = r.Err.Error()
		}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
