package phoneclient

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Code is the text of an enrolment QR code, taken apart.
type Code struct {
	Issuer, ID, Secret string
}

// ErrCode says that a text is no enrolment code.
var ErrCode = errors.New("this is not an initialisation code of EU Login")

var idShape = regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{26}$`)

// ParseCode reads `<issuer>/app#enrol.<id>.<secret>`.
func ParseCode(text string) (Code, error) {
	issuer, parts, ok := fragment(text, "enrol", 2)
	if !ok || !idShape.MatchString(parts[0]) || !idShape.MatchString(parts[1]) {
		return Code{}, ErrCode
	}
	return Code{Issuer: issuer, ID: parts[0], Secret: parts[1]}, nil
}

// fragment takes `<issuer>/app#<kind>.<part>.<part>…` apart. It accepts https, and http for
// addresses of this machine only, so that a PIN never travels in clear.
func fragment(text, kind string, parts int) (issuer string, found []string, ok bool) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.User != nil || u.RawQuery != "" || u.Host == "" || u.Opaque != "" {
		return "", nil, false
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return "", nil, false
	}
	base, isApp := strings.CutSuffix(u.EscapedPath(), "/app")
	found = strings.Split(u.EscapedFragment(), ".")
	if !isApp || len(found) != parts+1 || found[0] != kind {
		return "", nil, false
	}
	return u.Scheme + "://" + u.Host + base, found[1:], true
}
