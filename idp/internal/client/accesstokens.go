package client

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// The forms of access tokens.
const (
	Opaque = "opaque" // a handle, which says nothing by itself: the usual one
	JWT    = "jwt"    // RFC 9068
)

// AccessTokens is what a client's access tokens look like.
type AccessTokens struct {
	Format         string `json:"access_token_format,omitempty"`
	AccessTokenAlg string `json:"access_token_signed_response_alg,omitempty"`
}

func (a AccessTokens) rules(*Client) []rule {
	return []rule{
		{a.Format != "" && a.Format != Opaque && a.Format != JWT, "access_token_format must be opaque or jwt"},
		{a.AccessTokenAlg != "" && !a.JWTAccessTokens(), "access_token_signed_response_alg goes with the access_token_format jwt"},
		{!slices.Contains(Algorithms, a.AccessTokenSigning()), fmt.Sprintf("access_token_signed_response_alg must be one of %v", Algorithms)},
	}
}

// JWTAccessTokens reports whether the client gets JWTs.
func (a AccessTokens) JWTAccessTokens() bool { return a.Format == JWT }

// AccessTokenSigning is the algorithm that JWTs of the client are signed by: what it registered, or ES256.
// RFC 9068 §2.1 wants RS256 to be there, not that it is the usual one.
func (a AccessTokens) AccessTokenSigning() jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(cmp.Or(a.AccessTokenAlg, string(jose.ES256)))
}
