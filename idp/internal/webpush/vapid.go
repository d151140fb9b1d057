package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// tokenFor is how long one token identifies us to one push service; RFC 8292 §2 allows a day.
const tokenFor = time.Hour

// Identity is how push services know the operator.
type Identity struct {
	key     *ecdsa.PrivateKey
	public  string
	contact string
}

// NewIdentity reads the private key (32 bytes in base64, of any alphabet) and checks the
// contact, a mailto: or https: address that push services can turn to.
func NewIdentity(key, contact string) (*Identity, error) {
	text := strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimSpace(key)), "=")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, errors.New("webpush: the key has to be 32 bytes in base64, for example from: openssl rand -base64 32")
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, fmt.Errorf("webpush: %w", err)
	}
	u, err := url.Parse(contact)
	if err != nil || !(u.Scheme == "mailto" && strings.Contains(u.Opaque, "@") || u.Scheme == "https" && u.Host != "") {
		return nil, errors.New("webpush: the contact has to be a mailto: or https: address")
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	return &Identity{key: private, public: base64.RawURLEncoding.EncodeToString(point), contact: contact}, nil
}

// Key is what browsers subscribe with (applicationServerKey).
func (i *Identity) Key() string { return i.public }

// authorization is the header by which one push service knows us (RFC 8292 §3).
func (i *Identity) authorization(random io.Reader, audience string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"aud": audience, "exp": now.Add(tokenFor).Unix(), "sub": i.contact})
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding.EncodeToString
	signed := enc([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + enc(claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(random, i.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return "vapid t=" + signed + "." + enc(signature) + ", k=" + i.public, nil
}
