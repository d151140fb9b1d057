package provider

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// userinfo tells about the person behind an access token (OpenID Connect Core §5.3). The token
// stands in the Authorization header, or in the body of a form (RFC 6750 §2.1 and §2.2), and only
// opaque access tokens exist: an ID token is none (D7).
func (s *server) userinfo(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	inForm := r.PostForm.Get("access_token")
	switch {
	case r.URL.Query().Has("access_token") || inForm != "" && scheme != "":
		challenge(w, "invalid_request", http.StatusBadRequest)
		return
	case inForm != "":
		token = inForm
	case !strings.EqualFold(scheme, "Bearer"):
		challenge(w, "", http.StatusUnauthorized)
		return
	}
	g, err := s.living(r.Context(), token)
	if err != nil && wrong(err) {
		challenge(w, "invalid_token", http.StatusUnauthorized)
		return
	}
	if err != nil {
		s.Log.ErrorContext(r.Context(), "userinfo failed", "error", err)
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		writeJSON(w, http.StatusServiceUnavailable, oauthError{Code: "temporarily_unavailable"})
		return
	}
	if !g.Has(oidc.ScopeOpenID) {
		challenge(w, "insufficient_scope", http.StatusForbidden)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Subject string `json:"sub"`
		person
	}{string(g.account.ID), claimsOf(g.Approval, g.account)})
}

// challenge answers as RFC 6750 §3 has it; without a token there is no error to name.
func challenge(w http.ResponseWriter, code string, status int) {
	if code == "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		writeJSON(w, status, oauthError{"invalid_request", "an access token in the Authorization header is needed"})
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer error="`+code+`"`)
	writeJSON(w, status, oauthError{Code: code})
}
