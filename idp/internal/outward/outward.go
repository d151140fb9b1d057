// Package outward calls addresses that somebody else named: services' logout addresses, push
// services (security case 39). Whether an address may be called is asked when it is dialled, after
// its name was resolved, so that no name leads inside; redirections are answers like any other.
package outward

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// Get reads what stands at an address: the body of a 200, of at most so many bytes.
func Get(ctx context.Context, call *http.Client, address, accept string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	resp, err := call.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("outward: the answer is %s", resp.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("outward: more than %d bytes", limit)
	}
	if err != nil {
		return nil, err
	}
	return raw, nil
}
