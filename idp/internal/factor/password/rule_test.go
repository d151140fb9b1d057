package password

import (
	"crypto/rand"
	"strings"
	"testing"

	"eulogin.example/proto/kit/fault"
)

var anna = About{GivenName: "Anna", FamilyName: "Peeters", Email: "anna.peeters@hospital.example"}

// reason gives the last piece of the refusal's key, "" when the password is accepted.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(fault.As(err).Fields["password"].Key, "password.error.")
}

func rule(t testing.TB, profile string) Rule {
	t.Helper()
	r, err := RuleOf(profile)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRules(t *testing.T) {
	tests := []struct{ plain, guide, eulogin, nist string }{
		{"", "empty", "empty", "empty"},
		{"SEN5RbaW", "", "short", "short"}, // the guide's own examples
		{"GwOzMg9m", "", "short", "short"},
		{"U(nuCuwh", "", "short", "short"},
		{"SEN5Rba", "short", "short", "short"},
		{"kvlrtzmwqd", "groups", "groups", "short"},
		{"KVLRtzmwqd", "groups", "groups", "short"},
		{"KVLRtzm4qd", "", "groups", "short"},
		{"KVLRtz-4qd", "", "", "short"},
		{"kvlr tzm wqd bgh x", "groups", "groups", ""},
		{"Kvlr tzm 4qd", "", "groups", "short"},
		{"Ünïcödé 7 grün", "groups", "groups", "short"}, // Ü is in none of the groups,
		{"Password1!", "common", "common", "short"},
		{"P@ssw0rd123", "common", "common", "short"},
		{"Summer2026!", "common", "common", "short"},
		{"Letmein-2026", "common", "common", "short"},
		{"Aaaaaaaaaaaaaaa1-", "repetitive", "repetitive", "repetitive"},
		{"Ab1-Ab1-Ab1-Ab1-", "repetitive", "repetitive", "repetitive"},
		{"Abcdefgh123456-7", "repetitive", "repetitive", "repetitive"},
		{"Qwertzuiop1234--", "repetitive", "repetitive", "repetitive"},
		{"Anna.Peeters1", "personal", "personal", "short"},
		{"EULogin-2026", "personal", "personal", "short"},
		{"Anna likes 3 green parrots!", "", "", ""},
		{strings.Repeat("aB3-xQ7 ", 16), "repetitive", "repetitive", "repetitive"},
		{strings.Repeat("x", 129), "long", "long", "long"},
		{strings.Repeat("界", 342), "long", "long", "long"},
		{"tab\tinside 4 You", "control", "control", "control"},
		{"bad \xff utf8 Aa1", "control", "control", "control"},
	}
	for _, tt := range tests {
		for profile, want := range map[string]string{"guide": tt.guide, "eulogin-2024": tt.eulogin, "nist-63b4": tt.nist} {
			if got := reason(rule(t, profile).Check(tt.plain, anna)); got != want {
				t.Errorf("%s %q: %q, want %q", profile, tt.plain, got, want)
			}
		}
	}
	if _, err := RuleOf("none"); err == nil {
		t.Error("an unknown profile must be refused at start")
	}
}

func TestLongestPassword(t *testing.T) {
	long := draw(rand.Reader, MaxLength)
	if err := rule(t, "guide").Check(long, anna); err != nil {
		t.Errorf("%d characters must pass: %v", MaxLength, err)
	}
}

func TestSamplesMeetEveryProfile(t *testing.T) {
	for _, r := range rules {
		seen := map[string]bool{}
		for range 200 {
			s := r.sample(rand.Reader)
			if seen[s] || r.Check(s, anna) != nil || strings.ContainsAny(s, "0O1Il\"'<>`") {
				t.Fatalf("%s: sample %q", r.Profile, s)
			}
			seen[s] = true
		}
	}
}

func TestDrawIsEven(t *testing.T) {
	counts := map[rune]int{}
	const n = 78_000
	for _, r := range draw(rand.Reader, n) {
		counts[r]++
	}
	mean := n / len(sampleAlphabet)
	for _, r := range sampleAlphabet {
		if c := counts[r]; c < mean*7/10 || c > mean*13/10 {
			t.Errorf("%q was drawn %d times, the mean is %d", r, c, mean)
		}
	}
}

func TestBlocklistIsClean(t *testing.T) {
	if len(blocklist) < 500 {
		t.Errorf("only %d entries", len(blocklist))
	}
	for w := range blocklist {
		if w != strings.ToLower(w) || len(w) < 2 {
			t.Errorf("entry %q can never match", w)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"SEN5RbaW", "Password1!", "\xff", "ﬁﬁﬁﬁﬁﬁﬁﬁﬁﬁ", "a\u0301A1-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, r := range rules {
			if r.Check(in, anna) == nil && (len([]rune(canonical(in))) < r.MinLength || groups(canonical(in)) < r.Groups) {
				t.Fatalf("%s accepted %q", r.Profile, in)
			}
		}
	})
}
