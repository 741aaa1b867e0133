package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// together is the name of the last line of the table.
const together = "all_at_once"

// An attack that is not over by its deadline is work without a bound.
const (
	deadline         = 90 * time.Second
	shortDeadline    = 15 * time.Second
	togetherDeadline = 180 * time.Second
	shortTogether    = 30 * time.Second
)

// attack is one kind of abuse.
type attack struct {
	name string
	// but ours: the attack could not be made.
	fire func(ctx context.Context, a *arena) error
}

func names(attacks []attack) []string {
	out := make([]string, len(attacks))
	for i, a := range attacks {
		out[i] = a.name
	}
	return out
}

// load fires the attacks and reports.
func load(ctx context.Context, o options, progress io.Writer) (report, error) {
	limit, err := parseBytes(o.memory)
	if err != nil {
		return report{}, fmt.Errorf("--memory: %w", err)
	}
	if _, err := os.Stat(o.binary); err != nil {
		return report{}, fmt.Errorf("--bin: %w; make build builds it", err)
	}
	chosen, err := choose(o.only)
	if err != nil {
		return report{}, err
	}
	rounds := [][]attack{}
	for _, a := range chosen {
		rounds = append(rounds, []attack{a})
	}
	if len(o.only) == 0 {
		rounds = append(rounds, chosen)
	}
	out := report{Binary: version(ctx, o.binary), Store: o.store, LimitMiB: mib(limit), Short: o.short}
	bar := progressbar.NewOptions(len(rounds), progressbar.OptionSetWriter(progress), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(false))
	for _, round := range rounds {
		name := round[0].name
		if len(round) > 1 {
			name = together
		}
		bar.Describe(name)
		r, err := fire(ctx, o, limit, name, round)
		if err != nil {
			return out, errors.Join(fmt.Errorf("%s: %w", name, err), bar.Exit())
		}
		out.Results = append(out.Results, r)
		if err := bar.Add(1); err != nil {
			return out, err
		}
	}
	return out, nil
}

func choose(only []string) ([]attack, error) {
	if len(only) == 0 {
		return attacks, nil
	}
	var out []attack
	for _, name := range only {
		i := slices.IndexFunc(attacks, func(a attack) bool { return a.name == name })
		if i < 0 {
			return nil, fmt.Errorf("--only: there is no attack %q; there are %s", name, strings.Join(names(attacks), ", "))
		}
		out = append(out, attacks[i])
	}
	return out, nil
}

// fire fires attacks at once at a program of their own, and says what it showed.
func fire(ctx context.Context, o options, limit int64, name string, round []attack) (r result, err error) {
	t, err := startTarget(ctx, o, limit)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, t.end()) }()
	course, err := honestCourse(ctx, t)
	if err != nil {
		return result{}, fmt.Errorf("making the course of the normal runs: %w", err)
	}
	watch, err := startBystanders(ctx, t)
	if err != nil {
		return result{}, fmt.Errorf("signing the honest phone in: %w", err)
	}
	disk, err := t.diskBytes(ctx)
	if err != nil {
		return result{}, err
	}
	t.forgetPeak()
	a := &arena{target: t, short: o.short, alone: len(round) == 1, answers: map[string]int{}}
	began := time.Now()
	over := a.fireAll(ctx, round, deadlineOf(o.short, len(round) > 1))
	r = result{Name: name, Seconds: time.Since(began).Seconds(), Unfinished: !over}
	r.Back = t.settled(ctx)
	if r.Back {
		if r.JudgedSeconds, err = normalRun(ctx, t, course, name); err != nil {
			r.RunTrouble = err.Error()
		}
	}
	watch.stop(&r)
	after, err := t.diskBytes(ctx)
	if err != nil {
		return result{}, err
	}
	r.DiskMiB = mib(after - disk)
	r.PeakMiB, r.Deaths, r.Died = t.peakMiB(), t.deathCount(), t.lastDeath()
	r.Answers = a.tally()
	r.Broken = r.brokenByAll()
	if r.Deaths == 0 { // else what an attack missed is what died
		r.Broken = append(r.Broken, a.brokenHere()...)
	}
	return r, ctx.Err()
}

func deadlineOf(short, all bool) time.Duration {
	switch {
	case short && all:
		return shortTogether
	case short:
		return shortDeadline
	case all:
		return togetherDeadline
	}
	return deadline
}

// fireAll reports whether all were over before the deadline.
func (a *arena) fireAll(ctx context.Context, round []attack, deadline time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	var wg sync.WaitGroup
	for _, attack := range round {
		wg.Go(func() {
			err := attack.fire(ctx, a)
			if err != nil && ctx.Err() == nil && !a.target.lost() {
				a.breaks("%s: %v", attack.name, err)
			}
		})
	}
	wg.Wait()
	return ctx.Err() == nil
}
