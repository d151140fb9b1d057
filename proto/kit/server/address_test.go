package server_test

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"eulogin.example/proto/kit/server"
)

func TestClientIP(t *testing.T) {
	ip, err := server.ClientIP([]string{"10.0.0.0/8", "::1/128"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ remote, forwarded, want string }{
		"direct":                      {"192.0.2.7:1234", "", "192.0.2.7"},
		"a stranger's header":         {"192.0.2.7:1234", "203.0.113.1", "192.0.2.7"},
		"one proxy":                   {"10.1.1.1:1", "203.0.113.1", "203.0.113.1"},
		"forged beginning":            {"10.1.1.1:1", "1.1.1.1, 203.0.113.1, 10.2.2.2", "203.0.113.1"},
		"garbage":                     {"10.1.1.1:1", "x, y", "10.1.1.1"},
		"all proxies":                 {"10.1.1.1:1", "10.3.3.3", "10.3.3.3"},
		"IPv4 in IPv6 from the proxy": {"[::1]:1", "::ffff:203.0.113.1", "203.0.113.1"},
		"IPv4 in IPv6 as the proxy":   {"[::ffff:10.1.1.1]:1", "203.0.113.1", "203.0.113.1"},
		"IPv6 with a zone":            {"[fe80::1%eth0]:1", "203.0.113.1", "fe80::1"},
		"forged after the client":     {"10.1.1.1:1", "10.9.9.9, 203.0.113.1", "203.0.113.1"},
		"a hole in the list":          {"10.1.1.1:1", "1.1.1.1,, 10.2.2.2", "10.2.2.2"},
		"no address at all":           {"@", "203.0.113.1", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := ip(r); got != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr, r.Header["X-Forwarded-For"] = "10.1.1.1:1", []string{"1.1.1.1", "203.0.113.1"}
	for _, other := range []string{"Forwarded", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip"} {
		r.Header.Set(other, "1.1.1.1") // nobody strips these on our behalf, so that they never count
	}
	if got := ip(r); got != "203.0.113.1" {
		t.Errorf("two header lines: %q", got)
	}
	if _, err := server.ClientIP([]string{"everyone"}); err == nil {
		t.Error("a broken range was accepted")
	}
}

func FuzzClientIP(f *testing.F) {
	ip, _ := server.ClientIP([]string{"0.0.0.0/0", "::/0"})
	f.Add("203.0.113.1, 10.0.0.1")
	f.Add("fe80::1%eth0\r\n")
	f.Fuzz(func(t *testing.T, forwarded string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Forwarded-For"] = []string{forwarded}
		if _, err := netip.ParseAddr(ip(r)); err != nil {
			t.Fatalf("%q gives %q", forwarded, ip(r))
		}
	})
}

// FuzzForgedAddress: whatever a client writes into the header before its proxy adds the true
// address, the true one is found; and a client that reaches us directly gains nothing.
func FuzzForgedAddress(f *testing.F) {
	ip, _ := server.ClientIP([]string{"10.0.0.0/8", "fd00::/8"})
	f.Add("10.0.0.1", uint32(0xcb007101))
	f.Add("203.0.113.9, fd00::1, ::ffff:10.0.0.1", uint32(1))
	f.Fuzz(func(t *testing.T, forged string, host uint32) {
		client := netip.AddrFrom4([4]byte{203, byte(host >> 16), byte(host >> 8), byte(host)}).String()
		r := httptest.NewRequest("GET", "/", nil)
		for _, written := range []string{forged + ", " + client, forged + "," + client + ", 10.7.7.7"} {
			r.RemoteAddr, r.Header["X-Forwarded-For"] = "10.1.1.1:1", []string{written}
			if got := ip(r); got != client {
				t.Fatalf("%q gives %q, want %s", written, got, client)
			}
		}
		r.RemoteAddr, r.Header["X-Forwarded-For"], r.Header["Forwarded"] = client+":1", []string{forged}, []string{"for=" + strings.TrimSpace(forged)}
		if got := ip(r); got != client {
			t.Fatalf("a direct client with %q is %q, want %s", forged, got, client)
		}
	})
}
