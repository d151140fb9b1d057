package bearer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/proto/kit/fault"
)

// Token is what the authorization server says of an active access token.
type Token struct {
	Issuer, Subject, ClientID string
	Scopes                    []string
	ACR                       string
	AuthTime                  time.Time // zero: not told, and then no maximum age is met
	SID                       string
}

// Need is what a resource asks of a token.
type Need struct {
	Scope  string        // "" asks for none
	ACR    []string      // values that are enough, the preferred one first; none: any
	MaxAge time.Duration // of the sign-in; 0: any age
}

// Skew is how far the clocks of the two servers may be apart.
const Skew = time.Minute

var (
	// ErrMissing: there is no token in the call.
	ErrMissing = fault.New(fault.Unauthenticated, "bearer.missing")
	// ErrInvalid: the token is malformed, expired, revoked or of somebody else.
	ErrInvalid = fault.New(fault.Unauthenticated, "bearer.invalid_token")
	// ErrScope: the token was not given for this (RFC 6750 §3.1).
	ErrScope = fault.New(fault.Denied, "bearer.insufficient_scope")
	// ErrAuthentication: the person has to sign in more strongly, or again (RFC 9470 §3).
	ErrAuthentication = fault.New(fault.Unauthenticated, "bearer.insufficient_user_authentication")
)

// Check holds a token against the need at the moment now. A token whose subject is its own client is one that
// a program got for itself (RFC 9068 §5): it speaks in nobody's name.
func (n Need) Check(t Token, now time.Time) error {
	switch {
	case t.Subject == "" || t.Subject == t.ClientID:
		return ErrInvalid
	case n.Scope != "" && !slices.Contains(t.Scopes, n.Scope):
		return ErrScope
	case len(n.ACR) > 0 && !slices.Contains(n.ACR, t.ACR):
		return ErrAuthentication
	case n.MaxAge > 0 && (t.AuthTime.IsZero() || t.AuthTime.After(now.Add(Skew)) || now.Sub(t.AuthTime) > n.MaxAge):
		return ErrAuthentication
	}
	return nil
}

// Challenge gives the value of WWW-Authenticate for an error of Check or of reading the
// token; "" for any other error. It tells what to ask for, and nothing of the token.
func (n Need) Challenge(realm string, err error) string {
	code := strings.TrimPrefix(fault.CodeOf(err), "bearer.")
	parts := []string{`realm="` + quoted(realm) + `"`}
	switch code {
	case "missing":
	case "invalid_token":
		parts = append(parts, `error="invalid_token"`)
	case "insufficient_scope":
		parts = append(parts, `error="insufficient_scope"`, `scope="`+quoted(n.Scope)+`"`)
	case "insufficient_user_authentication":
		parts = append(parts, `error="insufficient_user_authentication"`, `error_description="a stronger or a newer sign-in is needed"`)
		if len(n.ACR) > 0 {
			parts = append(parts, `acr_values="`+quoted(strings.Join(n.ACR, " "))+`"`)
		}
		if n.MaxAge > 0 {
			parts = append(parts, `max_age="`+strconv.Itoa(int(n.MaxAge.Seconds()))+`"`)
		}
	default:
		return ""
	}
	return "Bearer " + strings.Join(parts, ", ")
}

// quoted keeps what may stand in a quoted-string as RFC 6750 §3 has it.
func quoted(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, s)
}
