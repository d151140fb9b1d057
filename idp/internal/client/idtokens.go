package client

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// IDTokens is how a client wants its ID tokens and logout tokens protected (OpenID Connect
// Registration §2).
type IDTokens struct {
	IDTokenAlg    string                 `json:"id_token_signed_response_alg,omitempty"`
	IDTokenKeyAlg jose.KeyAlgorithm      `json:"id_token_encrypted_response_alg,omitempty"`
	IDTokenEnc    jose.ContentEncryption `json:"id_token_encrypted_response_enc,omitempty"`
}

func (i IDTokens) rules(c *Client) []rule {
	return append(encryptionRules(c, "id_token", i.IDTokenKeyAlg, i.IDTokenEnc),
		rule{!slices.Contains(Algorithms, i.IDTokenSigning()), fmt.Sprintf("id_token_signed_response_alg must be one of %v", Algorithms)})
}

// IDTokenSigning is the algorithm that ID tokens and logout tokens of the client are signed by: what
// it registered, or ES256. Registration §2 has RS256 for those who say nothing; a signature of
// that costs fifty times as much, so who needs it says so.
func (i IDTokens) IDTokenSigning() jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(cmp.Or(i.IDTokenAlg, string(jose.ES256)))
}

// Signing gives the algorithms that tokens for the registered clients are signed by, each once.
func (r *Registry) Signing() (out []jose.SignatureAlgorithm) {
	for _, s := range r.now().clients {
		if !r.sees(s) {
			continue
		}
		out = append(out, s.client.IDTokenSigning(), s.client.IntrospectionSigning())
		if s.client.UserInfoAlg != "" {
			out = append(out, s.client.UserInfoAlg)
		}
		if s.client.JWTAccessTokens() {
			out = append(out, s.client.AccessTokenSigning())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
