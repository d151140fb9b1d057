package provider

import (
	"encoding/base64"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/signing"
)

// idTokenType is the typ of ID tokens.
const idTokenType = signing.IDToken

// claimNames are the claims that idp can tell: of a sign-in, and of the person.
var claimNames = slices.Concat([]string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"}, claims.Names())

// tokenMetadata tells what ID tokens are and what they hold.
func (s *server) tokenMetadata() map[string]any {
	return map[string]any{"subject_types_supported": client.SubjectTypes, "id_token_signing_alg_values_supported": s.signing(),
		"id_token_encryption_alg_values_supported": names(client.KeyAlgorithms), "id_token_encryption_enc_values_supported": names(client.Encryptions), "claims_supported": claimNames, "claim_types_supported": []string{"normal"}}
}

// signing are the algorithms by which tokens can be signed here: where keys lie in a token (PKCS #11), not
// more than it can do.
func (s *server) signing() []string {
	return names(slices.DeleteFunc(slices.Clone(client.Algorithms), func(alg jose.SignatureAlgorithm) bool { return !s.Ring.Can(alg) }))
}

// subject gives the sub by which a client knows an account.
func (c Config) subject(cl *client.Client, id ident.AccountID) string {
	return c.Subjects.Subject(cl, id)
}

// accountOf gives the account that a client knows by this sub; "" when there is none.
func (c Config) accountOf(cl *client.Client, sub string) ident.AccountID {
	return c.Subjects.Account(cl, sub)
}

// idToken are the claims of an ID token. It is our own type: no claim can be set by anything
// but this package, and sub is never empty (D18).
type idToken struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience string   `json:"aud"`
	Expires  int64    `json:"exp"`
	Issued   int64    `json:"iat"`
	AuthTime int64    `json:"auth_time"`
	Nonce    string   `json:"nonce,omitempty"`
	ACR      string   `json:"acr"`
	AMR      []string `json:"amr"`
	SID      string   `json:"sid"`
	AtHash   string   `json:"at_hash,omitempty"`
	claims.Person
}

// idToken makes the ID token of an approval. acr, amr, auth_time and sid are those of the
// sign-in, also when it is made at a refresh (D20).
func (s *server) idToken(c *client.Client, a grant.Approval, acc account.Account, access, nonce string) (string, error) {
	now := s.Now()
	alg := c.IDTokenSigning()
	signed, err := s.Ring.Sign(alg, idTokenType, idToken{
		Issuer: s.Issuer, Subject: s.subject(c, a.Account), Audience: a.Client, Expires: now.Add(c.IDTokenLife()).Unix(), Issued: now.Unix(),
		AuthTime: a.AuthTime.Unix(), Nonce: nonce, ACR: a.ACR, AMR: a.AMR, SID: s.Subjects.Session(c, a.SID), AtHash: base64.RawURLEncoding.EncodeToString(signing.Half(alg, access)), Person: person(c, a, acc, claims.IDToken),
	})
	if err != nil {
		return "", err
	}
	return s.encrypted(c, c.IDTokenEncryption(), signed)
}
