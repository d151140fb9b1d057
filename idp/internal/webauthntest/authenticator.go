package webauthntest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// The flags of authenticator data (WebAuthn §6.1).
const (
	UP = 1 << 0
	UV = 1 << 2
	BE = 1 << 3
	BS = 1 << 4
	at = 1 << 6
)

// Authenticator holds one credential for one relying party.
type Authenticator struct {
	Origin, RPID string // what the browser says, and for whom the key is
	Flags        byte   // UP, UV, BE, BS of every answer
	Counter      uint32 // raised by each signature; stays 0 when it is 0
	Cross        bool   // the page is in a frame of another site
	Maker        *Maker // attests, when it is asked; may be nil
	ID           []byte
	Handle       []byte // of the account, as told when the credential was made
	key          *ecdsa.PrivateKey
}

// New makes an authenticator at an address. It verifies its user.
func New(t testing.TB, origin, rpID string) *Authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	id := make([]byte, 32)
	_, err = rand.Read(id)
	check(t, err)
	return &Authenticator{Origin: origin, RPID: rpID, Flags: UP | UV, Counter: 1, ID: id, key: key}
}

// Enc writes bytes as browsers do.
func Enc(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Create answers PublicKeyCredentialCreationOptionsJSON with RegistrationResponseJSON.
func (a *Authenticator) Create(t testing.TB, options string) string {
	t.Helper()
	var o struct {
		Challenge   string `json:"challenge"`
		Attestation string `json:"attestation"`
		User        struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	check(t, json.Unmarshal([]byte(options), &o))
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	check(t, err)
	a.Handle = handle
	client := a.client(t, "webauthn.create", o.Challenge)
	data := a.attestedData(t)
	format, statement := "none", map[string]any{}
	if a.Maker != nil && o.Attestation == "direct" {
		format, statement = "packed", a.Maker.attest(t, data, client)
	}
	object, err := webauthncbor.Marshal(map[string]any{"fmt": format, "attStmt": statement, "authData": data})
	check(t, err)
	return a.answer(t, map[string]any{
		"clientDataJSON": Enc(client), "attestationObject": Enc(object), "transports": []string{"usb", "made-up"},
	})
}

// Get answers PublicKeyCredentialRequestOptionsJSON with AuthenticationResponseJSON.
func (a *Authenticator) Get(t testing.TB, options string) string {
	t.Helper()
	var o struct {
		Challenge string `json:"challenge"`
	}
	check(t, json.Unmarshal([]byte(options), &o))
	return a.Sign(t, a.client(t, "webauthn.get", o.Challenge))
}

// Sign answers with client data of the caller's making.
func (a *Authenticator) Sign(t testing.TB, client []byte) string {
	t.Helper()
	if a.Counter > 0 {
		a.Counter++
	}
	data := a.data(a.Flags)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	check(t, err)
	return a.answer(t, map[string]any{
		"clientDataJSON": Enc(client), "authenticatorData": Enc(data), "signature": Enc(signature), "userHandle": Enc(a.Handle),
	})
}

// client is what the browser adds (WebAuthn §5.8.1).
func (a *Authenticator) client(t testing.TB, ceremony, challenge string) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"type": ceremony, "challenge": challenge, "origin": a.Origin, "crossOrigin": a.Cross})
	check(t, err)
	return raw
}

func (a *Authenticator) answer(t testing.TB, response map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"id": Enc(a.ID), "rawId": Enc(a.ID), "type": "public-key", "authenticatorAttachment": "cross-platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	})
	check(t, err)
	return string(raw)
}

// data is authenticator data without a credential.
func (a *Authenticator) data(flags byte) []byte {
	hash := sha256.Sum256([]byte(a.RPID))
	out := append(hash[:], flags)
	return binary.BigEndian.AppendUint32(out, a.Counter)
}

// attestedData is authenticator data with the credential's public key.
func (a *Authenticator) attestedData(t testing.TB) []byte {
	t.Helper()
	point, err := a.key.PublicKey.Bytes()
	check(t, err)
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	check(t, err)
	out := append(a.data(a.Flags|at), model[:]...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(a.ID)))
	return append(append(out, a.ID...), cose...)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Dec reads what Enc wrote.
func Dec(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
