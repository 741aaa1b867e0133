// Command runvs is the server of a running app: it takes recorded runs in,
// makes trustworthy records of them, judges them against courses and ranks the
// runners.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker: -X main.version=….
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "runvs:", err)
		os.Exit(1)
	}
}
