package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/ports"
)

// asRunvs is set in a child process: it is the program, with the child's arguments.
const asRunvs = "RUNVS_TEST_AS_RUNVS"

func TestMain(m *testing.M) {
	if os.Getenv(asRunvs) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is the program in a process of its own, to be killed.
type process struct {
	cmd    *exec.Cmd
	server string
}

// serve starts the program and waits until it says where it serves.
func serve(t *testing.T, args ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"serve", "--http-addr", "127.0.0.1:0", "--metrics-addr", "", "--log-level", "error"}, args...)...)
	cmd.Env = append(os.Environ(), asRunvs+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd}
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "serves "); ok {
			p.server = address
			go func() { // lets it print what it likes
				for lines.Scan() {
				}
			}()
			return p
		}
	}
	t.Fatal("the program did not say where it serves")
	return nil
}

// kill is kill -9. Killing twice is harmless.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// within waits until a condition holds.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(limit); !holds(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("after %s not yet: %s", limit, what)
		}
	}
}

// A course whose picture kills the process (here: a map that keeps the job until
// the test has killed it) does so twice, and the program serves.
func TestAJobThatKillsTheProgramTwiceIsSetAside(t *testing.T) {
	file := absolute(t, riverside)
	t.Chdir(t.TempDir())
	asked, mended := make(chan struct{}, 100), atomic.Bool{}
	tiles := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if mended.Load() {
			_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 256, 256)))
			return
		}
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer tiles.Close()
	args := []string{"--database-url", "sqlite:" + filepath.Join(t.TempDir(), "runvs.db"), "--tile-url", tiles.URL + "/{z}/{x}/{y}"}
	list := func(more ...string) string {
		t.Helper()
		out, err := runvs(t, append(append([]string{"jobs", "list"}, more...), args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}

	first := serve(t, args...)
	if _, err := runvs(t, "replay", file, "--course", "new", "--server", first.server); err != nil {
		t.Fatal(err)
	}
	<-asked
	first.kill()
	for len(asked) > 0 {
		<-asked
	}
	second := serve(t, args...)
	if out, err := runvs(t, "replay", file, "--user", "joon", "--server", second.server); err != nil {
		t.Fatalf("between the deaths nobody can run: %v\n%s", err, out)
	}
	<-asked
	second.kill()

	third := serve(t, args...)
	within(t, 10*time.Second, "the job is set aside", func() bool { return strings.Contains(list(), "publish_course") })
	contains(t, list(), "died twice", "failed")
	if out, err := runvs(t, "replay", file, "--user", "sora", "--server", third.server); err != nil {
		t.Fatalf("afterwards nobody can run: %v\n%s", err, out)
	}
	var entries []struct {
		ID            int64
		Tries, Deaths int
		State         string
	}
	if err := json.Unmarshal([]byte(list("--json")), &entries); err != nil || len(entries) != 1 || entries[0].Deaths != 2 || entries[0].Tries != 2 || entries[0].State != "failed" {
		t.Errorf("%v: %+v", err, entries)
	}
	out, err := runvs(t, append([]string{"doctor"}, args...)...)
	if err == nil {
		t.Error("doctor finds nothing wrong")
	}
	contains(t, out, "BAD  jobs", "set aside: 1 publish_course", "runvs jobs list")

	mended.Store(true)
	number := fmt.Sprint(entries[0].ID)
	if out, err = runvs(t, append([]string{"jobs", "retry", number}, args...)...); err != nil {
		t.Fatal(err)
	}
	contains(t, out, "job "+number+" is tried again")
	within(t, 10*time.Second, "the job is done", func() bool { return !strings.Contains(list("--all"), "publish_course") })
}

func TestJobsAreRetriedAndDropped(t *testing.T) {
	t.Chdir(t.TempDir())
	refused(t, []string{"runvs migrate up"}, "jobs", "list")
	step(t, "applied", "migrate", "up")
	step(t, "no job is set aside", "jobs", "list")
	step(t, "[]", "jobs", "list", "--json")
	step(t, "ok   jobs       none is set aside", "doctor")
	step(t, "0 jobs are tried again", "jobs", "retry", "--all")
	refused(t, []string{"--all", "runvs jobs list"}, "jobs", "retry")
	refused(t, []string{"--all"}, "jobs", "retry", "1", "--all")
	refused(t, []string{"job 1 is not set aside"}, "jobs", "retry", "1")
	refused(t, []string{"job 1 is not set aside"}, "jobs", "drop", "1")
	refused(t, []string{"no job's ID", "x"}, "jobs", "drop", "x")
	refused(t, []string{"--limit"}, "jobs", "list", "--limit", "0")
	refused(t, []string{"memory:"}, "jobs", "list", "--database-url", "memory:")
	for _, verb := range []string{"list", "retry", "drop"} {
		step(t, "Examples:", "jobs", verb, "--help")
	}
}

func TestTheTableOfJobsHasALineForEach(t *testing.T) {
	var out strings.Builder
	if err := writeJobs(&out, []ports.JobEntry{
		{Number: 7, Job: ports.Job{Kind: ports.JobEndSilent}, State: ports.JobFailed, Tries: 3, Reason: "a reason\nof two lines"},
	}); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "ID", "REASON", "7   end_silent  -", "a reason of two lines")
}

func TestDoctorAsksTheServerQuickly(t *testing.T) {
	t.Chdir(t.TempDir())
	address := strings.TrimPrefix(serving(t), "http://")
	out, err := runvs(t, "doctor", "--quick", "--http-addr", address)
	if err != nil {
		t.Error(err)
	}
	if out != "ok   server     is ready at "+address+"\n" {
		t.Errorf("it says %q", out)
	}
	_, port, _ := strings.Cut(address, ":")
	for _, all := range []string{":" + port, "0.0.0.0:" + port} {
		if _, err := runvs(t, "doctor", "--quick", "--http-addr", all, "--dev-login=false"); err != nil {
			t.Errorf("%s: %v", all, err)
		}
	}
	refused(t, []string{"checks failed"}, "doctor", "--quick", "--http-addr", "127.0.0.1:1")
	if entries, _ := os.ReadDir("."); len(entries) > 0 {
		t.Errorf("a quick look left %v", entries)
	}

	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer ill.Close()
	refused(t, []string{"checks failed"}, "doctor", "--quick", "--http-addr", strings.TrimPrefix(ill.URL, "http://"))
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	began := time.Now()
	refused(t, []string{"checks failed"}, "doctor", "--quick", "--http-addr", strings.TrimPrefix(slow.URL, "http://"))
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("a quick look took %s", took)
	}
}
