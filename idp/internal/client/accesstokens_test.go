package client

import (
	"strings"
	"testing"
)

func TestTheFormOfAccessTokens(t *testing.T) {
	for members, fine := range map[string]bool{
		``:                               true,
		`"access_token_format":"opaque"`: true,
		`"access_token_format":"jwt"`:    true,
		`"access_token_format":"jwt","access_token_signed_response_alg":"RS256"`:    true,
		`"access_token_format":"JWT"`:                                               false,
		`"access_token_format":"jwt","access_token_signed_response_alg":"HS256"`:    false,
		`"access_token_format":"jwt","access_token_signed_response_alg":"none"`:     false,
		`"introspection_encrypted_response_alg":"ECDH-ES"`:                          false,
		`"introspection_signed_response_alg":"ES256"`:                               false, // of a public client
		`"access_token_signed_response_alg":"ES256"`:                                false,
		`"access_token_format":"opaque","access_token_signed_response_alg":"ES256"`: false,
	} {
		if members != "" {
			members += ","
		}
		c, err := Parse([]byte(strings.Replace(good, `"scope"`, members+`"scope"`, 1)), false)
		if (err == nil) != fine {
			t.Errorf("%s: %v", members, err)
		}
		if err == nil && c.JWTAccessTokens() != strings.Contains(members, `"jwt"`) {
			t.Errorf("%s: %+v", members, c.AccessTokens)
		}
	}
}
