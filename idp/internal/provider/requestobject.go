package provider

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/kv"
)

// The limits of a request object: its length in bytes, how long it may be good (FAPI 2.0 Message
// Signing §5.3.1: an hour), and how far its client's clock may be ahead.
const (
	objectLimit = 16 << 10
	objectLife  = time.Hour
	objectSkew  = 30 * time.Second
)

// objectTypes are the header types of request objects, in lower case (RFC 9101 §10.8). A token of
// another kind that a client signed is none.
var objectTypes = []string{"", "jwt", "oauth-authz-req+jwt"}

// objectClaims are the claims that are about the object itself and no parameters (RFC 7519 §4.1).
var objectClaims = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// opened gives the parameters of a request: those of its signed object, and then no others (RFC
// 9101 §6.3), or the plain ones where the client need not sign. A jti that comes twice is refused.
func (s *server) opened(ctx context.Context, c *client.Client, form url.Values) (url.Values, error) {
	raw := form.Get("request")
	if raw == "" {
		if c.RequireSigned {
			return form, &refusal{"invalid_request", "this client signs its requests"}
		}
		return form, nil
	}
	inside, jti, err := readObject(s.keyed(ctx, c, raw), raw, s.Issuer, s.Now())
	if err != nil {
		s.Log.InfoContext(ctx, "request object refused", "client", c.ID, "error", err)
		return form, &refusal{"invalid_request_object", "the request object is not good"}
	}
	if jti != "" {
		err = s.KV.Swap(ctx, "jar:"+ident.Digest(c.ID+" "+jti), nil, []byte("1"), objectLife+2*objectSkew)
		if errors.Is(err, kv.ErrChanged) {
			return form, &refusal{"invalid_request_object", "the request object was used before"}
		}
	}
	return inside, err
}

// readObject checks a request object (RFC 9101) and gives its parameters and its jti. The key is the
// registered one that the header's kid names, the algorithm the registered one; keys and addresses
// in the header count for nothing. It is pure.
func readObject(c *client.Client, raw, issuer string, now time.Time) (url.Values, string, error) {
	if len(raw) > objectLimit || c.AuthMethod != client.PrivateKeyJWT {
		return nil, "", errors.New("too long, or of a client without keys")
	}
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{c.AssertionAlg()})
	if err != nil {
		return nil, "", err
	}
	header := jws.Signatures[0].Header
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); !slices.Contains(objectTypes, strings.ToLower(typ)) {
		return nil, "", errors.New("typ")
	}
	key, ok := c.Key(header.KeyID)
	if !ok {
		return nil, "", errors.New("unknown key")
	}
	payload, err := jws.Verify(key)
	if err != nil {
		return nil, "", err
	}
	var about aboutObject
	var all map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(payload, &about), json.Unmarshal(payload, &all)); err != nil {
		return nil, "", err
	}
	if err := about.check(c.ID, issuer, now); err != nil {
		return nil, "", err
	}
	form, err := parameters(all)
	return form, about.ID, err
}

// aboutObject are the claims about the object, and the client that it names.
type aboutObject struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	Expires   float64  `json:"exp"`
	NotBefore float64  `json:"nbf"`
	Issued    float64  `json:"iat"`
	ID        string   `json:"jti"`
	Client    string   `json:"client_id"`
}

// check holds them against who we are and what time it is. It is pure.
func (a aboutObject) check(clientID, issuer string, now time.Time) error {
	exp, latest := moment(a.Expires), now.Add(objectSkew)
	switch {
	case a.Issuer != clientID || a.Client != clientID:
		return errors.New("iss and client_id must be the client's")
	case a.Subject != "":
		return errors.New("sub: an object that names one could serve as a client assertion (RFC 9101 §10.8)")
	case !slices.Contains(a.Audience, issuer):
		return errors.New("aud")
	case len(a.ID) > 256:
		return errors.New("jti")
	case !now.Before(exp.Add(objectSkew)) || exp.Sub(now) > objectLife+objectSkew:
		return errors.New("exp must lie within an hour")
	case !begun(a.NotBefore, latest), a.NotBefore != 0 && now.Sub(moment(a.NotBefore)) > objectLife+objectSkew:
		return errors.New("nbf")
	case !begun(a.Issued, latest):
		return errors.New("iat")
	}
	return nil
}

// parameters turns claims into the parameters that they stand for: texts as they are, whole numbers
// in digits, objects in JSON, the resources as one text or a list of them (RFC 8707 §2), and authorization details as a list. An object holds
// no other (RFC 9101 §4).
func parameters(claims map[string]json.RawMessage) (url.Values, error) {
	form := url.Values{}
	for name, raw := range claims {
		if slices.Contains(objectClaims, name) {
			continue
		}
		if name == "request" || name == "request_uri" {
			return nil, errors.New("a request object in a request object")
		}
		var text string
		var number int64
		var object map[string]json.RawMessage
		var list []string
		switch {
		case json.Unmarshal(raw, &text) == nil:
			form.Set(name, text)
		case json.Unmarshal(raw, &number) == nil:
			form.Set(name, strconv.FormatInt(number, 10))
		case json.Unmarshal(raw, &object) == nil && object != nil:
			form.Set(name, string(raw))
		case name == "authorization_details" && strings.HasPrefix(string(raw), "["):
			form.Set(name, string(raw)) // RFC 9396 §4
		case name == "resource" && json.Unmarshal(raw, &list) == nil && list != nil:
			form[name] = list
		default:
			return nil, errors.New(name + " is of a kind that no parameter has")
		}
	}
	return form, nil
}
