package provider

import (
	"net/http"
	"strconv"

	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/signing"
)

// told is what userinfo says of a person.
type told struct {
	Subject string `json:"sub"`
	claims.Person
}

// userinfoMetadata tells by which algorithms userinfo may be signed (Discovery §3).
func (s *server) userinfoMetadata() map[string]any {
	return map[string]any{"userinfo_signing_alg_values_supported": s.signing()}
}

// tell answers userinfo as its client registered: as JSON, or as a JWT from us for it (OpenID Connect Core
// §5.3.2).
func (s *server) tell(w http.ResponseWriter, r *http.Request, c *client.Client, about told) {
	if c.UserInfoAlg == "" {
		writeJSON(w, http.StatusOK, about)
		return
	}
	token, err := s.Ring.Sign(c.UserInfoAlg, signing.UserInfo, struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		told
	}{s.Issuer, c.ID, about})
	if err != nil {
		s.down(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/jwt")
	w.Header().Set("Content-Length", strconv.Itoa(len(token)))
	_, _ = w.Write([]byte(token))
}
