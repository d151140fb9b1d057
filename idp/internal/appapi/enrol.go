package appapi

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"eulogin.example/idp/internal/factor/phone"
)

// enrolIn is the message that initialises a phone. It is signed with the key that it
// carries, and keyid is that key's thumbprint.
type enrolIn struct {
	ID     string          `json:"id"`
	Secret string          `json:"secret"`
	Key    json.RawMessage `json:"key"`
	PIN    string          `json:"pin"`
	System string          `json:"system"`
}

// deviceOut tells a phone what it is linked to.
type deviceOut struct {
	DeviceID   string     `json:"device_id"`
	Name       string     `json:"name"`
	Status     string     `json:"status"`
	Biometrics bool       `json:"biometrics"` // can stand for the PIN
	Account    accountOut `json:"account"`
	// OfflineKey is given while initialising alone: later it takes the PIN.
	OfflineKey string `json:"offline_key,omitempty"`
	// PushKey is what the app subscribes with to be woken; left out where nobody is.
	PushKey string `json:"push_key,omitempty"`
	Now     int64  `json:"now"`
}

type accountOut struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Tag   string `json:"tag"` // by which the app knows the account in a QR code
}

func (a *API) enrol(w http.ResponseWriter, r *http.Request) (any, error) {
	m, err := a.read(w, r)
	if err != nil {
		return nil, err
	}
	var in enrolIn
	if err := decode(r, m.body, &in); err != nil {
		return nil, err
	}
	key, err := phone.ParseKey(in.Key)
	if err != nil {
		return nil, err
	}
	if m.sig.KeyID != key.Thumbprint() {
		return nil, ErrUnsigned
	}
	if err := a.verify(r.Context(), m, key); err != nil {
		return nil, err
	}
	d, err := a.phone.Enrol(r.Context(), phone.Claim{ID: in.ID, Secret: in.Secret, Key: key, PIN: in.PIN, System: in.System})
	if err != nil {
		return nil, err
	}
	out, err := a.describe(call{Request: r, device: d})
	if err != nil {
		return nil, err
	}
	offline, err := a.phone.OfflineKey(d)
	out.OfflineKey = base64.RawURLEncoding.EncodeToString(offline)
	return out, err
}

func (a *API) about(_ http.ResponseWriter, c call) (any, error) { return a.describe(c) }

func (a *API) unlink(_ http.ResponseWriter, c call) (any, error) {
	if err := a.phone.Unlink(c.ctx(), c.device); err != nil {
		return nil, err
	}
	return map[string]int64{"now": a.now().Unix()}, nil
}

func (a *API) describe(c call) (deviceOut, error) {
	owner, err := a.phone.Owner(c.ctx(), c.device)
	if err != nil {
		return deviceOut{}, err
	}
	return deviceOut{
		DeviceID: c.device.ID, Name: c.device.Name, Status: string(c.device.Status), Biometrics: c.device.Bio.On(), PushKey: a.phone.WakeKey(),
		Account: accountOut{Name: owner.Name, Email: owner.Email, Tag: phone.AccountTag(a.issuer, c.device.Account)}, Now: a.now().Unix(),
	}, nil
}
