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

var codeFragment = regexp.MustCompile(`^enrol\.([0-9a-hjkmnp-tv-z]{26})\.([0-9a-hjkmnp-tv-z]{26})$`)

// ParseCode reads `<issuer>/app#enrol.<id>.<secret>`. It accepts https, and http for
// addresses of this machine only, so that a PIN never travels in clear.
func ParseCode(text string) (Code, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.User != nil || u.RawQuery != "" || u.Host == "" || u.Opaque != "" {
		return Code{}, ErrCode
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return Code{}, ErrCode
	}
	base, ok := strings.CutSuffix(u.EscapedPath(), "/app")
	parts := codeFragment.FindStringSubmatch(u.Fragment)
	if !ok || parts == nil {
		return Code{}, ErrCode
	}
	return Code{Issuer: u.Scheme + "://" + u.Host + base, ID: parts[1], Secret: parts[2]}, nil
}
