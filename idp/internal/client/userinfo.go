package client

import (
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// UserInfo is how a client wants userinfo answered (OpenID Connect Registration §2).
type UserInfo struct {
	UserInfoAlg jose.SignatureAlgorithm `json:"userinfo_signed_response_alg,omitempty"` // "": JSON
}

func (u UserInfo) rules() []rule {
	return []rule{
		{u.UserInfoAlg != "" && !slices.Contains(Algorithms, u.UserInfoAlg), fmt.Sprintf("userinfo_signed_response_alg must be one of %v", Algorithms)},
	}
}
