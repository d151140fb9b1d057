package phone

import (
	"strconv"
	"strings"
	"time"
)

// Decision is what the person chose on the phone.
type Decision string

// The decisions of the app.
const (
	Approve Decision = "approve"
	Deny    Decision = "deny"
	NotMe   Decision = "not_me" // deny, and report that a stranger is trying
)

// Unlock is how the person showed to be the phone's owner.
type Unlock string

// The ways to unlock. A refusal needs none.
const (
	Locked       Unlock = "-"
	ByPIN        Unlock = "pin"
	ByBiometrics Unlock = "biometrics"
)

// Answer is a phone's answer to a request.
type Answer struct {
	RequestID string
	Decision  Decision
	Number    string // as typed; "" unless approving
	PIN       string // "" unless approving by it
	Assertion []byte // of the phone's own authenticator over the statement; nil unless approving by it
	At        time.Time
	Signature []byte // the device key's over Statement
}

// Unlocked says how the answer was unlocked.
func (a Answer) Unlocked() Unlock {
	switch {
	case a.Assertion != nil:
		return ByBiometrics
	case a.PIN != "":
		return ByPIN
	}
	return Locked
}

// Shown is what a phone shows of a sign-in before it asks. Its texts have one line each.
type Shown struct {
	ID        string
	Client    string // the service
	Browser   string
	Address   string
	CreatedAt time.Time
}

// lines is the part of a statement that says what was seen, by whom.
func (s Shown) lines(version, issuer, device string) []string {
	return []string{version, issuer, device, s.ID, s.Client, s.Browser, s.Address, seconds(s.CreatedAt)}
}

// Statement is the text that the device key signs: a decision, with all that was on the
// screen, that can be shown later without trusting anything else. Lines end with \n, the last
// one too; times are in whole seconds since 1970 (docs/app-protocol.md §5.3).
func Statement(issuer, device string, s Shown, a Answer) []byte {
	number := a.Number
	if number == "" {
		number = "-"
	}
	return text(append(s.lines("eulogin-app-answer/2", issuer, device), string(a.Decision), number, string(a.Unlocked()), seconds(a.At)))
}

// HereStatement is the same for an approval of the app in the browser that signs in (§10.2).
func HereStatement(issuer, device string, s Shown, by Unlock, at time.Time) []byte {
	return text(append(s.lines("eulogin-app-here/2", issuer, device), string(by), seconds(at)))
}

func text(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// wellFormed checks the parts of an answer that are typed or chosen.
func (a Answer) wellFormed() bool {
	switch a.Decision {
	case Approve:
		unlocked := isPIN(a.PIN) && a.Assertion == nil || a.PIN == "" && len(a.Assertion) > 0 && len(a.Assertion) <= maxBio
		return len(a.Number) == 2 && digits(a.Number) && unlocked
	case Deny, NotMe:
		return a.Number == "" && a.PIN == "" && a.Assertion == nil
	}
	return false
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
