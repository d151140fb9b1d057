package client

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Ways of client authentication.
const (
	PrivateKeyJWT = "private_key_jwt"
	None          = "none" // public clients: PKCE alone
)

// AuthMethods are all ways in which a client may register to authenticate. Those with a certificate serve
// where the operator lets certificates in.
var AuthMethods = []string{PrivateKeyJWT, ClientSecretJWT, TLSClientAuth, SelfSignedTLSClientAuth, None}

// Authentication is how a client proves who it is (RFC 7591 §2).
type Authentication struct {
	AuthMethod string             `json:"token_endpoint_auth_method"`
	AuthAlg    string             `json:"token_endpoint_auth_signing_alg,omitempty"`
	JWKS       jose.JSONWebKeySet `json:"jwks,omitzero"`
}

// rules want public keys of the client's algorithm, or of its certificates, that are told apart by their kid.
func (a Authentication) rules(c *Client) []rule {
	proving := a.proving()
	rules := []rule{
		{!slices.Contains(AuthMethods, a.AuthMethod), "token_endpoint_auth_method must be one of " + strings.Join(AuthMethods, ", ")},
		{a.AuthAlg != "" && (a.AuthMethod != PrivateKeyJWT && a.AuthMethod != ClientSecretJWT || !slices.Contains(c.assertionAlgs(), c.AssertionAlg())), fmt.Sprintf("token_endpoint_auth_signing_alg must be one of %v with private_key_jwt, of %v with client_secret_jwt", Algorithms, SecretAlgorithms)},
		{a.AuthMethod == PrivateKeyJWT && len(proving) == 0 && c.JWKSURI == "", "private_key_jwt needs jwks with the public key, or jwks_uri"},
		{a.AuthMethod == SelfSignedTLSClientAuth && len(proving) == 0, "self_signed_tls_client_auth needs jwks with the certificate (x5c) or its public key"},
		{(a.AuthMethod == None || a.AuthMethod == TLSClientAuth || a.AuthMethod == ClientSecretJWT) && len(proving) > 0, "jwks go with private_key_jwt and self_signed_tls_client_auth, but for keys of use \"enc\""},
	}
	certificates := a.AuthMethod == SelfSignedTLSClientAuth
	for _, k := range a.JWKS.Keys {
		rules = append(rules,
			rule{!k.Valid() || !k.IsPublic(), "jwks must hold public keys, and no private key"},
			rule{k.KeyID == "" && len(a.JWKS.Keys) > 1, "jwks must tell several keys apart by their kid"},
			rule{certificates && !forEncryption(k) && !certifies(k), fmt.Sprintf("the key %q is none for a certificate: that takes a NIST curve of 256 bits or more, Ed25519, or RSA of 2048 to 4096 bits", k.KeyID)},
			rule{!certificates && !forEncryption(k) && !Signs(k, c.AssertionAlg()), fmt.Sprintf("the key %q is none for %s: that takes P-256 (ES256), Ed25519 (EdDSA), or RSA of 2048 to 4096 bits", k.KeyID, c.AssertionAlg())},
			rule{k.KeyID != "" && len(a.JWKS.Key(k.KeyID)) > 1, fmt.Sprintf("the kid %q stands twice", k.KeyID)})
	}
	return rules
}

// proving are the keys by which the client proves itself.
func (a Authentication) proving() []jose.JSONWebKey {
	if !slices.ContainsFunc(a.JWKS.Keys, forEncryption) {
		return a.JWKS.Keys
	}
	return slices.DeleteFunc(slices.Clone(a.JWKS.Keys), forEncryption)
}

// Key finds the client's public key of that id; the only one when no id is named. Keys for encryption
// are none.
func (a Authentication) Key(kid string) (jose.JSONWebKey, bool) {
	set := jose.JSONWebKeySet{Keys: a.proving()}
	if kid == "" && len(set.Keys) == 1 {
		return set.Keys[0], true
	}
	keys := set.Key(kid)
	if len(keys) != 1 {
		return jose.JSONWebKey{}, false
	}
	return keys[0], true
}
