package check

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/policy"
)

func facts() (Run, Facts) {
	age := int64(300)
	return Run{Client: "rp", Subject: "check-x"}, Facts{
		Issuer: "https://idp.example/check/rp", Now: noon, Access: "a", SID: "s", Alg: jose.ES256,
		Asked: Asked{State: "st", Nonce: "n", Scopes: []string{"openid", "email", "profile"}, ACR: policy.ACRMedium, MaxAge: &age},
	}
}

// Each case spoils the one thing that it is about, and nothing else: a service that refuses refuses for
// that.
func TestEachCaseSpoilsOneThing(t *testing.T) {
	r, f := facts()
	good, _ := CaseOf("good")
	want := idToken(good, r, f)
	spoiled := map[string]string{
		"iss": "iss", "aud-wrong": "aud", "aud-extra": "aud", "expired": "exp iat", "nonce-wrong": "nonce", "nonce-missing": "nonce", "sub-missing": "sub",
		"acr-low": "acr", "auth-time": "auth_time", "typ-logout": "events typ", "typ-access": "client_id typ", "future": "exp iat", "at-hash": "at_hash",
		"signature": "how", "alg-none": "how", "alg-hs256": "how", "extras": "aud x_integration_check",
	}
	for _, c := range Cases {
		if c.Part == Logout {
			continue
		}
		got := idToken(c, r, f)
		var differs []string
		for name := range maps.Keys(joined(want.claims, got.claims)) {
			a, _ := json.Marshal(want.claims[name])
			b, _ := json.Marshal(got.claims[name])
			if string(a) != string(b) {
				differs = append(differs, name)
			}
		}
		if got.typ != want.typ {
			differs = append(differs, "typ")
		}
		if got.how != want.how {
			differs = append(differs, "how")
		}
		slices.Sort(differs)
		if strings.Join(differs, " ") != spoiled[c.ID] {
			t.Errorf("%s spoils %q, not %q", c.ID, differs, spoiled[c.ID])
		}
		if c.Part == Token && spoiled[c.ID] == "" {
			t.Errorf("%s plays nothing", c.ID)
		}
	}
}

func joined(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

func TestAnswersInTheBrowser(t *testing.T) {
	_, f := facts()
	for id, want := range map[string]string{
		"good": "code=c&iss=I&state=st", "expired": "code=c&iss=I&state=st", "code-foreign": "code=c&iss=I&state=st", "state-wrong": "code=c&iss=I&state=not-st", "state-missing": "code=c&iss=I",
		"iss-wrong": "code=c&iss=https%3A%2F%2Fissuer.example&state=st", "iss-missing": "code=c&state=st", "extras": "code=c&iss=I&session_state=of.no.use&state=st&x_integration_check=1",
	} {
		c, _ := CaseOf(id)
		if got := Answer(c, f.Asked, "I", "c").Encode(); got != want {
			t.Errorf("%s: %s", id, got)
		}
	}
	no, _ := CaseOf("error")
	if got := Answer(no, f.Asked, "I", "c"); got.Has("code") || got.Get("error") != "access_denied" || got.Get("state") != "st" {
		t.Errorf("%v", got)
	}
	good, _ := CaseOf("good")
	if got := Answer(good, Asked{}, "I", "c"); !maps.EqualFunc(got, url.Values{"code": {"c"}, "iss": {"I"}}, slices.Equal) {
		t.Errorf("without a state: %v", got)
	}
}

func TestLogoutTokensOfTheCheck(t *testing.T) {
	r, f := facts()
	for id, want := range map[string]func(forged) bool{
		"logout-good":      func(t forged) bool { return t.how == rightly && t.claims["nonce"] == nil && t.claims["aud"] == "rp" },
		"logout-replay":    func(t forged) bool { return t.how == rightly && t.claims["events"] != nil },
		"logout-signature": func(t forged) bool { return t.how == stranger },
		"logout-aud":       func(t forged) bool { return t.claims["aud"] == "another-rp" },
		"logout-nonce":     func(t forged) bool { return t.claims["nonce"] != nil },
		"logout-events":    func(t forged) bool { return t.claims["events"] == nil },
	} {
		c, _ := CaseOf(id)
		if tok := logoutToken(c, r, f, "j"); !want(tok) || tok.typ != "logout+jwt" || tok.claims["jti"] != "j" {
			t.Errorf("%s: %+v", id, tok)
		}
	}
}

// A service is asked for nothing that it did not ask for: what cannot be played is said, not failed.
func TestWhatCannotBePlayed(t *testing.T) {
	age := int64(0)
	for _, tt := range []struct {
		id   string
		a    Asked
		want Need
	}{
		{"state-wrong", Asked{}, NeedState}, {"state-missing", Asked{State: "s"}, Nothing}, {"nonce-wrong", Asked{}, NeedNonce}, {"nonce-missing", Asked{Nonce: "n"}, Nothing},
		{"acr-low", Asked{}, NeedACR}, {"acr-low", Asked{ACR: policy.ACRBasic}, NeedACR}, {"acr-low", Asked{ACR: policy.ACRMedium}, Nothing}, {"acr-low", Asked{ACR: "phr"}, Nothing}, {"acr-low", Asked{ACR: "urn:x"}, NeedACR},
		{"auth-time", Asked{}, NeedMaxAge}, {"auth-time", Asked{MaxAge: &age}, Nothing}, {"good", Asked{}, Nothing},
	} {
		c, _ := CaseOf(tt.id)
		if got := missing(c, tt.a); got != tt.want {
			t.Errorf("%s %+v: %q", tt.id, tt.a, got)
		}
	}
}

func TestCasesAreToldApart(t *testing.T) {
	seen := map[string]bool{}
	good := 0
	for _, c := range Cases {
		if seen[c.ID] || c.Rule == "" || !slices.Contains(Parts, c.Part) {
			t.Errorf("%+v", c)
		}
		seen[c.ID] = true
		if c.Accept() {
			good++
		}
	}
	if good < 3 {
		t.Errorf("%d good answers", good)
	}
}
