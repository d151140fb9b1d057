package provider

import (
	"encoding/json"
	"io"
	"strings"

	"eulogin.example/proto/kit/fault"
)

// errClaims says that the claims parameter cannot be read.
var errClaims = fault.New(fault.Invalid, "oidc.claims_malformed")

// claimsLimit is the longest claims parameter, in bytes.
const claimsLimit = 4096

// essentialACR reads the claims parameter (OpenID Connect Core §5.5) for an essential acr of
// the ID token. Other claims that it asks for are voluntary and change nothing here.
func essentialACR(raw string) ([]string, error) {
	if raw == "" {
		return nil, nil
	}
	var parsed struct {
		IDToken map[string]*struct {
			Essential bool     `json:"essential"`
			Value     *string  `json:"value"`
			Values    []string `json:"values"`
		} `json:"id_token"`
		UserInfo map[string]json.RawMessage `json:"userinfo"`
	}
	if len(raw) > claimsLimit {
		return nil, errClaims
	}
	dec := json.NewDecoder(strings.NewReader(raw))
	if err := dec.Decode(&parsed); err != nil {
		return nil, errClaims.Because(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errClaims
	}
	acr := parsed.IDToken["acr"]
	if acr == nil || !acr.Essential {
		return nil, nil
	}
	values := acr.Values
	if acr.Value != nil {
		values = append(values, *acr.Value)
	}
	if len(values) == 0 {
		return nil, nil // essential, and any value will do: there always is one
	}
	return values, nil
}
