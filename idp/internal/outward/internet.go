package outward

import (
	"net/http"
	"net/netip"
	"time"
)

// nowhere are ranges of addresses that belong to nobody on the public internet and netip does not name.
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

// Internet makes a client that calls the public internet only, and with local this computer.
func Internet(timeout time.Duration, local bool) *http.Client {
	return Client(timeout, func(ip netip.Addr) bool { return public(ip) || local && ip.IsLoopback() })
}
