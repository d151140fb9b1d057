package provider

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/claims"
)

// userinfo tells about the person behind an access token (OpenID Connect Core §5.3). The token
// stands in the Authorization header, or in the body of a form (RFC 6750 §2.1 and §2.2), and only
// opaque access tokens exist: an ID token is none (D7). One that is bound to a key comes with the
// scheme DPoP and a proof of that key, and no other way (RFC 9449 §7); one that is bound to a certificate
// over a connection with that certificate (RFC 8705 §3). One that is for other resources alone is none here
// (RFC 8707 §3).
func (s *server) userinfo(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	inForm := r.PostForm.Get("access_token")
	switch {
	case r.URL.Query().Has("access_token") || inForm != "" && scheme != "":
		challenge(w, "invalid_request", http.StatusBadRequest)
		return
	case inForm != "":
		token = inForm
	case !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, dpopType):
		challenge(w, "", http.StatusUnauthorized)
		return
	}
	jkt := ""
	if strings.EqualFold(scheme, dpopType) {
		var good bool
		if jkt, good = s.provedHere(w, r, token); !good {
			return
		}
	}
	g, err := s.living(r.Context(), token)
	if err == nil && (g.JKT != jkt || !s.connected(r, g.Binding) || !slices.Contains(s.audience(g.Approval), s.Issuer)) || err != nil && wrong(err) {
		challenge(w, "invalid_token", http.StatusUnauthorized)
		return
	}
	if err != nil {
		s.down(w, r, err)
		return
	}
	if !g.OfPerson() || !g.Has(oidc.ScopeOpenID) {
		challenge(w, "insufficient_scope", http.StatusForbidden)
		return
	}
	s.tell(w, r, g.client, told{s.subject(g.client, g.account.ID), person(g.client, g.Approval, g.account, claims.UserInfo, g.through...)})
}

// provedHere is proved for a resource: it answers what is wrong itself (RFC 9449 §7.1 and §9).
func (s *server) provedHere(w http.ResponseWriter, r *http.Request, token string) (jkt string, good bool) {
	jkt, err := s.proved(r.Context(), w, r, token)
	code := ""
	switch {
	case errors.Is(err, errNonce):
		code = "use_dpop_nonce"
	case errors.Is(err, errProof) || err == nil && jkt == "":
		code = "invalid_dpop_proof"
	case err != nil:
		s.down(w, r, err)
		return "", false
	default:
		return jkt, true
	}
	w.Header().Set("WWW-Authenticate", `DPoP error="`+code+`", algs="`+strings.Join(names(proofAlgorithms), " ")+`"`)
	writeJSON(w, http.StatusUnauthorized, oauthError{Code: code})
	return "", false
}

// down answers a failure of ours outside the library: 503 with Retry-After (D15).
func (s *server) down(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "OpenID Connect request failed", "path", r.URL.Path, "error", err)
	w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	writeJSON(w, http.StatusServiceUnavailable, oauthError{Code: "temporarily_unavailable"})
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
