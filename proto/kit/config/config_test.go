package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/config"
)

func reader(pairs map[string]string) *config.Reader {
	return config.FromEnv("IDP", func(k string) string { return pairs[k] })
}

func TestAllFaultsAtOnce(t *testing.T) {
	r := reader(map[string]string{"IDP_N": "90000", "IDP_D": "soon", "IDP_U": "localhost:9000", "IDP_B": "yes please", "IDP_W": "test", "IDP_S_FILE": "/nowhere"})
	r.Int("N", 5, 5, 1440, "")
	r.Duration("D", time.Minute, "")
	r.URL("U", "", "")
	r.Bool("B", true, "")
	r.OneOf("W", "development", "", "development", "production")
	r.Secret("S", "", "")
	r.Need("M", "", "is required in production")
	err := r.Err()
	if err == nil {
		t.Fatal("no fault")
	}
	for _, name := range []string{"IDP_N", "IDP_D", "IDP_U", "IDP_B", "IDP_W", "IDP_S_FILE", "IDP_M"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	r := reader(nil)
	if r.Int("N", 5, 1, 9, "") != 5 || r.Duration("D", time.Minute, "") != time.Minute || r.URL("U", "http://localhost:9000/", "") != "http://localhost:9000" ||
		!r.Bool("B", true, "") || r.String("S", "x", "") != "x" || len(r.List("L", "a, b,,c", "")) != 3 || r.Err() != nil {
		t.Fatal("defaults", r.Err())
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := reader(map[string]string{"IDP_KEY_FILE": file, "IDP_DATABASE": "postgres://idp:hunter2@db/idp"})
	if r.Secret("KEY", "", "the key") != "hunter2" {
		t.Fatal("the file was not read")
	}
	r.String("DATABASE", "", "where")
	var out bytes.Buffer
	r.Print(&out)
	if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), "(set)") {
		t.Fatal(out.String())
	}
}
