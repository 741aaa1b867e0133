package config

import (
	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/docker/go-units"
)

const (
	// MinMemoryBytes is the least that heavy work can live on: one large course
	// or picture at a time.
	MinMemoryBytes = 64 << 20
	// MaxMemoryBytes is more than any machine has: a larger size is a slip.
	MaxMemoryBytes = 16 << 40
	// unknownMemoryBytes stands for the memory of a machine that does not tell.
	unknownMemoryBytes = 2 << 30
)

// memoryBytes reads a size; "" is half of what the process may have: what its
// cgroup allows, or all of the machine. 0 is no size.
func memoryBytes(size string) int64 {
	if size != "" {
		n, err := units.RAMInBytes(size)
		if err != nil {
			return 0
		}
		return n
	}
	total, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)()
	if err != nil {
		total = unknownMemoryBytes
	}
	return max(int64(total/2), MinMemoryBytes) // no machine has 8 EiB
}

// GoMemoryBytes is the limit for Go's own memory: heavy work, and half as much
// again for everything else. The collector works harder when it comes near.
func (s Settings) GoMemoryBytes() int64 { return s.MemoryBytes + s.MemoryBytes/2 }
