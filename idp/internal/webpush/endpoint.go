package webpush

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"eulogin.example/idp/internal/factor/phone"
)

// maxEndpoint is more than any push service's address has.
const maxEndpoint = 1000

// errEndpoint says that an address is none that we call.
var errEndpoint = errors.New("webpush: not the address of a push service")

// checkEndpoint admits https on the usual port of a host with a name. local admits plain http
// and any port of this computer besides, for development and tests.
func checkEndpoint(endpoint string, local bool) error {
	u, err := url.Parse(endpoint)
	if err != nil || len(endpoint) > maxEndpoint || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return errEndpoint
	}
	host := u.Hostname()
	if local && (host == "localhost" || host == "127.0.0.1") && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	_, ip := netip.ParseAddr(host)
	if u.Scheme != "https" || u.Port() != "" && u.Port() != "443" || ip == nil || !strings.Contains(strings.Trim(host, "."), ".") {
		return errEndpoint
	}
	return nil
}

// Check implements phone.Waker: the rules for what a phone may subscribe with.
func (s *Sender) Check(t phone.PushTarget) error {
	if err := checkEndpoint(t.Endpoint, s.local); err != nil {
		return err
	}
	_, err := readReceiver(t)
	return err
}
