package phone

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
)

// OfflineDigits is the length of a code that a phone without a network shows: the first
// three digits say which phone it is, the other five that its owner's PIN was typed
// (docs/app-protocol.md §9, docs/adr/0009).
const (
	OfflineDigits = 8
	deviceDigits  = 3
)

// offlineKeySize is 256 bits, as long as the output of the hash (RFC 6287 §5.3).
const offlineKeySize = 32

// Offline is what the server keeps to check a phone's offline codes: the key that both have,
// and what that key makes of the PIN. Both are sealed; the second also under the PIN's hash,
// so that it is worth nothing after the PIN was changed. Empty: none agreed yet.
type Offline struct{ Key, PIN []byte }

// OfflineChallenge is what a QR code of a sign-in says, and what the code is made for.
type OfflineChallenge struct {
	ID      string
	Account string // AccountTag
	Until   time.Time
	Client  string // the service
	Browser string // what asks, and from where
}

// AccountTag names an account to its own phones without telling its id.
func AccountTag(issuer string, account ident.AccountID) string {
	sum := sha256.Sum256([]byte("eulogin-app-account/1\n" + issuer + "\n" + string(account) + "\n"))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Text is what the QR code says.
func (c OfflineChallenge) Text(issuer string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return issuer + "/app#sign." + strings.Join([]string{
		c.ID, c.Account, strconv.FormatInt(c.Until.Unix(), 10), enc([]byte(c.Client)), enc([]byte(c.Browser)),
	}, ".")
}

// Message is what the code is made over: the whole context, so that a code that was made for
// a changed QR code is no code here.
func (c OfflineChallenge) Message(issuer string) []byte {
	return []byte(strings.Join([]string{
		"eulogin-app-offline/1", issuer, c.ID, c.Account, strconv.FormatInt(c.Until.Unix(), 10), c.Client, c.Browser, "",
	}, "\n"))
}

// OfflinePIN is what the key makes of a PIN; codes are made with it, and it shows a PIN only
// to somebody who has the key as well.
func OfflinePIN(key []byte, device, pin string) []byte {
	return sum(key, []byte("eulogin-app-offline-pin/1\n"+device+"\n"+pin+"\n"))
}

// offlineCode gives both parts of a code: truncation of RFC 4226 §5.3 on HMAC-SHA-256, as in
// RFC 6287.
func offlineCode(key, pin, message []byte) (device, secret string) {
	return truncate(sum(key, message), deviceDigits), truncate(sum(pin, message), OfflineDigits-deviceDigits)
}

func sum(key, message []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	return mac.Sum(nil)
}

func truncate(mac []byte, digits int) string {
	at := mac[len(mac)-1] & 15
	n := binary.BigEndian.Uint32(mac[at:at+4]) & 0x7fffffff
	text := fmt.Sprintf("%010d", n)
	return text[len(text)-digits:]
}

// agree draws a phone's offline key and gives what is kept of it.
func (s *Service) agree(d Device, pin string) (Offline, error) {
	key := make([]byte, offlineKeySize)
	if _, err := io.ReadFull(s.rand, key); err != nil {
		return Offline{}, fmt.Errorf("phone: random source: %w", err)
	}
	sealed, err := s.box.Seal(s.rand, key, offlineKeyName(d))
	if err != nil {
		return Offline{}, err
	}
	secret, err := s.box.Seal(s.rand, OfflinePIN(key, d.ID, pin), offlinePINName(d))
	return Offline{Key: sealed, PIN: secret}, err
}

// OfflineKey opens the key that a phone has; nil when none was agreed.
func (s *Service) OfflineKey(d Device) ([]byte, error) {
	if len(d.Offline.Key) == 0 {
		return nil, nil
	}
	return s.box.Open(d.Offline.Key, offlineKeyName(d))
}

// RenewOffline gives a phone a new offline key, against the PIN: for phones from before there
// was one, and after a change of PIN. Errors as Answer's about PINs.
func (s *Service) RenewOffline(ctx context.Context, d Device, pin string) ([]byte, error) {
	if !isPIN(pin) {
		return nil, ErrAnswer
	}
	if err := s.checkPIN(ctx, d, pin); err != nil {
		return nil, err
	}
	var err error
	if d.Offline, err = s.agree(d, pin); err != nil {
		return nil, err
	}
	if err := s.store.SetOffline(ctx, d.ID, d.PINHash, d.Offline); err != nil {
		return nil, err
	}
	return s.OfflineKey(d)
}

// offlineKeys opens both keys; false when there are none for the present PIN.
func (s *Service) offlineKeys(d Device) (key, pin []byte, ok bool) {
	if d.Status != Active || len(d.Offline.Key) == 0 {
		return nil, nil, false
	}
	key, err1 := s.box.Open(d.Offline.Key, offlineKeyName(d))
	pin, err2 := s.box.Open(d.Offline.PIN, offlinePINName(d))
	return key, pin, err1 == nil && err2 == nil
}

func offlineKeyName(d Device) string { return "phone offline key " + d.ID }
func offlinePINName(d Device) string {
	return "phone offline pin " + d.ID + " " + ident.Digest(d.PINHash)
}
