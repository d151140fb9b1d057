package provider

import (
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// errClaims says that the claims parameter cannot be read.
var errClaims = fault.New(fault.Invalid, "oidc.claims_malformed")

// claimsLimit is the longest claims parameter, in bytes.
const claimsLimit = 4096

// requirement turns a request into what the sign-in must reach.
func (q question) requirement(now time.Time) (policy.Requirement, error) {
	wished := q.acrValues
	if len(wished) == 0 {
		wished = q.claims.wished
	}
	req, err := policy.Require(policy.Asked{
		ACRValues: wished, EssentialACR: q.claims.essential, Minimum: q.client.Minimum(),
		MaxAge: q.youngest(), PromptLogin: q.prompted("login"), At: now,
	})
	if err != nil {
		return req, &refusal{login.RefusedUnmet, "no acr that was asked for as essential can be reached here"}
	}
	return req, nil
}

// youngest is the max_age of the request, or else what the client registered.
func (q question) youngest() *time.Duration {
	if q.maxAge == nil && q.client.DefaultMaxAge != nil {
		d := time.Duration(*q.client.DefaultMaxAge) * time.Second
		return &d
	}
	return q.maxAge
}

// claimsAsked is what the claims parameter can change here: the level, and who. All other
// claims of it are voluntary and come by scope.
type claimsAsked struct {
	essential, wished []string // acr values
	subject           ident.AccountID
}

// claimAsked is how one claim is asked for.
type claimAsked struct {
	Essential bool     `json:"essential"`
	Value     *string  `json:"value"`
	Values    []string `json:"values"`
}

// readClaims reads the claims parameter (OpenID Connect Core §5.5). The decoder compares
// names exactly and refuses doubled ones: two readers of one request must see the same.
func readClaims(raw string) (claimsAsked, error) {
	if raw == "" {
		return claimsAsked{}, nil
	}
	var parsed struct {
		IDToken  map[string]json.RawMessage `json:"id_token"`
		UserInfo map[string]json.RawMessage `json:"userinfo"`
	}
	if len(raw) > claimsLimit || !strings.HasPrefix(strings.TrimLeft(raw, " \t\r\n"), "{") {
		return claimsAsked{}, errClaims
	}
	if err := json.Unmarshal([]byte(raw), &parsed); err != nil {
		return claimsAsked{}, errClaims.Because(err)
	}
	acr, err := readClaim(parsed.IDToken["acr"])
	if err != nil {
		return claimsAsked{}, err
	}
	sub, err := readClaim(parsed.IDToken["sub"])
	if err != nil {
		return claimsAsked{}, err
	}
	var out claimsAsked
	if sub.Value != nil {
		out.subject = ident.AccountID(*sub.Value)
	}
	if acr.Value != nil {
		acr.Values = append(acr.Values, *acr.Value)
	}
	if acr.Essential {
		out.essential = acr.Values // none: any value will do, and there always is one
	} else {
		out.wished = acr.Values
	}
	return out, nil
}

// readClaim reads the request for one claim; absent and null ask for nothing in particular.
func readClaim(raw json.RawMessage) (c claimAsked, err error) {
	if len(raw) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, errClaims.Because(err)
	}
	return c, nil
}
