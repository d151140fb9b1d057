package phoneclient

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// SignCode is the text of a sign-in's QR code, taken apart.
type SignCode struct {
	Issuer, ID, Account string
	Until               int64
	Service, Browser    string
}

// Reasons why a phone makes no code.
var (
	ErrOtherAccount = errors.New("this QR code is for an account that is not on this phone")
	ErrOver         = errors.New("this QR code has expired; show a new one in the browser")
	ErrNoOfflineKey = errors.New("this phone has no key for offline codes yet; approve a sign-in online once")
)

// ParseSignCode reads `<issuer>/app#sign.<id>.<account>.<until>.<service>.<browser>` and
// accepts one spelling of it only.
func ParseSignCode(text string) (SignCode, error) {
	issuer, parts, ok := fragment(text, "sign", 5)
	if !ok || !idShape.MatchString(parts[0]) || len(parts[1]) != 16 {
		return SignCode{}, ErrCode
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || until < 0 || strconv.FormatInt(until, 10) != parts[2] {
		return SignCode{}, ErrCode
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(parts[1]); err != nil {
		return SignCode{}, ErrCode
	}
	service, err1 := line(parts[3])
	browser, err2 := line(parts[4])
	if err := errors.Join(err1, err2); err != nil {
		return SignCode{}, ErrCode
	}
	return SignCode{Issuer: issuer, ID: parts[0], Account: parts[1], Until: until, Service: service, Browser: browser}, nil
}

// line decodes a text of one line: a line break in it would move the fields of what is signed.
func line(encoded string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(b) > 600 || !utf8.Valid(b) || strings.ContainsFunc(string(b), unicode.IsControl) || strings.ContainsAny(encoded, "\r\n") {
		return "", ErrCode
	}
	return string(b), nil
}

// OfflineCode makes the eight digits that answer a sign-in's QR code, without a network
// (app-protocol.md §9.3). Every PIN gives a code; the right one gives the right code.
func OfflineCode(l Link, c SignCode, pin string, now time.Time) (string, error) {
	switch {
	case c.Issuer != l.Issuer || c.Account != l.Tag:
		return "", ErrOtherAccount
	case now.Unix() >= c.Until:
		return "", ErrOver
	case len(l.Offline) != 32:
		return "", ErrNoOfflineKey
	}
	text := fmt.Sprintf("eulogin-app-offline/1\n%s\n%s\n%s\n%d\n%s\n%s\n", c.Issuer, c.ID, c.Account, c.Until, c.Service, c.Browser)
	secret := keyed(l.Offline, fmt.Sprintf("eulogin-app-offline-pin/1\n%s\n%s\n", l.DeviceID, pin))
	return fmt.Sprintf("%03d%05d", last(keyed(l.Offline, text), 1000), last(keyed(secret, text), 100000)), nil
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// last truncates as RFC 4226 §5.3 does.
func last(mac []byte, modulus uint32) uint32 {
	at := mac[31] & 0x0f
	return binary.BigEndian.Uint32(mac[at:]) & 0x7fffffff % modulus
}

// RenewOffline gets a new key for offline codes, against the PIN.
func (c *Client) RenewOffline(ctx context.Context, l Link, pin string) (Link, error) {
	return c.offlineKey(ctx, l, "/app/api/device/offline", map[string]string{"pin": pin})
}

// ChangePIN replaces the PIN; the link comes back with the key for offline codes that goes
// with the new one (app-protocol.md §5.6).
func (c *Client) ChangePIN(ctx context.Context, l Link, old, fresh string) (Link, error) {
	return c.offlineKey(ctx, l, "/app/api/device/pin", map[string]string{"pin": old, "new": fresh})
}

func (c *Client) offlineKey(ctx context.Context, l Link, path string, in map[string]string) (Link, error) {
	var out struct {
		Key string `json:"offline_key"`
		Tag string `json:"tag"`
	}
	if err := c.send(ctx, l.Key, l.DeviceID, http.MethodPost, l.Issuer+path, in, &out); err != nil {
		return l, err
	}
	key, err := base64.RawURLEncoding.DecodeString(out.Key)
	l.Offline, l.Tag = key, out.Tag
	return l, err
}
