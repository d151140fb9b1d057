package kit_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packages is the closed list of what both services share, with the lines of Go that each may
// have. A new entry needs an ADR (idp/docs/adr/0001).
var packages = map[string]int{
	"config": 300, "fault": 300, "kv": 500, "mail": 300, "outbox": 400, "page": 1100, "server": 420, "sqldb": 600, "telemetry": 250, "wire": 540,
	"backendtest": 400, "bearer": 300,
}

func TestKitIsAClosedList(t *testing.T) {
	dirs, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		most, ok := packages[d.Name()]
		if !ok {
			t.Errorf("%s is not on the list", d.Name())
			continue
		}
		files, err := filepath.Glob(filepath.Join(d.Name(), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		lines, documented := 0, false
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			n, doc := count(t, f)
			lines += n
			documented = documented || doc
		}
		if lines > most {
			t.Errorf("%s has %d lines, more than %d: is it still one thing?", d.Name(), lines, most)
		}
		if !documented {
			t.Errorf("%s has no package comment", d.Name())
		}
	}
}

// The kit knows neither service.
func TestKitImportsNoService(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, forbidden := range []string{`"eulogin.example/idp`, `"eulogin.example/cpms`} {
			if strings.Contains(string(raw), forbidden) {
				t.Errorf("%s imports %s", path, forbidden)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, file string) (lines int, documented bool) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s := bufio.NewScanner(f)
	for s.Scan() {
		lines++
		documented = documented || strings.HasPrefix(s.Text(), "// Package ")
	}
	return lines, documented
}
