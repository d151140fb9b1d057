package appapi

import (
	"net/http"

	"eulogin.example/idp/internal/factor/phone"
)

// subscribe keeps where the phone's browser can be woken.
func (a *API) subscribe(_ http.ResponseWriter, c call) (any, error) {
	var in phone.PushTarget
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	if err := a.phone.Subscribe(c.ctx(), c.device, in); err != nil {
		return nil, err
	}
	return map[string]any{"push": true, "now": a.now().Unix()}, nil
}

func (a *API) quiet(_ http.ResponseWriter, c call) (any, error) {
	if err := a.phone.Quiet(c.ctx(), c.device); err != nil {
		return nil, err
	}
	return map[string]any{"push": false, "now": a.now().Unix()}, nil
}
