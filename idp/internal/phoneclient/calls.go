package phoneclient

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"
)

// Link ties this phone to one account.
type Link struct {
	Issuer   string  `json:"issuer"`
	DeviceID string  `json:"device_id"`
	Name     string  `json:"name"` // the device's, as the person chose it
	Account  string  `json:"account"`
	Email    string  `json:"email"`
	Tag      string  `json:"tag,omitempty"` // by which QR codes name the account
	Key      Key     `json:"key"`
	Offline  []byte  `json:"offline,omitempty"` // for codes without a network
	Finger   *Finger `json:"finger,omitempty"`  // stands for the PIN, when it is switched on
}

// Device is what the server says about a linked phone.
type Device struct {
	DeviceID   string `json:"device_id"`
	Name       string `json:"name"`
	Status     string `json:"status"`     // active or disabled
	Biometrics bool   `json:"biometrics"` // can stand for the PIN
	Account    struct {
		Name  string `json:"name"`
		Email string `json:"email"`
		Tag   string `json:"tag"`
	} `json:"account"`
	PushKey    string `json:"push_key"`    // what to subscribe with; "": nobody is woken
	OfflineKey string `json:"offline_key"` // only while initialising
}

// Request is a sign-in that waits for this phone.
type Request struct {
	ID        string `json:"id"`
	Service   string `json:"service"`
	Browser   string `json:"browser"`
	Address   string `json:"address"`
	CreatedAt int64  `json:"created_at"`
	ExpiresAt int64  `json:"expires_at"`
}

// statement is the part of what is signed that says what the phone showed.
func (r Request) statement(version string, l Link) string {
	return fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n%s\n%s\n%d\n", version, l.Issuer, l.DeviceID, r.ID, r.Service, r.Browser, r.Address, r.CreatedAt)
}

// Enrol initialises this phone with a scanned code. The key is made by the caller, so that
// a call whose answer was lost can be repeated with the same one.
func (c *Client) Enrol(ctx context.Context, code Code, key Key, pin, system string) (Link, error) {
	jwk, err := key.jwk()
	if err != nil {
		return Link{}, err
	}
	thumbprint, err := key.thumbprint()
	if err != nil {
		return Link{}, err
	}
	in := map[string]any{"id": code.ID, "secret": code.Secret, "key": jwk, "pin": pin, "system": system}
	var out Device
	if err := c.send(ctx, key, thumbprint, http.MethodPost, code.Issuer+"/app/api/enrol", in, &out); err != nil {
		return Link{}, err
	}
	offline, err := base64.RawURLEncoding.DecodeString(out.OfflineKey)
	if err != nil {
		return Link{}, err
	}
	return Link{
		Issuer: code.Issuer, DeviceID: out.DeviceID, Name: out.Name,
		Account: out.Account.Name, Email: out.Account.Email, Tag: out.Account.Tag, Key: key, Offline: offline,
	}, nil
}

// Device asks what the server knows of this phone.
func (c *Client) Device(ctx context.Context, l Link) (Device, error) {
	var out Device
	err := c.send(ctx, l.Key, l.DeviceID, http.MethodGet, l.Issuer+"/app/api/device", nil, &out)
	return out, err
}

// Target is where a phone is woken: a push service's address, and keys of the phone's browser.
type Target struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// Subscribe asks to be woken there (app-protocol.md §12); nil: nowhere any more.
func (c *Client) Subscribe(ctx context.Context, l Link, t *Target) error {
	path := l.Issuer + "/app/api/device/push"
	if t == nil {
		return c.send(ctx, l.Key, l.DeviceID, http.MethodPost, path+"/off", nil, &struct{}{})
	}
	return c.send(ctx, l.Key, l.DeviceID, http.MethodPost, path, t, &struct{}{})
}

// Unlink makes the server forget this phone.
func (c *Client) Unlink(ctx context.Context, l Link) error {
	return c.send(ctx, l.Key, l.DeviceID, http.MethodPost, l.Issuer+"/app/api/device/unlink", nil, &struct{}{})
}

// Requests lists open sign-ins, waiting up to wait (whole seconds, at most 25) for one.
func (c *Client) Requests(ctx context.Context, l Link, wait time.Duration) ([]Request, error) {
	var out struct {
		Requests []Request `json:"requests"`
	}
	target := fmt.Sprintf("%s/app/api/requests?wait=%d", l.Issuer, int(wait.Seconds()))
	err := c.send(ctx, l.Key, l.DeviceID, http.MethodGet, target, nil, &out)
	return out.Requests, err
}

// Approve answers a request with the number from the browser and the PIN.
func (c *Client) Approve(ctx context.Context, l Link, r Request, number, pin string) error {
	return c.answer(ctx, l, r, "approve", number, "pin", func(_ []byte, in map[string]any) error {
		in["pin"] = pin
		return nil
	})
}

// Deny refuses a request; stranger says "this was not me".
func (c *Client) Deny(ctx context.Context, l Link, r Request, stranger bool) error {
	decision := "deny"
	if stranger {
		decision = "not_me"
	}
	return c.answer(ctx, l, r, decision, "-", "-", func([]byte, map[string]any) error { return nil })
}

// answer signs the statement, lets unlock add what unlocks it, and sends.
func (c *Client) answer(ctx context.Context, l Link, r Request, decision, number, unlocked string, unlock func(statement []byte, in map[string]any) error) error {
	at := c.now().Unix()
	statement := []byte(r.statement("eulogin-app-answer/2", l) + fmt.Sprintf("%s\n%s\n%s\n%d\n", decision, number, unlocked, at))
	sig, err := l.Key.sign(statement)
	if err != nil {
		return err
	}
	in := map[string]any{"decision": decision, "time": at, "signature": base64.RawURLEncoding.EncodeToString(sig)}
	if decision == "approve" {
		in["number"] = number
	}
	if err := unlock(statement, in); err != nil {
		return err
	}
	return c.send(ctx, l.Key, l.DeviceID, http.MethodPost, l.Issuer+"/app/api/requests/"+r.ID+"/answer", in, &struct{}{})
}
