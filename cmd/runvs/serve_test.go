package main

import (
	"context"
	"math"
	"runtime/debug"
	"testing"

	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

// Whoever sets GOMEMLIMIT knows why; else the memory of heavy work sets it.
func TestServingBoundsGosMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	for set, want := range map[string]int64{"": 3 << 29, "2GiB": math.MaxInt64} {
		t.Setenv("GOMEMLIMIT", set)
		debug.SetMemoryLimit(math.MaxInt64)
		ctx, stop := context.WithCancel(t.Context())
		dir := t.TempDir()
		s := config.Settings{
			Env: "development", HTTPAddr: "127.0.0.1:0", DataDir: dir, DatabaseURL: "memory:", BlobURL: "file:" + dir,
			PublicURL: "http://runvs.test", DevLogin: true, Migrate: "auto", Workers: 1, HashCost: 4, MemoryBytes: 1 << 30,
		}
		if err := work(ctx, s, program.Options{API: true, Workers: 1, Version: "test"}, func(*program.Program) { stop() }); err != nil {
			t.Fatal(err)
		}
		if got := debug.SetMemoryLimit(-1); got != want {
			t.Errorf("with GOMEMLIMIT=%q Go may take %d, want %d", set, got, want)
		}
	}
}
