package app

import (
	"crypto/rand"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

// freshStore has the settings of a development service whose database is there.
func freshStore(t *testing.T) (Config, *sqlstore.Store) {
	t.Helper()
	dir := t.TempDir()
	c := Config{Development: true, DataDir: dir, Database: "sqlite:" + dir + "/idp.db"}
	db, err := sqldb.Open(t.Context(), c.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := sqldb.Migrate(t.Context(), db, outbox.Migrations(), sqlstore.Migrations()); err != nil {
		t.Fatal(err)
	}
	return c, sqlstore.New(db)
}

// states runs a command and gives the states that list shows afterwards.
func states(t *testing.T, c Config, args ...string) (out []string) {
	t.Helper()
	var text strings.Builder
	if err := Keys(t.Context(), c, args, &text); err != nil {
		t.Fatal(err)
	}
	text.Reset()
	if err := Keys(t.Context(), c, []string{"list"}, &text); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\S+ +(\S+) +(\S+(?: only)?) +\S+Z +\S+Z +store$`).FindAllStringSubmatch(text.String(), -1) {
		out = append(out, m[1]+" "+m[2])
	}
	return out
}

// The commands for signing keys, in the order in which an operator in distress would type them.
func TestKeysCommand(t *testing.T) {
	c, store := freshStore(t)
	if got := states(t, c, "list"); len(got) != 0 {
		t.Fatalf("list made keys: %v", got)
	}
	for _, step := range []struct {
		args []string
		want []string
	}{
		{[]string{"rotate"}, []string{"ES256 signing", "ES256 next"}},
		{[]string{"rotate", "ES256"}, []string{"ES256 signing", "ES256 next"}},
		{[]string{"emergency"}, []string{"ES256 withdrawn", "ES256 withdrawn", "ES256 signing"}},
		{[]string{"emergency", "ES256"}, []string{"ES256 withdrawn", "ES256 withdrawn", "ES256 withdrawn", "ES256 signing"}},
	} {
		if got := states(t, c, step.args...); !slices.Equal(got, step.want) {
			t.Errorf("%v: %v", step.args, got)
		}
	}
	keys, err := store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	present := keys[len(keys)-1].KID
	if got := states(t, c, "emergency", present); len(got) != 5 || got[4] != "ES256 signing" {
		t.Errorf("%v", got)
	}
	for _, args := range [][]string{{}, {"list", "x"}, {"burn"}, {"rotate", "PS256"}, {"rotate", "HS256"}, {"emergency", present}, {"emergency", "EdDSA"}, {"emergency", "a", "b"}} {
		if err := Keys(t.Context(), c, args, &strings.Builder{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

// rotate without an algorithm rotates every one that has keys.
func TestRotateEveryAlgorithm(t *testing.T) {
	c, store := freshStore(t)
	kek, err := (&app{Config: c}).sealKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.New(t.Context(), signing.Config{Store: store, KEK: kek, Needed: func() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.EdDSA} }, Now: time.Now, Random: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	if got := states(t, c, "rotate"); !slices.Equal(got, []string{"ES256 signing", "EdDSA signing", "ES256 next", "EdDSA next"}) {
		t.Errorf("%v", got)
	}
}
