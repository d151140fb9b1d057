package appapi

import (
	"encoding/json"
	"net/http"
)

// askBiometrics gives what the phone's own authenticator is asked, against the PIN.
func (a *API) askBiometrics(_ http.ResponseWriter, c call) (any, error) {
	var in pinIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	options, err := a.phone.AskBiometrics(c.ctx(), c.device, in.PIN)
	if err != nil {
		return nil, err
	}
	return map[string]any{"options": json.RawMessage(options), "now": a.now().Unix()}, nil
}

// biometricsIn carries the authenticator's answer (RegistrationResponseJSON).
type biometricsIn struct {
	Credential json.RawMessage `json:"credential"`
}

func (a *API) setBiometrics(_ http.ResponseWriter, c call) (any, error) {
	var in biometricsIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	if err := a.phone.SetBiometrics(c.ctx(), c.device, in.Credential); err != nil {
		return nil, err
	}
	return map[string]any{"biometrics": true, "now": a.now().Unix()}, nil
}

func (a *API) dropBiometrics(_ http.ResponseWriter, c call) (any, error) {
	var in pinIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	if err := a.phone.DropBiometrics(c.ctx(), c.device, in.PIN); err != nil {
		return nil, err
	}
	return map[string]any{"biometrics": false, "now": a.now().Unix()}, nil
}
