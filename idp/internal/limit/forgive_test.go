package limit_test

import (
	"testing"
	"time"

	"eulogin.example/idp/internal/limit"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

// What turned out right does not count: a hospital behind one address signs in all day.
func TestForgivenAttemptsDoNotCount(t *testing.T) {
	c := newClock()
	l := limit.New(kv.NewEmbedded(backendtest.SQLite(t), c.now), c.now)
	for i := range 200 {
		if err := hit(l, limit.PasswordAddress, "192.0.2.1"); err != nil {
			t.Fatalf("sign-in %d: %v", i, err)
		}
		if err := l.Forgive(t.Context(), limit.PasswordAddress, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		_ = hit(l, limit.PasswordAccount, "anna")
	}
	if err := l.Forgive(t.Context(), limit.PasswordAccount, "anna"); err != nil {
		t.Fatal(err)
	}
	if until, _ := l.Paused(t.Context(), limit.PasswordAccount, "anna"); !until.IsZero() {
		t.Fatal("still paused")
	}
	if err := hit(l, limit.PasswordAccount, "anna"); err != nil {
		t.Fatal(err)
	}
	if err := hit(l, limit.PasswordAccount, "anna"); !tooMany(err) {
		t.Fatalf("one was forgiven and two went through: %v", err)
	}
}

// Forgiving gives no credit in advance.
func TestForgivingNothing(t *testing.T) {
	l := limit.New(kv.NewEmbedded(backendtest.SQLite(t), time.Now), time.Now)
	for range 10 {
		if err := l.Forgive(t.Context(), limit.PasswordAccount, "anna"); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		_ = hit(l, limit.PasswordAccount, "anna")
	}
	if err := hit(l, limit.PasswordAccount, "anna"); !tooMany(err) {
		t.Fatal("credit")
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64",
		"::ffff:192.0.2.1": "::ffff:192.0.2.1", "nonsense": "nonsense", "": "",
	} {
		if got := limit.Network(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}
