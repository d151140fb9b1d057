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

func TestBoundsAndForms(t *testing.T) {
	for value, ok := range map[string]bool{"5": true, "1440": true, "4": false, "1441": false, "5.0": false, " 5": false, "0x5": false} {
		r := reader(map[string]string{"IDP_N": value})
		r.Int("N", 7, 5, 1440, "")
		if (r.Err() == nil) != ok {
			t.Errorf("%q: %v", value, r.Err())
		}
	}
	for value, ok := range map[string]bool{
		"https://idp.example": true, "http://localhost:9000": true, "https://idp.example/base/": true, "": false, "idp.example": false, "ftp://idp.example": false,
		"https://": false, "https://a:b@idp.example": false, "https://idp.example?x=1": false, "https://idp.example#x": false, "javascript://idp.example/%0aalert(1)": false,
	} {
		r := reader(map[string]string{"IDP_U": value})
		r.URL("U", "", "")
		if (r.Err() == nil) != ok {
			t.Errorf("%q: %v", value, r.Err())
		}
	}
}

func TestSecretsComeFromOnePlace(t *testing.T) {
	dir := t.TempDir()
	good, empty := filepath.Join(dir, "good"), filepath.Join(dir, "empty")
	for file, text := range map[string]string{good: "hunter2\r\n", empty: "\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		env   map[string]string
		want  string
		fault string
	}{
		"value":   {map[string]string{"IDP_S": "hunter2"}, "hunter2", ""},
		"file":    {map[string]string{"IDP_S_FILE": good}, "hunter2", ""},
		"both":    {map[string]string{"IDP_S_FILE": good, "IDP_S": "hunter2"}, "hunter2", "IDP_S is set beside IDP_S_FILE"},
		"empty":   {map[string]string{"IDP_S_FILE": empty}, "default", "IDP_S_FILE is empty"},
		"missing": {map[string]string{"IDP_S_FILE": dir + "/none"}, "default", "IDP_S_FILE cannot be read"},
		"neither": {nil, "default", ""},
	} {
		r := reader(tt.env)
		got, err := r.Secret("S", "default", ""), r.Err()
		if got != tt.want || (tt.fault == "") != (err == nil) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err != nil && (!strings.Contains(err.Error(), tt.fault) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSecretsAreNeverPrinted: not the ones read as secrets, and not those that an operator puts
// into an address that is read as a plain text, sound or broken.
func TestSecretsAreNeverPrinted(t *testing.T) {
	env := map[string]string{
		"IDP_KEY": "hunter2", "IDP_A": "postgres://idp:hunter2@db/idp", "IDP_B": "redis://:hunter2%zz@kv:6379/0", "IDP_C": "smtp://user:hun@ter2@mail:587",
		"IDP_D": "https://gateway/send?key=hunter2", "IDP_E": "plain text", "IDP_F": "postgres://idp@db/idp?sslmode=disable&password=hunter2",
	}
	r := reader(env)
	r.Secret("KEY", "", "the key")
	r.Secret("OTHER", "", "another")
	r.Secret("THIRD", "in the source", "a third")
	for _, name := range []string{"A", "B", "C", "D", "E", "F"} {
		r.String(name, "", "meaning of "+name)
	}
	var out bytes.Buffer
	r.Print(&out)
	for _, secret := range []string{"hunter2", "hun@ter2", "ter2"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q stands in\n%s", secret, out.String())
		}
	}
	for _, want := range []string{"SETTING", "IDP_KEY[_FILE]", "(set)", "(default)", "IDP_OTHER[_FILE]", "(not set)", "postgres://xxxxx@db/idp", "plain text", "meaning of F"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
