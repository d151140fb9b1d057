package client

import (
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// RemoteKeys is where a client keeps its public keys itself (RFC 7591 §2), so that it can change them
// without us. Package clientkeys reads them.
type RemoteKeys struct {
	JWKSURI string `json:"jwks_uri,omitempty"`
}

func (r RemoteKeys) rules(c *Client, loopback bool) []rule {
	if r.JWKSURI == "" {
		return nil
	}
	return []rule{
		addressRule("jwks_uri", r.JWKSURI, loopback),
		{len(c.JWKS.Keys) > 0, "jwks_uri excludes jwks"},
		{c.AuthMethod == None, "jwks_uri is nothing for a public client"},
	}
}

// mostKeys is how many keys of a remote set are looked at.
const mostKeys = 50

// WithKeys gives a copy of the client with the keys of a set that was read at its jwks_uri. What is no
// public key that this client could use is left out: one odd key does not spoil the set.
func (c *Client) WithKeys(raw []byte) (*Client, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("jwks_uri: %w", err)
	}
	out := *c
	out.JWKS = jose.JSONWebKeySet{}
	for _, one := range set.Keys[:min(len(set.Keys), mostKeys)] {
		var key jose.JSONWebKey
		if json.Unmarshal(one, &key) == nil && key.Valid() && key.IsPublic() && (key.Use == "enc" || c.AuthMethod != PrivateKeyJWT || Signs(key, c.AssertionAlg())) {
			out.JWKS.Keys = append(out.JWKS.Keys, key)
		}
	}
	if len(out.JWKS.Keys) == 0 {
		return nil, fmt.Errorf("jwks_uri: none of %d keys can be used", len(set.Keys))
	}
	return &out, nil
}
