package client

import (
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ClientSecretJWT is the way of clients that share a secret with us, and show that they know it without
// sending it (OpenID Connect Core §9).
const ClientSecretJWT = "client_secret_jwt"

// SecretAlgorithms are those by which a secret authenticates a client (RFC 7518 §3.2), the usual one first.
var SecretAlgorithms = []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512}

// Secret is one of the secrets that a client shares with us, open, as it is in memory only.
type Secret struct {
	Value string
	Until time.Time // when it stops being good; zero: it does not end by itself
}

// NeedsSecret reports whether the client authenticates by a secret.
func (c *Client) NeedsSecret() bool { return c.AuthMethod == ClientSecretJWT }

// GoodSecrets are those that are good at a moment, the newest first: the former one stays good for a
// while after a rotation.
func (c *Client) GoodSecrets(now time.Time) (out []string) {
	for _, s := range c.Secrets {
		if s.Until.IsZero() || now.Before(s.Until) {
			out = append(out, s.Value)
		}
	}
	return out
}
