package signin

import (
	"crypto/ecdsa"
	"encoding/json"

	"github.com/go-jose/go-jose/v4"
)

// ClientID is the name under which cpms is registered at idp.
const ClientID = "cpms"

// The paths that are registered at idp.
const (
	CallbackPath          = "/signin/callback"
	BackchannelLogoutPath = "/signin/backchannel-logout"
	SignedOutPath         = "/screen/home"
)

// PublicKey gives the key under which idp checks our client assertions, with its RFC 7638
// thumbprint as kid.
func PublicKey(key *ecdsa.PrivateKey) (jose.JSONWebKey, error) {
	jwk := jose.JSONWebKey{Key: key.Public(), Algorithm: string(jose.ES256), Use: "sig"}
	sum, err := jwk.Thumbprint(crypto256)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	jwk.KeyID = b64(sum)
	return jwk, nil
}

// Metadata gives the registration of cpms in the form of RFC 7591, for idp's folder of
// clients. introspects are the clients whose access tokens cpms accepts and may ask about.
func Metadata(baseURL string, key *ecdsa.PrivateKey, introspects []string) ([]byte, error) {
	jwk, err := PublicKey(key)
	if err != nil {
		return nil, err
	}
	metadata := map[string]any{
		"client_id":                           ClientID,
		"client_name":                         "CPMS 2.0",
		"client_uri":                          baseURL,
		"redirect_uris":                       []string{baseURL + CallbackPath},
		"post_logout_redirect_uris":           []string{baseURL + SignedOutPath},
		"backchannel_logout_uri":              baseURL + BackchannelLogoutPath,
		"backchannel_logout_session_required": true,
		"grant_types":                         []string{"authorization_code"},
		"response_types":                      []string{"code"},
		"token_endpoint_auth_method":          "private_key_jwt",
		"token_endpoint_auth_signing_alg":     "ES256",
		"id_token_signed_response_alg":        "ES256",
		"default_acr_values":                  []string{ACRBasic},
		"scope":                               "openid email profile",
		"jwks":                                jose.JSONWebKeySet{Keys: []jose.JSONWebKey{jwk}},
	}
	if len(introspects) > 0 {
		metadata["introspects"] = introspects
	}
	return json.MarshalIndent(metadata, "", "  ")
}
