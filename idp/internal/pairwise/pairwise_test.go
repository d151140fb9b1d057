package pairwise

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
)

const anna, berta = ident.AccountID("n00annaaaaa"), ident.AccountID("n00bertaaaa")

func subjects(fill byte) *Subjects { return &Subjects{bytes.Repeat([]byte{fill}, 32)} }

// of gives a pairwise client of a sector; "" gives a public one.
func of(sector string) *client.Client {
	c := &client.Client{RedirectURIs: []string{"https://" + sector + "/cb"}}
	if sector != "" {
		c.SubjectType = client.PairwiseSubjects
	}
	return c
}

// OpenID Connect Core §8.1: one sub in a sector, another in each other one, and only we read it again.
func TestASubIsOfOneSectorAndOneAccount(t *testing.T) {
	s := subjects(1)
	a, b := s.Subject(of("a.example"), anna), s.Subject(of("b.example"), anna)
	if a == b || a == s.Subject(of("a.example"), berta) || a == subjects(2).Subject(of("a.example"), anna) {
		t.Fatalf("%s %s", a, b)
	}
	if again := s.Subject(&client.Client{RedirectURIs: []string{"https://A.example:8443/x"}, Subjects: client.Subjects{SubjectType: client.PairwiseSubjects}}, anna); again != a {
		t.Errorf("another client of the sector: %s, not %s", again, a)
	}
	for _, sub := range []string{a, b} {
		if !regexp.MustCompile(`^p00[0-9a-hjkmnp-tv-z]{44}$`).MatchString(sub) || strings.Contains(sub, "anna") {
			t.Errorf("%q", sub)
		}
	}
	if s.Account(of("a.example"), a) != anna || s.Account(of("b.example"), b) != anna {
		t.Error("it is not read again")
	}
	if s.Subject(of(""), anna) != string(anna) || s.Account(of(""), string(anna)) != anna {
		t.Error("a public sub is the account")
	}
}

// Nobody makes a sub: neither by another sector's, by an account's name, nor by changing one.
func TestSubsThatAreNone(t *testing.T) {
	s := subjects(1)
	good := s.Subject(of("a.example"), anna)
	bad := []string{"", "p00", string(anna), "p00" + string(anna), s.Subject(of("b.example"), anna), subjects(2).Subject(of("a.example"), anna), good + "0", good[:len(good)-1], good + "\n", " " + good, strings.ToUpper(good)}
	for i := range good {
		bad = append(bad, good[:i]+string(rune(good[i]^1))+good[i+1:])
	}
	for _, sub := range bad {
		if id := s.Account(of("a.example"), sub); id != "" {
			t.Errorf("%q is %s", sub, id)
		}
	}
	if id := s.Account(of(""), good); id != "" {
		t.Errorf("a pairwise sub of a public client is %s", id)
	}
}

// One sid for all clients would join what the subs keep apart.
func TestASessionHasASIDForEachSector(t *testing.T) {
	s := subjects(1)
	a := s.Session(of("a.example"), "sid1")
	if a == "sid1" || a == s.Session(of("b.example"), "sid1") || a == s.Session(of("a.example"), "sid2") || a != s.Session(of("a.example"), "sid1") || len(a) != 26 {
		t.Error(a)
	}
	if s.Session(of(""), "sid1") != "sid1" || s.Session(of("a.example"), "") != "" {
		t.Error("a public client's, or none")
	}
}

// Whatever is told as a sub, it is nobody's or the very sub of the account that it gives.
func FuzzSub(f *testing.F) {
	s, c := subjects(1), of("a.example")
	f.Add(s.Subject(c, anna))
	f.Add(s.Subject(of("b.example"), anna))
	f.Add("p00")
	f.Add("p00" + strings.Repeat("0", 44))
	f.Fuzz(func(t *testing.T, sub string) {
		if id := s.Account(c, sub); id != "" && s.Subject(c, id) != sub {
			t.Fatalf("%q is %s", sub, id)
		}
	})
}
