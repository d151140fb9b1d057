package provider

import (
	"encoding/base64"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/signing"
)

// AssuranceClaim carries how well idp knows the person, 0 to 40. It is never part of acr
// (domain.md §0.1).
const AssuranceClaim = "https://eulogin.example/claims/assurance_level"

// idTokenType is the typ of ID tokens.
const idTokenType = signing.IDToken

// claimNames are the claims that idp can tell.
var claimNames = []string{
	"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash",
	"email", "email_verified", "name", "given_name", "family_name", "locale", AssuranceClaim,
}

// tokenMetadata tells what ID tokens are and what they hold.
func (s *server) tokenMetadata() map[string]any {
	return map[string]any{"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": names(client.Algorithms), "claims_supported": claimNames}
}

// subject gives the sub by which a client knows an account.
func (c Config) subject(_ *client.Client, id ident.AccountID) string { return string(id) }

// accountOf gives the account that a client knows by this sub; "" when there is none.
func (c Config) accountOf(_ *client.Client, sub string) ident.AccountID { return ident.AccountID(sub) }

// person are the claims about somebody, by scope.
type person struct {
	Email         string `json:"email,omitempty"`
	EmailVerified bool   `json:"email_verified,omitempty"`
	Name          string `json:"name,omitempty"`
	GivenName     string `json:"given_name,omitempty"`
	FamilyName    string `json:"family_name,omitempty"`
	Locale        string `json:"locale,omitempty"`
	Assurance     *int   `json:"https://eulogin.example/claims/assurance_level,omitempty"`
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
	person
}

// idToken makes the ID token of an approval. acr, amr, auth_time and sid are those of the
// sign-in, also when it is made at a refresh (D20).
func (s *server) idToken(c *client.Client, a grant.Approval, acc account.Account, access, nonce string) (string, error) {
	now := s.Now()
	alg := c.IDTokenSigning()
	return s.Ring.Sign(alg, idTokenType, idToken{
		Issuer: s.Issuer, Subject: s.subject(c, a.Account), Audience: a.Client, Expires: now.Add(c.IDTokenLife()).Unix(), Issued: now.Unix(),
		AuthTime: a.AuthTime.Unix(), Nonce: nonce, ACR: a.ACR, AMR: a.AMR, SID: a.SID, AtHash: base64.RawURLEncoding.EncodeToString(signing.Half(alg, access)), person: claimsOf(a, acc),
	})
}

// claimsOf gives what the granted scopes allow.
func claimsOf(a grant.Approval, acc account.Account) (p person) {
	if a.Has("email") {
		p.Email, p.EmailVerified = acc.Email, true
	}
	if a.Has("profile") {
		p.Name, p.GivenName, p.FamilyName, p.Locale = acc.Name(), acc.GivenName, acc.FamilyName, acc.MailLang
		p.Assurance = &acc.Assurance
	}
	return p
}
