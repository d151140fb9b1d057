package outward

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestWhatIsPublic(t *testing.T) {
	for ip, want := range map[string]bool{
		"93.184.216.34": true, "2606:4700::1111": true, "127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false, "::": false,
		"fe80::1": false, "fc00::1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "198.18.0.1": false,
	} {
		if public(netip.MustParseAddr(ip)) != want {
			t.Errorf("%s: %v", ip, !want)
		}
	}
}

// Whatever its name said, an address inside is not dialled, and nobody is led elsewhere.
func TestNoNameLeadsInside(t *testing.T) {
	called := 0
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer inside.Close()
	if _, err := Internet(time.Second, false).Get(inside.URL); !errors.Is(err, ErrAddress) || called != 0 {
		t.Errorf("%v, called %d times", err, called)
	}
	res, err := Internet(time.Second, true).Get(inside.URL)
	if err != nil || res.StatusCode != http.StatusTemporaryRedirect || called != 1 {
		t.Errorf("%v, called %d times", err, called)
	}
}
