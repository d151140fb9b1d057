package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ClientIP makes the function that says where a request comes from. X-Forwarded-For counts
// only as far as it was written by proxies in the trusted ranges (security case 30): the
// list is read from its end, and the first address that is no trusted proxy is the client.
func ClientIP(trusted []string) (func(*http.Request) string, error) {
	var ranges []netip.Prefix
	for _, t := range trusted {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is no range such as 10.0.0.0/8", t)
		}
		ranges = append(ranges, p)
	}
	return func(r *http.Request) string {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		at, err := netip.ParseAddr(host)
		if err != nil {
			return ""
		}
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0 && within(at, ranges); i-- {
			next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			at = next
		}
		return at.Unmap().WithZone("").String()
	}, nil
}

func within(a netip.Addr, ranges []netip.Prefix) bool {
	for _, r := range ranges {
		if r.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}
