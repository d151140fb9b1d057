package webpush

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/outward"
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

// nowhere are ranges of addresses that belong to no push service and netip does not name.
var nowhere = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// public reports whether an address, however it is written, lies on the public internet.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range nowhere {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// outwards calls push services: the public internet, and with local this computer.
func outwards(local bool) *http.Client {
	return outward.Client(10*time.Second, func(ip netip.Addr) bool { return public(ip) || local && ip.IsLoopback() })
}

// Check implements phone.Waker: the rules for what a phone may subscribe with.
func (s *Sender) Check(t phone.PushTarget) error {
	if err := checkEndpoint(t.Endpoint, s.local); err != nil {
		return err
	}
	_, err := readReceiver(t)
	return err
}
