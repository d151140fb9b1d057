package appapi

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/idp/internal/factor/phone"
)

// here shows a sign-in that asks the app on the same phone. A browser sends the cookie that
// the sign-in is bound to; without it, or with another, it is told nothing (security case 33).
func (a *API) here(_ http.ResponseWriter, c call) (any, error) {
	h, err := a.seen(c)
	if err != nil {
		return nil, err
	}
	out := requestOut{ID: h.ID, Service: h.Client, Browser: h.Browser, Address: h.Address, CreatedAt: h.CreatedAt.Unix(), ExpiresAt: h.ExpiresAt.Unix()}
	return struct {
		requestOut
		Now int64 `json:"now"`
	}{out, a.now().Unix()}, nil
}

// hereIn is the approval; signature is the device key's over phone.HereStatement.
type hereIn struct {
	PIN       string          `json:"pin,omitempty"`
	Assertion json.RawMessage `json:"assertion,omitempty"` // of the phone's own authenticator, in place of the PIN
	Time      int64           `json:"time"`
	Signature string          `json:"signature"`
}

// approveHere takes an approval and says where the browser has to take it. The code stands in
// the fragment, and is good in the browser that began alone.
func (a *API) approveHere(_ http.ResponseWriter, c call) (any, error) {
	var in hereIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(in.Signature)
	if err != nil {
		return nil, ErrBody
	}
	h, err := a.seen(c)
	if err != nil {
		return nil, err
	}
	code, err := a.phone.ApproveHere(c.ctx(), c.device, h, phone.HereAnswer{ID: h.ID, PIN: in.PIN, Assertion: in.Assertion, At: time.Unix(in.Time, 0), Signature: sig})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"state": "approved", "return": "/login?" + url.Values{"flow": {h.Flow}}.Encode() + "#code." + code, "now": a.now().Unix(),
	}, nil
}

func (a *API) seen(c call) (phone.Here, error) {
	return a.phone.ShowHere(c.ctx(), c.device, c.PathValue("id"), a.binding(c.Request), c.Header.Get("Sec-Fetch-Site") != "")
}
