package config

import (
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func TestMemoryIsASizeOrHalfOfWhatThereIs(t *testing.T) {
	for in, want := range map[string]int64{
		"512MiB": 512 << 20, "1g": 1 << 30, "64 MiB": 64 << 20, "1048576": 1 << 20,
		"lots": 0, "-1GiB": 0, "0": 0, "512 sheep": 0, // no sizes
	} {
		if got := memoryBytes(in); got != want {
			t.Errorf("%q is %d, want %d", in, got, want)
		}
	}
	all, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)()
	if err != nil {
		t.Skip("this machine does not tell")
	}
	if got := memoryBytes(""); got != max(int64(all/2), MinMemoryBytes) {
		t.Errorf("%d of %d", got, all)
	}
	if got := (Settings{MemoryBytes: 100}).GoMemoryBytes(); got != 150 {
		t.Errorf("Go may take %d beside heavy work of 100", got)
	}
}
