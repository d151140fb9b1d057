package provider

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4/json"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/fault"
)

// errClaims says that the claims parameter cannot be read.
var errClaims = fault.New(fault.Invalid, "oidc.claims_malformed")

// claimsLimit is the longest claims parameter, in bytes.
const claimsLimit = 4096

// claimsAsked is what a claims parameter asks for: the level, who, and single claims of the person.
type claimsAsked struct {
	essential, wished []string // acr values
	subject           string   // as the client knows it
	person            claims.Asked
}

// claimAsked is how one claim is asked for (§5.5.1).
type claimAsked struct {
	Essential bool              `json:"essential"`
	Value     json.RawMessage   `json:"value"`
	Values    []json.RawMessage `json:"values"`
}

// readClaims reads the claims parameter (OpenID Connect Core §5.5). The decoder compares
// names exactly and refuses doubled ones: two readers of one request must see the same.
// Claims that idp does not know are not looked at.
func readClaims(raw string) (out claimsAsked, err error) {
	if raw == "" {
		return out, nil
	}
	var parsed struct {
		IDToken  map[string]json.RawMessage `json:"id_token"`
		UserInfo map[string]json.RawMessage `json:"userinfo"`
	}
	if len(raw) > claimsLimit || !strings.HasPrefix(strings.TrimLeft(raw, " \t\r\n"), "{") {
		return out, errClaims
	}
	if err := json.Unmarshal([]byte(raw), &parsed); err != nil {
		return out, errClaims.Because(err)
	}
	if err := out.readLevel(parsed.IDToken); err != nil {
		return claimsAsked{}, err
	}
	if out.person.IDToken, err = readPerson(parsed.IDToken); err != nil {
		return claimsAsked{}, err
	}
	if out.person.UserInfo, err = readPerson(parsed.UserInfo); err != nil {
		return claimsAsked{}, err
	}
	return out, nil
}

// readLevel reads what the ID token shall say of the sign-in, and of whom.
func (out *claimsAsked) readLevel(idToken map[string]json.RawMessage) error {
	acr, err := readClaim(idToken["acr"])
	if err != nil {
		return err
	}
	sub, err := readClaim(idToken["sub"])
	if err != nil {
		return err
	}
	who, err := texts(sub.Value)
	if err != nil {
		return err
	}
	if len(who) > 0 {
		out.subject = who[0]
	}
	levels, err := texts(append(acr.Values, acr.Value)...)
	if err != nil {
		return err
	}
	if acr.Essential {
		out.essential = levels // none: any value will do, and there always is one
	} else {
		out.wished = levels
	}
	return nil
}

// readPerson reads which claims about a person are asked for, in the order of their names.
func readPerson(target map[string]json.RawMessage) (out []claims.One, err error) {
	for _, name := range slices.Sorted(maps.Keys(target)) {
		if claims.Scope(name) == "" {
			continue
		}
		asked, err := readClaim(target[name])
		if err != nil {
			return nil, err
		}
		if len(asked.Value) > 0 {
			asked.Values = append(asked.Values, asked.Value)
		}
		one, err := claims.Wanted(name, asked.Essential, asked.Values)
		if err != nil {
			return nil, errClaims.Because(err)
		}
		out = append(out, one)
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

// texts reads values that must be strings; absent ones are left out.
func texts(values ...json.RawMessage) (out []string, err error) {
	for _, raw := range values {
		var s *string
		if len(raw) == 0 {
			continue
		}
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, errClaims.Because(err)
		}
		if s != nil {
			out = append(out, *s)
		}
	}
	return out, nil
}

// person gives what a client is told at a target: what was granted and may still be asked for by the
// client, whatever it could ask for at the sign-in, without what the person withholds (security case 18).
// Of a token that was exchanged, nobody is told more than each client before was.
func person(c *client.Client, a grant.Approval, acc account.Account, t claims.Target, through ...*client.Client) claims.Person {
	every := func(may func(*client.Client) bool) bool {
		return may(c) && !slices.ContainsFunc(through, func(before *client.Client) bool { return !may(before) })
	}
	granted := func(scope string) bool {
		return a.Has(scope) && every(func(c *client.Client) bool { return c.MayAsk(scope) })
	}
	groups := slices.DeleteFunc(slices.Clone(c.Groups), func(g string) bool {
		return !every(func(c *client.Client) bool { return slices.Contains(c.Groups, g) })
	})
	return allowed(c, a.Claims).Told(t, granted, claims.Of(acc, groups)).Without(a.Withheld)
}

// allowed keeps of the single claims those whose scopes the client registered: nobody learns more
// than was agreed when the client was approved.
func allowed(c *client.Client, asked claims.Asked) claims.Asked {
	return asked.Only(func(name string) bool { return c.MayAsk(claims.Scope(name)) })
}
