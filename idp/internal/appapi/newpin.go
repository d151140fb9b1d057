package appapi

import "net/http"

// newPINIn replaces a PIN against the old one.
type newPINIn struct {
	PIN string `json:"pin"`
	New string `json:"new"`
}

// newPIN changes the PIN and gives the offline key that goes with the new one.
func (a *API) newPIN(_ http.ResponseWriter, c call) (any, error) {
	var in newPINIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	key, err := a.phone.ChangePIN(c.ctx(), c.device, in.PIN, in.New)
	if err != nil {
		return nil, err
	}
	return a.offlineOut(c, key), nil
}
