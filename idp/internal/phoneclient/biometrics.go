package phoneclient

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// Authenticator is the one in the phone, with the browser before it: it answers
// PublicKeyCredentialCreationOptionsJSON and PublicKeyCredentialRequestOptionsJSON.
type Authenticator interface {
	Create(options []byte) ([]byte, error)
	Get(options []byte) ([]byte, error)
}

// BiometricsOn lets an authenticator stand for the PIN (app-protocol.md §11).
func (c *Client) BiometricsOn(ctx context.Context, l Link, pin string, with Authenticator) error {
	var asked struct {
		Options json.RawMessage `json:"options"`
	}
	path := l.Issuer + "/app/api/device/biometrics"
	if err := c.send(ctx, l.Key, l.DeviceID, http.MethodPost, path+"/ask", map[string]string{"pin": pin}, &asked); err != nil {
		return err
	}
	answer, err := with.Create(asked.Options)
	if err != nil {
		return err
	}
	return c.send(ctx, l.Key, l.DeviceID, http.MethodPost, path, map[string]json.RawMessage{"credential": answer}, &struct{}{})
}

// BiometricsOff makes the PIN the only way again.
func (c *Client) BiometricsOff(ctx context.Context, l Link, pin string) error {
	return c.send(ctx, l.Key, l.DeviceID, http.MethodPost, l.Issuer+"/app/api/device/biometrics/off", map[string]string{"pin": pin}, &struct{}{})
}

// ApproveByBiometrics answers a request with the number from the browser; the authenticator
// signs the digest of the statement.
func (c *Client) ApproveByBiometrics(ctx context.Context, l Link, r Request, number string, with Authenticator) error {
	return c.answer(ctx, l, r, "approve", number, "biometrics", asserting(l, with))
}

// asserting lets an authenticator sign the digest of a statement.
func asserting(l Link, with Authenticator) func(statement []byte, in map[string]any) error {
	return func(statement []byte, in map[string]any) error {
		u, err := url.Parse(l.Issuer)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(statement)
		options, err := json.Marshal(map[string]any{
			"challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "rpId": u.Hostname(), "userVerification": "required",
		})
		if err != nil {
			return err
		}
		answer, err := with.Get(options)
		in["assertion"] = json.RawMessage(answer)
		return err
	}
}

// Finger is an authenticator in software that always recognises its user.
type Finger struct {
	Origin  string `json:"origin"`
	ID      []byte `json:"id"`
	Key     Key    `json:"key"`
	Counter uint32 `json:"counter"`
}

// NewFinger makes one for an issuer.
func NewFinger(issuer string) (*Finger, error) {
	key, err := NewKey()
	if err != nil {
		return nil, err
	}
	id := make([]byte, 16)
	_, err = rand.Read(id)
	return &Finger{Origin: issuer, ID: id, Key: key}, err
}

// data is authenticator data of a verified user (WebAuthn §6.1).
func (f *Finger) data(rp string, flags byte) []byte {
	f.Counter++
	sum := sha256.Sum256([]byte(rp))
	return binary.BigEndian.AppendUint32(append(sum[:], flags|1|4), f.Counter)
}

// Create implements Authenticator, without attestation.
func (f *Finger) Create(options []byte) ([]byte, error) {
	var o struct {
		Challenge string `json:"challenge"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	point, err := f.Key.private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	data := append(f.data(o.RP.ID, 0x40), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(f.ID))), f.ID...)
	// A map in CBOR: kty EC2, alg ES256, crv P-256, x and y (RFC 9053 §7.1.1).
	data = append(data, 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32)
	data = append(append(data, point[1:33]...), 0x22, 0x58, 32)
	data = append(data, point[33:]...)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), byte(len(data)>>8), byte(len(data)))
	client, err := f.client("webauthn.create", o.Challenge)
	return f.answer(map[string]any{"clientDataJSON": client, "attestationObject": append(object, data...), "transports": []string{"internal"}}, err)
}

// Get implements Authenticator.
func (f *Finger) Get(options []byte) ([]byte, error) {
	var o struct {
		Challenge string `json:"challenge"`
		RP        string `json:"rpId"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	client, err := f.client("webauthn.get", o.Challenge)
	if err != nil {
		return nil, err
	}
	data, sum := f.data(o.RP, 0), sha256.Sum256(client)
	signature, err := f.Key.signDER(append(bytes.Clone(data), sum[:]...))
	return f.answer(map[string]any{"clientDataJSON": client, "authenticatorData": data, "signature": signature}, err)
}

func (f *Finger) client(ceremony, challenge string) ([]byte, error) {
	return json.Marshal(map[string]any{"type": ceremony, "challenge": challenge, "origin": f.Origin, "crossOrigin": false})
}

func (f *Finger) answer(response map[string]any, err error) ([]byte, error) {
	for k, v := range response {
		if raw, ok := v.([]byte); ok {
			response[k] = base64.RawURLEncoding.EncodeToString(raw)
		}
	}
	id := base64.RawURLEncoding.EncodeToString(f.ID)
	out, merr := json.Marshal(map[string]any{
		"id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{}, "response": response,
	})
	return out, errors.Join(err, merr)
}
