package signin

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/cpms/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// attemptTTL is how long a person may take at idp. It is longer than idp's own limit on a
// sign-in (15 minutes) and on a mailed link, so that enrolling a phone on the way fits.
const attemptTTL = time.Hour

// Config is what the service is made of.
type Config struct {
	Issuer   string            // idp's issuer
	Internal string            // idp as this process reaches it, when that differs
	BaseURL  string            // cpms as browsers reach it
	Key      *ecdsa.PrivateKey // signs client assertions (private_key_jwt, RFC 7523)
	KV       kv.Store
	HTTP     *http.Client // has a timeout and follows no redirects
	Now      func() time.Time
	Random   io.Reader
}

// Service starts and finishes sign-ins.
type Service struct {
	Config
	provider *provider
	keys     *keySet
	signer   jose.Signer
}

// New makes the service. It does not need idp to be there yet.
func New(c Config) (*Service, error) {
	jwk, err := PublicKey(c.Key)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: c.Key, KeyID: jwk.KeyID}}, nil)
	if err != nil {
		return nil, err
	}
	s := &Service{Config: c, signer: signer}
	s.provider = &provider{issuer: c.Issuer, internal: c.Internal, http: c.HTTP, now: c.Now}
	s.keys = &keySet{http: c.HTTP, now: c.Now, url: func(ctx context.Context) (string, error) {
		conf, err := s.provider.endpoints(ctx)
		if err != nil {
			return "", err
		}
		return s.provider.reach(conf.JwksURI), nil
	}}
	return s, nil
}

// attempt is one sign-in under way: what was sent, and to which browser it belongs.
type attempt struct {
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Browser  string    `json:"browser"`
	ReturnTo string    `json:"return_to"`
	Need     Need      `json:"need"`
	Started  time.Time `json:"started"`
}

// Ask says what a sign-in is for.
type Ask struct {
	Need     Need
	ReturnTo string // path in cpms where the person goes on; anything else becomes the home page
	Browser  string // digest that binds the attempt to this browser
	Locale   string // language of the page
	Hint     string // e-mail or "" (login_hint)
}

// needed are the claims that cpms cannot do without: whoever is asked by EU Login what it may tell cannot
// leave them out alone (OpenID Connect Core §5.5).
const needed = `"email":{"essential":true},"given_name":{"essential":true},"family_name":{"essential":true},` +
	`"https://eulogin.example/claims/assurance_level":{"essential":true}`

// Start keeps the attempt and gives the address at idp to send the browser to.
func (s *Service) Start(ctx context.Context, ask Ask) (string, error) {
	conf, err := s.provider.endpoints(ctx)
	if err != nil {
		return "", err
	}
	state := ident.NewToken(s.Random)
	a := attempt{
		Nonce: ident.NewToken(s.Random), Verifier: ident.NewToken(s.Random), Browser: ask.Browser,
		ReturnTo: LocalPath(ask.ReturnTo), Need: ask.Need, Started: s.Now(),
	}
	if err := kv.PutJSON(ctx, s.KV, attemptKey(state), a, attemptTTL); err != nil {
		return "", err
	}
	q := url.Values{
		"response_type": {"code"}, "client_id": {ClientID}, "redirect_uri": {s.BaseURL + CallbackPath},
		"scope": {"openid email profile"}, "state": {state}, "nonce": {a.Nonce},
		"code_challenge": {oidc.NewSHACodeChallenge(a.Verifier)}, "code_challenge_method": {"S256"},
		"ui_locales": {ask.Locale},
		"claims":     {`{"id_token":{"acr":{"essential":true,"values":["` + ask.Need.ACR + `"]},` + needed + `}}`},
	}
	if ask.Need.MaxAge > 0 {
		q.Set("max_age", strconv.Itoa(int(ask.Need.MaxAge.Seconds())))
	}
	if ask.Hint != "" {
		q.Set("login_hint", ask.Hint)
	}
	return authorizeURL(conf.AuthorizationEndpoint, q)
}

// The ways in which idp can send the person back without a sign-in.
var (
	ErrState    = fault.New(fault.Gone, "signin.attempt_unknown")     // finished, too old, or another browser's
	ErrCanceled = fault.New(fault.Denied, "signin.canceled")          // the person, or idp, said no
	ErrUnmet    = fault.New(fault.Denied, "signin.level_not_reached") // idp cannot reach the level
)

// Login is a finished sign-in.
type Login struct {
	Claims   *oidc.IDTokenClaims
	IDToken  string // for id_token_hint at sign-out
	ReturnTo string
	Need     Need
}

// Finish checks what idp sent through the browser, exchanges the code, and checks the ID
// token. The attempt is taken first, so that a second arrival of the same answer finds
// nothing.
func (s *Service) Finish(ctx context.Context, q url.Values, browser string) (Login, error) {
	if q.Get("state") == "" {
		return Login{}, ErrState
	}
	a, err := kv.TakeJSON[attempt](ctx, s.KV, attemptKey(q.Get("state")))
	if fault.KindOf(err) == fault.NotFound {
		return Login{}, ErrState
	}
	if err != nil {
		return Login{}, err
	}
	if a.Browser == "" || !ident.Same(a.Browser, browser) || s.Now().Sub(a.Started) > attemptTTL {
		return Login{}, ErrState
	}
	// RFC 9207: an answer that is not idp's is not read at all.
	if q.Get("iss") != s.Issuer {
		return Login{}, ErrToken.Because(errors.New("iss of the answer"))
	}
	switch q.Get("error") {
	case "":
	case "unmet_authentication_requirements":
		return Login{ReturnTo: a.ReturnTo}, ErrUnmet
	case "temporarily_unavailable", "server_error":
		return Login{ReturnTo: a.ReturnTo}, ErrProvider.Because(errors.New(q.Get("error")))
	default:
		return Login{ReturnTo: a.ReturnTo}, ErrCanceled.Because(errors.New("error in the answer"))
	}
	return s.exchange(ctx, q.Get("code"), a)
}

func (s *Service) exchange(ctx context.Context, code string, a attempt) (Login, error) {
	token, err := s.redeem(ctx, code, a.Verifier)
	if err != nil {
		return Login{}, err
	}
	claims := new(oidc.IDTokenClaims)
	if err := s.open(ctx, token, []string{"", "JWT"}, claims); err != nil {
		return Login{}, err
	}
	if err := checkIDToken(claims, s.Issuer, a, s.Now()); err != nil {
		return Login{}, err
	}
	return Login{Claims: claims, IDToken: token, ReturnTo: a.ReturnTo, Need: a.Need}, nil
}

// assertion proves to idp who we are (RFC 7523 §2.2), for one minute.
func (s *Service) assertion() (string, error) {
	return client.SignedJWTProfileAssertion(ClientID, []string{s.Issuer}, time.Minute, s.signer)
}

// SignOutURL gives idp's end_session address for this session (RP-Initiated Logout 1.0).
func (s *Service) SignOutURL(ctx context.Context, idToken, locale string) (string, error) {
	conf, err := s.provider.endpoints(ctx)
	if err != nil {
		return "", err
	}
	return authorizeURL(conf.EndSessionEndpoint, url.Values{
		"id_token_hint": {idToken}, "client_id": {ClientID}, "ui_locales": {locale},
		"post_logout_redirect_uri": {s.BaseURL + SignedOutPath},
	})
}

func attemptKey(state string) string { return "attempt:" + ident.Digest(state) }

// LocalPath gives a path of cpms itself; anything that could lead elsewhere becomes the
// home page.
func LocalPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") || u.Host != "" || u.Scheme != "" {
		return SignedOutPath
	}
	return p
}
