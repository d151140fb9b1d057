package backendtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// postgresServer gives the address of PostgreSQL's maintenance database, starting the server
// at the first call of a test process.
func postgresServer(t testing.TB) string {
	t.Helper()
	if given := os.Getenv("TEST_POSTGRES_URL"); given != "" {
		return given
	}
	address, err := postgres()
	if err != nil {
		t.Fatalf("PostgreSQL for tests (apt-get install postgresql, or `make test`): %v", err)
	}
	return address
}

func redisServer(t testing.TB) string {
	t.Helper()
	if given := os.Getenv("TEST_REDIS_URL"); given != "" {
		return given
	}
	address, err := redis()
	if err != nil {
		t.Fatalf("Redis for tests (apt-get install redis-server, or `make test`): %v", err)
	}
	return address
}

var postgres = sync.OnceValues(func() (string, error) {
	initdb, err := find("initdb", "/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	server, err := find("postgres", "/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	dir, cred, err := folder()
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	mk := exec.Command(initdb, "-D", data, "-A", "trust", "-U", "app", "--no-sync", "-E", "UTF8", "--locale=C")
	mk.Dir, mk.SysProcAttr = dir, &syscall.SysProcAttr{Credential: cred}
	if out, err := mk.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	run := exec.Command(server, "-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+dir, "-c", "fsync=off", "-c", "max_connections=300", "-c", "shared_buffers=32MB")
	run.Dir = dir
	if err := launch(run, cred); err != nil {
		return "", err
	}
	return fmt.Sprintf("postgres://app@127.0.0.1:%d/postgres?sslmode=disable", port), reachable(port)
})

var redis = sync.OnceValues(func() (string, error) {
	server, err := find("redis-server", "/usr/bin/redis-server")
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	run := exec.Command(server, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	if err := launch(run, nil); err != nil {
		return "", err
	}
	return fmt.Sprintf("redis://127.0.0.1:%d/0", port), reachable(port)
})

// launch starts a server that the kernel ends when this process ends. The signal is tied to
// the thread that starts it, so that thread is kept for as long.
func launch(cmd *exec.Cmd, cred *syscall.Credential) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		_ = cmd.Wait()
	}()
	return <-started
}

// folder makes the server's home below the temporary folder. PostgreSQL refuses to run as
// root, so root hands it to the user postgres. Homes of test processes that are gone are
// swept first.
func folder() (string, *syscall.Credential, error) {
	sweep()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("backendtest-%d", os.Getpid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	if os.Getuid() != 0 {
		return dir, nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return "", nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return dir, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}

func sweep() {
	homes, _ := filepath.Glob(filepath.Join(os.TempDir(), "backendtest-*"))
	for _, h := range homes {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(h), "backendtest-"))
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(h)
		}
	}
}

func find(name, pattern string) (string, error) {
	if matches, _ := filepath.Glob(pattern); len(matches) > 0 {
		return matches[len(matches)-1], nil
	}
	return exec.LookPath(name)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// reachable waits until the server accepts connections.
func reachable(port int) error {
	var err error
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		var c net.Conn
		if c, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = c.Close()
			return nil
		}
	}
	return err
}
