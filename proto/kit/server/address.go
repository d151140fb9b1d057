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
	ranges, err := parsed(trusted)
	if err != nil {
		return nil, err
	}
	return func(r *http.Request) string {
		at, err := peer(r)
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

// FromProxy makes the function that says whether a request comes straight from one of the trusted
// ranges, so that what stands in its headers about the client was written there.
func FromProxy(trusted []string) (func(*http.Request) bool, error) {
	ranges, err := parsed(trusted)
	if err != nil {
		return nil, err
	}
	return func(r *http.Request) bool {
		at, err := peer(r)
		return err == nil && within(at, ranges)
	}, nil
}

func parsed(trusted []string) (ranges []netip.Prefix, err error) {
	for _, t := range trusted {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is no range such as 10.0.0.0/8", t)
		}
		ranges = append(ranges, p)
	}
	return ranges, nil
}

// peer gives the address at the other end of the connection.
func peer(r *http.Request) (netip.Addr, error) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return netip.ParseAddr(host)
}

func within(a netip.Addr, ranges []netip.Prefix) bool {
	for _, r := range ranges {
		if r.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}
