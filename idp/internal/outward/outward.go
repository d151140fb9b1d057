// Package outward calls addresses that somebody else named: services' logout addresses, push
// services (security case 39). Whether an address may be called is asked when it is dialled, after
// its name was resolved, so that no name leads inside; redirections are answers like any other.
package outward

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrAddress says that an address may not be called.
var ErrAddress = errors.New("outward: the address is not for calls from here")

// headerLimit is the longest header of an answer that is read, in bytes.
const headerLimit = 64 << 10

// Client makes a client that calls only what allowed admits, IPv4 addresses in their own form. What
// takes longer than timeout, its body included, is given up.
func Client(timeout time.Duration, allowed func(netip.Addr) bool) *http.Client {
	dialer := &net.Dialer{Timeout: 3 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if ip := at.Addr().Unmap(); !allowed(ip) {
			return fmt.Errorf("%w: %s", ErrAddress, ip)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 3 * time.Second, MaxIdleConns: 20, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: headerLimit,
		},
	}
}
