package provider

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The limits of a client assertion (RFC 7523 §3), the last in bytes.
const (
	assertionLife  = 5 * time.Minute
	assertionSkew  = 30 * time.Second
	assertionLimit = 8 << 10
)

// assertionTypes are the header types of client assertions, in lower case. A token of another
// kind that a client signed is none (security case 22).
var assertionTypes = []string{"", "jwt", "client-authentication+jwt"}

// errAssertion says that a client assertion is not good; why stands in the log only.
var errAssertion = fault.New(fault.Unauthenticated, "oidc.client_assertion")

// assertionClaims are those of RFC 7523 §3.
type assertionClaims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Expires  float64  `json:"exp"`
	Issued   float64  `json:"iat"`
	Begins   float64  `json:"nbf"`
	ID       string   `json:"jti"`
}

// audience is one name, or a list of names.
type audience []string

// UnmarshalJSON reads both forms.
func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// assertion checks a client assertion and uses its jti up: only at the end, so that a stranger
// cannot use up another client's.
func (s *server) assertion(ctx context.Context, raw string) (*client.Client, error) {
	c, claims, err := s.readAssertion(ctx, raw)
	if err != nil {
		return nil, errAssertion.Because(err)
	}
	// A jti that was used is a conflict, and as such refused.
	return c, s.spend(ctx, kv.Mark{Key: "jti:" + ident.Digest(c.ID+" "+claims.ID), Life: assertionLife + 2*assertionSkew})
}

// assertionAlgorithms are those of all clients together; which one is a client's, it registered.
var assertionAlgorithms = slices.Concat(client.Algorithms, client.SecretAlgorithms)

// readAssertion checks all of an assertion but whether it is new. The algorithm is the registered one, and
// says whether a key or a secret is asked for; keys and addresses in the header count for nothing.
func (s *server) readAssertion(ctx context.Context, raw string) (c *client.Client, claims assertionClaims, err error) {
	if len(raw) > assertionLimit {
		return nil, claims, errors.New("too long")
	}
	jws, err := jose.ParseSignedCompact(raw, assertionAlgorithms)
	if err != nil {
		return nil, claims, err
	}
	header := jws.Signatures[0].Header
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); !slices.Contains(assertionTypes, strings.ToLower(typ)) {
		return nil, claims, errors.New("typ")
	}
	if err := json.Unmarshal(jws.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return nil, claims, err
	}
	c, err = s.Clients.ByID(ctx, claims.Subject)
	if err != nil || header.Algorithm != string(c.AssertionAlg()) {
		return nil, claims, errors.New("unknown client, or not the registered algorithm")
	}
	if c, err = s.signedBy(ctx, c, jws, raw); err != nil {
		return nil, claims, err
	}
	named := s.addressed(ctx)
	if c.FAPI() {
		if named = named[:1]; !oneAudience(jws.UnsafePayloadWithoutVerification()) {
			return nil, claims, errors.New("aud is no string (FAPI 2.0 Security Profile §5.3.2.1)")
		}
	}
	return c, claims, claims.check(named, s.Now())
}

// addressed are the values by which an assertion can name us, the issuer first: also the token endpoint, and
// where it is sent if that is where requests are pushed (RFC 9126 §2) or people are asked on the phone
// (CIBA Core §7.1).
func (s *server) addressed(ctx context.Context) []string {
	named := []string{s.Issuer, s.Issuer + tokenPath}
	if x := exchange(ctx); x != nil && (x.r.URL.Path == pushPath || x.r.URL.Path == backchannelPath) {
		named = append(named, s.Issuer+x.r.URL.Path)
	}
	return named
}

// oneAudience reports whether aud is one string, and no list, be it of one.
func oneAudience(payload []byte) bool {
	var c struct {
		Audience string `json:"aud"`
	}
	return json.Unmarshal(payload, &c) == nil
}

// signedBy checks the signature of an assertion: by the registered key that its header's kid names, or by
// a secret that is good now. It gives the client with the keys that it has now.
func (s *server) signedBy(ctx context.Context, c *client.Client, jws *jose.JSONWebSignature, raw string) (*client.Client, error) {
	err := errors.New("no such client with keys or a secret")
	switch c.AuthMethod {
	case client.PrivateKeyJWT:
		c = s.keyed(ctx, c, raw)
		if key, ok := c.Key(jws.Signatures[0].Header.KeyID); ok {
			_, err = jws.Verify(key)
		}
	case client.ClientSecretJWT:
		for _, secret := range c.GoodSecrets(s.Now()) {
			if _, err = jws.Verify([]byte(secret)); err == nil {
				break
			}
		}
	}
	return c, err
}

// keyed gives a client with the keys that it has now, among them the one that signed a text: it may keep
// them at an address of its own.
func (s *server) keyed(ctx context.Context, c *client.Client, signed string) *client.Client {
	if c.JWKSURI == "" {
		return c
	}
	jws, err := jose.ParseSignedCompact(signed, client.Algorithms)
	if err != nil {
		return c // it is refused where it is read
	}
	return s.Remote.Of(ctx, c, jws.Signatures[0].Header.KeyID)
}

// check holds the claims against who we are and what time it is. It is pure.
func (a assertionClaims) check(audiences []string, now time.Time) error {
	exp, iat := moment(a.Expires), moment(a.Issued)
	switch {
	case a.Issuer == "" || a.Issuer != a.Subject:
		return errors.New("iss and sub must be the client_id")
	case len(a.Audience) != 1 || !slices.Contains(audiences, a.Audience[0]):
		return errors.New("aud")
	case a.ID == "" || len(a.ID) > 256:
		return errors.New("jti")
	case !now.Before(exp.Add(assertionSkew)) || exp.Sub(now) > assertionLife+assertionSkew:
		return errors.New("exp must lie within five minutes")
	case a.Issued != 0 && (iat.After(now.Add(assertionSkew)) || now.Sub(iat) > assertionLife+assertionSkew):
		return errors.New("iat")
	case !begun(a.Begins, now.Add(assertionSkew)):
		return errors.New("nbf") // RFC 7523 §3, item 5
	}
	return nil
}

// begun reports whether a NumericDate, where there is one, has come at a moment.
func begun(seconds float64, at time.Time) bool {
	from := moment(seconds)
	return seconds == 0 || !from.IsZero() && !from.After(at)
}

// moment reads a NumericDate (RFC 7519 §2); what no clock will show becomes the zero time.
func moment(seconds float64) time.Time {
	if !(seconds >= 0 && seconds < 1<<36) {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6))
}
