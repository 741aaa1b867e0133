// Command attackload fires every attack of the bounds at the real program under a
// limit of memory, each alone and then all at once, while a health probe and an
// honest phone go on beside it. It prints what each cost and what was answered,
// and fails when a promise is broken. It knows the program by its API alone, so
// that an older program can be measured with it. It is started by make attack-load.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "attackload:", err)
		stop()
		os.Exit(1) // stop was called
	}
}

// options are what the user asked for.
type options struct {
	binary  string
	store   string
	memory  string
	cgroup  string
	only    []string
	short   bool
	compare string
	json    string
}

func command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "attackload",
		Short: "Fire the attacks of the bounds at the real program under a limit of memory",
		Long: `Starts the program under a limit of memory and fires each attack at it, alone and
then all at once. All the while a probe asks for its health, and a phone uploads
chunks; after each attack a normal run must be judged. A program that dies is
started again on the same data.

Without --cgroup the limit is RLIMIT_DATA, which needs no rights. A cgroup has to be
one that was given to you, as by systemd-run --scope -p Delegate=yes; a child of it
is made and removed.

The exit code is 1 when a promise is broken: the program died, its health took over
a second, an honest chunk was not stored, a normal run was not judged, an attack was
answered 5xx other than 503, or what an attack may cost was exceeded.

Attacks: ` + strings.Join(names(attacks), ", ") + ".",
		Example: `  attackload --bin bin/runvs
  attackload --bin old/runvs --json before.json
  attackload --compare before.json --only corridor_square_wave,fit_bomb
  .ci/with-postgres attackload --store postgres --memory 1GiB`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := load(cmd.Context(), o, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), o, r)
		},
	}
	f := c.Flags()
	f.StringVar(&o.binary, "bin", "bin/runvs", "the program to attack")
	f.StringVar(&o.store, "store", "sqlite", "sqlite, memory, or postgres at RUNVS_TEST_POSTGRES_URL, where databases are made")
	f.StringVar(&o.memory, "memory", "1GiB", "what the program may have, such as 512MiB or 1GiB")
	f.StringVar(&o.cgroup, "cgroup", "", "a cgroup directory of yours with the memory controller (v1 or v2), to limit by a child of it")
	f.StringSliceVar(&o.only, "only", nil, "fire these attacks alone, and nothing at once")
	f.BoolVar(&o.short, "short", false, "fewer repetitions and smaller inputs: every attack within a minute in all")
	f.StringVar(&o.compare, "compare", "", "a file of --json of another run, printed beside this one as before")
	f.StringVar(&o.json, "json", "", "write the figures to this file")
	return c
}

// show prints the table, keeps the figures, and says which promises were broken.
func show(w io.Writer, o options, r report) error {
	before := report{}
	if o.compare != "" {
		var err error
		if before, err = readReport(o.compare); err != nil {
			return err
		}
	}
	table{before: before, now: r}.print(w)
	if o.json != "" {
		if err := r.write(o.json); err != nil {
			return err
		}
	}
	if broken := r.broken(); len(broken) > 0 {
		return errors.New("promises were broken:\n  " + strings.Join(broken, "\n  "))
	}
	return nil
}
