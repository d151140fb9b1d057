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

// Answer is a phone's answer to a request.
type Answer struct {
	RequestID string
	Decision  Decision
	Number    string // as typed; "" unless approving
	PIN       string // "" unless approving
	At        time.Time
	Signature []byte // the device key's over Statement
}

// Statement is the text that the device key signs: a decision that can be shown later
// without trusting anything else. Lines end with \n, the last one too; time is in whole
// seconds since 1970 (docs/app-protocol.md §5.3).
func Statement(issuer, client string, a Answer) []byte {
	number := a.Number
	if number == "" {
		number = "-"
	}
	return []byte(strings.Join([]string{
		"eulogin-app-answer/1", issuer, a.RequestID, client, string(a.Decision), number,
		strconv.FormatInt(a.At.Unix(), 10), "",
	}, "\n"))
}

// wellFormed checks the parts of an answer that are typed or chosen.
func (a Answer) wellFormed() bool {
	switch a.Decision {
	case Approve:
		return len(a.Number) == 2 && digits(a.Number) && isPIN(a.PIN)
	case Deny, NotMe:
		return a.Number == "" && a.PIN == ""
	}
	return false
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
