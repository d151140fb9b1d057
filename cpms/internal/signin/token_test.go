package signin

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

const issuer = "https://idp.example"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func goodAttempt() attempt {
	return attempt{Nonce: "n-1", Browser: "b", Need: Medium(15 * time.Minute), Started: noon.Add(-time.Minute)}
}

func goodClaims() *oidc.IDTokenClaims {
	return &oidc.IDTokenClaims{TokenClaims: oidc.TokenClaims{
		Issuer: issuer, Subject: "n00aaaaaaaa", Audience: []string{ClientID}, Nonce: "n-1",
		Expiration: oidc.FromTime(noon.Add(5 * time.Minute)), IssuedAt: oidc.FromTime(noon), AuthTime: oidc.FromTime(noon.Add(-2 * time.Minute)),
		AuthenticationContextClassReference: ACRMedium,
	}}
}

// Security cases 6 and 26: nothing that is missing or weaker than asked for passes.
func TestIDTokenIsHeldAgainstWhatWasAsked(t *testing.T) {
	tests := map[string]func(*oidc.IDTokenClaims, *attempt){
		"other issuer":         func(c *oidc.IDTokenClaims, _ *attempt) { c.Issuer = "https://evil.example" },
		"other audience":       func(c *oidc.IDTokenClaims, _ *attempt) { c.Audience = []string{"other"} },
		"extra audience":       func(c *oidc.IDTokenClaims, _ *attempt) { c.Audience = append(c.Audience, "other") },
		"other azp":            func(c *oidc.IDTokenClaims, _ *attempt) { c.AuthorizedParty = "other" },
		"no sub":               func(c *oidc.IDTokenClaims, _ *attempt) { c.Subject = "" },
		"no nonce":             func(c *oidc.IDTokenClaims, _ *attempt) { c.Nonce = "" },
		"nonce of another tab": func(c *oidc.IDTokenClaims, _ *attempt) { c.Nonce = "n-2" },
		"attempt without one":  func(c *oidc.IDTokenClaims, a *attempt) { c.Nonce, a.Nonce = "", "" },
		"expired":              func(c *oidc.IDTokenClaims, _ *attempt) { c.Expiration = oidc.FromTime(noon.Add(-time.Minute)) },
		"from the future":      func(c *oidc.IDTokenClaims, _ *attempt) { c.IssuedAt = oidc.FromTime(noon.Add(time.Minute)) },
		"stale":                func(c *oidc.IDTokenClaims, _ *attempt) { c.IssuedAt = oidc.FromTime(noon.Add(-time.Hour)) },
		"no auth_time":         func(c *oidc.IDTokenClaims, _ *attempt) { c.AuthTime = 0 },
		"lower acr":            func(c *oidc.IDTokenClaims, _ *attempt) { c.AuthenticationContextClassReference = ACRBasic },
		"unknown acr":          func(c *oidc.IDTokenClaims, _ *attempt) { c.AuthenticationContextClassReference = "urn:top" },
		"no acr":               func(c *oidc.IDTokenClaims, _ *attempt) { c.AuthenticationContextClassReference = "" },
		"older than max_age":   func(c *oidc.IDTokenClaims, _ *attempt) { c.AuthTime = oidc.FromTime(noon.Add(-time.Hour)) },
		"logout token":         func(c *oidc.IDTokenClaims, _ *attempt) { c.Claims = map[string]any{"events": map[string]any{}} },
	}
	a := goodAttempt()
	if err := checkIDToken(goodClaims(), issuer, a, noon); err != nil {
		t.Fatalf("a good token was refused: %v", err)
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			c, a := goodClaims(), goodAttempt()
			spoil(c, &a)
			if err := checkIDToken(c, issuer, a, noon); !errors.Is(err, ErrToken) {
				t.Errorf("accepted (%v)", err)
			}
		})
	}
}

func goodLogout() *oidc.LogoutTokenClaims {
	return &oidc.LogoutTokenClaims{
		Issuer: issuer, Subject: "n00aaaaaaaa", SessionID: "s1", Audience: []string{ClientID}, JWTID: "j1",
		IssuedAt: oidc.FromTime(noon), Expiration: oidc.FromTime(noon.Add(2 * time.Minute)),
		Events: map[string]any{logoutEvent: map[string]any{}},
	}
}

// Security case 25, the relying party's side.
func TestLogoutTokenForgery(t *testing.T) {
	if err := checkLogoutToken(goodLogout(), issuer, noon); err != nil {
		t.Fatalf("a good logout token was refused: %v", err)
	}
	for name, spoil := range map[string]func(*oidc.LogoutTokenClaims){
		"other issuer":    func(c *oidc.LogoutTokenClaims) { c.Issuer = "https://evil.example" },
		"other audience":  func(c *oidc.LogoutTokenClaims) { c.Audience = []string{"other"} },
		"nonce":           func(c *oidc.LogoutTokenClaims) { c.Claims = map[string]any{"nonce": "n"} },
		"no events":       func(c *oidc.LogoutTokenClaims) { c.Events = nil },
		"event no object": func(c *oidc.LogoutTokenClaims) { c.Events[logoutEvent] = true },
		"no jti":          func(c *oidc.LogoutTokenClaims) { c.JWTID = "" },
		"nobody":          func(c *oidc.LogoutTokenClaims) { c.Subject, c.SessionID = "", "" },
		"old":             func(c *oidc.LogoutTokenClaims) { c.IssuedAt = oidc.FromTime(noon.Add(-time.Hour)) },
		"no exp":          func(c *oidc.LogoutTokenClaims) { c.Expiration = 0 },
	} {
		c := goodLogout()
		spoil(c)
		if err := checkLogoutToken(c, issuer, noon); !errors.Is(err, ErrToken) {
			t.Errorf("%s: accepted (%v)", name, err)
		}
	}
}

func TestNeed(t *testing.T) {
	need := Medium(15 * time.Minute)
	for name, tt := range map[string]struct {
		acr string
		ago time.Duration
		met bool
	}{
		"fresh medium": {ACRMedium, time.Minute, true}, "just in time": {ACRMedium, 15 * time.Minute, true},
		"stale": {ACRMedium, 16 * time.Minute, false}, "basic": {ACRBasic, 0, false},
		"unknown": {"urn:x", 0, false}, "future": {ACRMedium, -time.Hour, false},
	} {
		if got := need.Met(tt.acr, noon.Add(-tt.ago), noon); got != tt.met {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !SignedIn().Met(ACRMedium, noon.Add(-11*time.Hour), noon) {
		t.Error("a stronger sign-in serves a weaker need")
	}
}

// Security case 14: what comes back as "where to go on" never leads away.
func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/request/new?network=ern-eye": "/request/new?network=ern-eye", "": SignedOutPath, "https://evil.example": SignedOutPath,
		"//evil.example": SignedOutPath, `/\evil.example`: SignedOutPath, "/\t/evil.example": SignedOutPath, "javascript:alert(1)": SignedOutPath,
		"/a\r\nLocation: //evil": SignedOutPath,
	} {
		if got := LocalPath(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	f.Add("/request/new")
	f.Add("//evil.example/")
	f.Fuzz(func(t *testing.T, in string) {
		got := LocalPath(in)
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Fatalf("%q leads to %q", in, got)
		}
	})
}
