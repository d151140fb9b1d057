package client

import (
	"net"
	"net/url"
	"strings"
)

// answers are the parameters that our own answers carry; a registered address has none.
var answers = []string{"code", "state", "iss", "error", "error_description", "logout_token"}

// sound reports whether an address may be registered.
func sound(raw string, loopback bool) bool {
	strange := func(r rune) bool { return r <= ' ' || r > '~' || r == '*' || r == '\\' || r == '#' }
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || strings.Contains(u.Hostname(), "%") || u.User != nil || strings.ContainsFunc(raw, strange) {
		return false
	}
	if strings.Contains(u.Path, "..") || strings.Contains(strings.ToLower(u.EscapedPath()), "%2e") {
		return false
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false
	}
	for _, a := range answers {
		if q.Has(a) {
			return false
		}
	}
	return u.Scheme == "https" || (u.Scheme == "http" && loopback && onLoopback(u.Hostname()))
}

// onLoopback compares whole host names: localhost.evil.example is not localhost (security
// case 12).
func onLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// sameLoopback reports whether two loopback addresses differ in nothing but the port. Only
// numbers are loopback addresses here: who answers to a name, a resolver decides (RFC 8252
// §8.3).
func sameLoopback(registered, given string) bool {
	r, err1 := url.Parse(registered)
	g, err2 := url.Parse(given)
	if err1 != nil || err2 != nil || r.Scheme != "http" || g.User != nil || strings.Contains(given, "#") {
		return false
	}
	ip := net.ParseIP(r.Hostname())
	return ip != nil && ip.IsLoopback() && g.Scheme == "http" && g.Hostname() == r.Hostname() &&
		g.EscapedPath() == r.EscapedPath() && g.RawQuery == r.RawQuery
}

// IsHost reports whether a text is the name of a host as it stands in registered addresses: in lower
// case, without a port.
func IsHost(name string) bool {
	u, err := url.Parse("https://" + name)
	return err == nil && name != "" && u.Host == name && u.Port() == "" && u.User == nil && strings.ToLower(name) == name && sound("https://"+name+"/", false)
}
