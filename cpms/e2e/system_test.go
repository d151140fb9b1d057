package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// system is idp and cpms, running as processes with a state folder of their own.
type system struct {
	t         *testing.T
	dir       string
	idp, cpms *service
}

// service is one process that can be killed and started again on the same state.
type service struct {
	t       *testing.T
	name    string
	bin     string
	env     []string
	url     string // where people go
	ops     string // health, ready, metrics
	mu      sync.Mutex
	cmd     *exec.Cmd
	log     *lockedBuffer
	stopped chan struct{}
}

// startSystem starts both services. extra settings are "NAME=value" and win over those made here.
func startSystem(t *testing.T, extra ...string) *system {
	t.Helper()
	bin := os.Getenv("E2E_BIN")
	if bin == "" {
		t.Fatal("E2E_BIN names no folder: run `make e2e`, which builds the binaries first")
	}
	s := &system{t: t, dir: t.TempDir()}
	p := freePorts(t, 7)
	idpURL, cpmsURL := local("http", p[0]), local("http", p[3])
	common := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir}
	s.idp = &service{t: t, name: "idp", bin: filepath.Join(bin, "idp"), url: idpURL, ops: local("http", p[2]), log: &lockedBuffer{}, env: slices.Concat(common, []string{
		"IDP_PROFILE=development", "IDP_ISSUER=" + idpURL, "IDP_HTTP_ADDR=" + addr(p[0]), "IDP_GRPC_ADDR=" + addr(p[1]), "IDP_OPS_ADDR=" + addr(p[2]),
		"IDP_DATA_DIR=" + filepath.Join(s.dir, "idp"), "IDP_PKI_DIR=" + filepath.Join(s.dir, "pki"), "IDP_CLIENTS_DIR=" + filepath.Join(s.dir, "clients"),
		"IDP_CPMS_GRPC=" + addr(p[4]), "IDP_SMTP_SINK_ADDR=" + addr(p[6]), "IDP_SMTP_URL=smtp://" + addr(p[6])}, extra)}
	s.cpms = &service{t: t, name: "cpms", bin: filepath.Join(bin, "cpms"), url: cpmsURL, ops: local("http", p[5]), log: &lockedBuffer{}, env: slices.Concat(common, []string{
		"CPMS_PROFILE=development", "CPMS_BASE_URL=" + cpmsURL, "CPMS_ISSUER=" + idpURL, "CPMS_HTTP_ADDR=" + addr(p[3]), "CPMS_GRPC_ADDR=" + addr(p[4]), "CPMS_OPS_ADDR=" + addr(p[5]),
		"CPMS_DATA_DIR=" + filepath.Join(s.dir, "cpms"), "CPMS_PKI_DIR=" + filepath.Join(s.dir, "pki"), "CPMS_IDP_GRPC=" + addr(p[1]), "CPMS_SMTP_URL=smtp://" + addr(p[6])}, extra)}
	s.register()
	s.idp.start()
	s.cpms.start()
	t.Cleanup(func() {
		s.idp.kill()
		s.cpms.kill()
		if t.Failed() {
			t.Logf("idp said:\n%s\ncpms said:\n%s", tail(s.idp.log.String()), tail(s.cpms.log.String()))
		}
	})
	return s
}

// register writes cpms's client metadata where idp reads it, as `make run` does.
func (s *system) register() {
	cmd := exec.Command(s.cpms.bin, "client-metadata")
	cmd.Env = s.cpms.env
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("cpms client-metadata: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "clients"), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "clients", "cpms.json"), out, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// start runs the process and waits until it says that it is ready.
func (s *service) start() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = exec.Command(s.bin, "serve")
	s.cmd.Env = s.env
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("%s: %v", s.name, err)
	}
	stopped := make(chan struct{})
	s.stopped = stopped
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(stopped) }(s.cmd)
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		select {
		case <-stopped:
			s.t.Fatalf("%s stopped at start:\n%s", s.name, tail(s.log.String()))
		case <-time.After(20 * time.Millisecond):
		}
		if resp, err := http.Get(s.ops + "/readyz"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
	s.t.Fatalf("%s is not ready after 30 s:\n%s", s.name, tail(s.log.String()))
}

// kill ends the process with SIGKILL: nothing is flushed, nothing is said.
func (s *service) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.stopped
}

// crash is kill -9 and a new start on what is on the disk.
func (s *service) crash() {
	s.t.Helper()
	s.kill()
	s.start()
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports
}

func addr(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

func local(scheme string, port int) string { return fmt.Sprintf("%s://localhost:%d", scheme, port) }

func tail(s string) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return io.ReadAll(resp.Body)
}
