package client

import "time"

// Secret is one of the secrets that a client shares with us, open, as it is in memory only.
type Secret struct {
	Value string
	Until time.Time // when it stops being good; zero: it does not end by itself
}

// NeedsSecret reports whether the client authenticates by a secret.
func (c *Client) NeedsSecret() bool { return c.AuthMethod == "client_secret_jwt" }

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
