// Command runvs is the server of a running app: it takes recorded runs in,
// makes trustworthy records of them, judges them against courses and ranks the
// runners.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// version is set by the linker (-X main.version=…) or, where it is not, what the Go
// tool noted in the program: the version of go install, or the commit.
var version string

func init() {
	if version != "" {
		return
	}
	version = "dev"
	if built, ok := debug.ReadBuildInfo(); ok && built.Main.Version != "" {
		version = built.Main.Version
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "runvs:", err)
		os.Exit(1)
	}
}
