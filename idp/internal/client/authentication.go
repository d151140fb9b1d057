package client

import (
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// Ways of client authentication.
const (
	PrivateKeyJWT = "private_key_jwt"
	None          = "none" // public clients: PKCE alone
)

// Authentication is how a client proves who it is (RFC 7591 §2).
type Authentication struct {
	AuthMethod string             `json:"token_endpoint_auth_method"`
	AuthAlg    string             `json:"token_endpoint_auth_signing_alg,omitempty"`
	JWKS       jose.JSONWebKeySet `json:"jwks,omitzero"`
}

// rules want public keys of the client's algorithm that are told apart by their kid.
func (a Authentication) rules(c *Client) []rule {
	rules := []rule{
		{a.AuthMethod != PrivateKeyJWT && a.AuthMethod != None, "token_endpoint_auth_method must be private_key_jwt or none"},
		{a.AuthAlg != "" && (a.AuthMethod != PrivateKeyJWT || !slices.Contains(Algorithms, c.AssertionAlg())), fmt.Sprintf("token_endpoint_auth_signing_alg must be one of %v, and goes with private_key_jwt", Algorithms)},
		{a.AuthMethod == PrivateKeyJWT && len(a.JWKS.Keys) == 0 && c.JWKSURI == "", "private_key_jwt needs jwks with the public key, or jwks_uri"},
		{a.AuthMethod == None && len(a.JWKS.Keys) > 0, "a public client has no jwks"},
	}
	for _, k := range a.JWKS.Keys {
		rules = append(rules,
			rule{!k.Valid() || !k.IsPublic() || k.KeyID == "", "jwks must hold public keys with a kid, and no private key"},
			rule{!signs(k, c.AssertionAlg()), fmt.Sprintf("the key %q is none for %s: that takes P-256 (ES256), Ed25519 (EdDSA), or RSA of 2048 to 4096 bits", k.KeyID, c.AssertionAlg())},
			rule{k.KeyID != "" && len(a.JWKS.Key(k.KeyID)) > 1, fmt.Sprintf("the kid %q stands twice", k.KeyID)})
	}
	return rules
}

// Key finds the client's public key of that id; the only one when no id is named.
func (a Authentication) Key(kid string) (jose.JSONWebKey, bool) {
	if kid == "" && len(a.JWKS.Keys) == 1 {
		return a.JWKS.Keys[0], true
	}
	keys := a.JWKS.Key(kid)
	if len(keys) != 1 {
		return jose.JSONWebKey{}, false
	}
	return keys[0], true
}
