package provider_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/provider"
)

// handed is a transport that hands requests to a handler without a socket.
type handed struct{ handler http.Handler }

func (h handed) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, r)
	return rec.Result(), nil
}

// The relying party of zitadel/oidc, which is certified, finds everything by discovery and
// gets through: code with PKCE and private_key_jwt, ID token, userinfo, refresh.
func TestRelyingPartyOfTheLibrary(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: w.keys["rp"], KeyID: "k1"}}, nil)
	w.must(err)
	party, err := rp.NewRelyingPartyOIDC(ctx, w.issuer, "rp", "", callback, []string{"openid", "email", "offline_access"},
		rp.WithHTTPClient(&http.Client{Transport: handed{w.handler}}), rp.WithAuthStyle(oauth2.AuthStyleInParams), rp.WithSigningAlgsFromDiscovery(),
		rp.WithJWTProfile(func() (jose.Signer, error) { return signer, nil }),
		rp.WithVerifierOpts(rp.WithNonce(func(context.Context) string { return "n7" }), rp.WithACRVerifier(oidc.DefaultACRVerifier([]string{policy.ACRMedium})), rp.WithAuthTimeMaxAge(time.Minute), rp.WithSupportedSigningAlgorithms("ES256")))
	w.must(err)
	to := rp.AuthURL("s7", party, rp.WithCodeChallenge(oidc.NewSHACodeChallenge(verifier)), rp.AuthURLOpt(rp.WithURLParam("nonce", "n7")), rp.AuthURLOpt(rp.WithURLParam("acr_values", policy.ACRMedium)))
	a := answer(w.do("GET", strings.TrimPrefix(to, w.issuer), nil, w.signIn(true)))
	if a.Get("state") != "s7" || a.Get("iss") != party.Issuer() {
		t.Fatalf("%v", a)
	}
	got, err := rp.CodeExchange[*oidc.IDTokenClaims](ctx, a.Get("code"), party, rp.WithCodeVerifier(verifier), rp.WithClientAssertionJWT(w.assertion("rp", nil)))
	w.must(err)
	if got.IDTokenClaims.Subject != string(anna) || got.IDTokenClaims.SessionID == "" || got.IDTokenClaims.AccessTokenHash == "" {
		t.Errorf("%+v", got.IDTokenClaims)
	}
	info, err := rp.Userinfo[*oidc.UserInfo](ctx, got.AccessToken, got.TokenType, got.IDTokenClaims.Subject, party)
	if err != nil || info.Email != "anna@example.org" || !bool(info.EmailVerified) {
		t.Errorf("userinfo: %+v %v", info, err)
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.RefreshToken}}
	again, _ := w.token(w.as("rp", form))
	claims, err := rp.VerifyTokens[*oidc.IDTokenClaims](ctx, again.Access, again.ID, rp.NewIDTokenVerifier(w.issuer, "rp", party.IDTokenVerifier().KeySet, rp.WithSupportedSigningAlgorithms("ES256")))
	if err != nil || claims.Subject != string(anna) || claims.AuthenticationContextClassReference != policy.ACRMedium || !claims.AuthTime.AsTime().Equal(got.IDTokenClaims.AuthTime.AsTime()) {
		t.Errorf("after the refresh: %+v %v", claims, err)
	}
}

// The logout token is what Back-Channel Logout 1.0 §2.4 has, and no ID token.
func TestLogoutTokenForClients(t *testing.T) {
	w := newWorld(t)
	c, err := w.clients.ByID(t.Context(), "rp")
	w.must(err)
	token, err := provider.LogoutToken(provider.Config{Issuer: w.issuer, Now: w.now, Ring: w.ring}, c, anna, "sid1", "jti1")
	w.must(err)
	claims := w.claims(token)
	events, _ := claims["events"].(map[string]any)
	if claims["iss"] != w.issuer || claims["aud"] != "rp" || claims["sub"] != string(anna) || claims["sid"] != "sid1" || claims["jti"] != "jti1" || events["http://schemas.openid.net/event/backchannel-logout"] == nil {
		t.Errorf("%v", claims)
	}
	if _, there := claims["nonce"]; there || claims["exp"].(float64)-claims["iat"].(float64) != 120 {
		t.Errorf("%v", claims)
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	w.must(err)
	if jws.Signatures[0].Header.ExtraHeaders["typ"] != "logout+jwt" {
		t.Errorf("%v", jws.Signatures[0].Header)
	}
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {token}}.Encode(), nil, w.signIn(true)); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a logout token is no hint: %d", rec.Code)
	}
}
