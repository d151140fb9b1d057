package provider

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/signing"
)

// introspectionType is the media type by which a resource server asks for a JWT (RFC 9701 §4).
const introspectionType = "application/token-introspection+jwt"

// introspectionMetadata tells by which algorithms answers about tokens are signed and encrypted (RFC 9701
// §7).
func (s *server) introspectionMetadata() map[string]any {
	return map[string]any{
		"introspection_signing_alg_values_supported":    s.signing(),
		"introspection_encryption_alg_values_supported": names(client.KeyAlgorithms), "introspection_encryption_enc_values_supported": names(client.Encryptions),
	}
}

// introspectionClaims are those of RFC 9701 §5: who is told, and, apart from what the JWT says of itself, the
// answer. So it has no sub and no exp that somebody could take for a token's.
type introspectionClaims struct {
	Issuer   string        `json:"iss"`
	Audience string        `json:"aud"`
	Issued   int64         `json:"iat"`
	Answer   introspection `json:"token_introspection"`
}

// introspectionJWT signs an answer for the client that gets it, and encrypts it where the client wants that.
func (s *server) introspectionJWT(w http.ResponseWriter, r *http.Request, c *client.Client, answer introspection) error {
	token, err := s.Ring.Sign(c.IntrospectionSigning(), signing.Introspection, introspectionClaims{s.Issuer, c.ID, s.Now().Unix(), answer})
	if err == nil {
		err = s.encryptable(r.Context(), c, c.IntrospectionEncryption())
	}
	if err == nil {
		token, err = s.encrypted(c, c.IntrospectionEncryption(), token)
	}
	if err != nil {
		return s.outage(r.Context(), err)
	}
	w.Header().Set("Content-Type", introspectionType)
	w.Header().Set("Content-Length", strconv.Itoa(len(token)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(token))
	return nil
}

// accepts reports whether a request names a media type among those that it accepts (RFC 9110 §12.5.1). A
// wildcard names none.
func accepts(h http.Header, media string) bool {
	for _, line := range h.Values("Accept") {
		for _, one := range strings.Split(line, ",") {
			kind, params, err := mime.ParseMediaType(one)
			q, qerr := strconv.ParseFloat(params["q"], 64)
			if err == nil && kind == media && (params["q"] == "" || qerr == nil && q > 0) {
				return true
			}
		}
	}
	return false
}
