package signin

import (
	"crypto"
	"encoding/base64"
	"time"
)

const crypto256 = crypto.SHA256

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// The acr values of idp that cpms knows, weakest first.
const (
	ACRBasic  = "https://eulogin.example/loa/basic"
	ACRMedium = "https://eulogin.example/loa/medium"
	ACRHigh   = "https://eulogin.example/loa/high"
)

// ranks orders every acr of idp by its level; the phishing-resistant ones are MEDIUM.
var ranks = []struct {
	acr  string
	rank int
}{{ACRBasic, 1}, {ACRMedium, 2}, {"phr", 2}, {"phrh", 2}, {ACRHigh, 3}}

func rank(acr string) int {
	for _, r := range ranks {
		if r.acr == acr {
			return r.rank
		}
	}
	return 0
}

// Enough lists every acr that is at least as strong as one, that one first.
func Enough(acr string) []string {
	out := []string{acr}
	for _, r := range ranks {
		if r.acr != acr && r.rank >= rank(acr) {
			out = append(out, r.acr)
		}
	}
	return out
}

// Reaches reports whether an acr is at least as strong as the one asked for. An unknown acr
// reaches nothing.
func Reaches(got, asked string) bool {
	return rank(got) > 0 && rank(got) >= rank(asked)
}

// Need is what an action asks of a sign-in.
type Need struct {
	ACR    string        `json:"acr"`     // least acr
	MaxAge time.Duration `json:"max_age"` // oldest proof; 0: any age within the session
}

// SignedIn asks only for a sign-in.
func SignedIn() Need { return Need{ACR: ACRBasic} }

// Medium asks for two factors, both shown within the last maxAge.
func Medium(maxAge time.Duration) Need { return Need{ACR: ACRMedium, MaxAge: maxAge} }

// Met reports whether an authentication of this acr and time satisfies the need at the
// moment now.
func (n Need) Met(acr string, authTime, now time.Time) bool {
	if !Reaches(acr, n.ACR) || authTime.After(now.Add(skew)) {
		return false
	}
	return n.MaxAge == 0 || now.Sub(authTime) <= n.MaxAge
}
