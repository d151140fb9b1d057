package appapi

import (
	"encoding/base64"
	"net/http"

	"eulogin.example/idp/internal/factor/phone"
)

// pinIn is a message that carries the PIN alone.
type pinIn struct {
	PIN string `json:"pin"`
}

// offline gives a phone a new key for codes without a network, against the PIN.
func (a *API) offline(_ http.ResponseWriter, c call) (any, error) {
	var in pinIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	key, err := a.phone.RenewOffline(c.ctx(), c.device, in.PIN)
	if err != nil {
		return nil, err
	}
	return a.offlineOut(c, key), nil
}

func (a *API) offlineOut(c call, key []byte) any {
	return map[string]any{"offline_key": base64.RawURLEncoding.EncodeToString(key), "tag": phone.AccountTag(a.issuer, c.device.Account), "now": a.now().Unix()}
}
