package registration

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	josejson "github.com/go-jose/go-jose/v4/json"

	"eulogin.example/idp/internal/client"
	"eulogin.example/proto/kit/fault"
)

// ErrStatement says that metadata come with a software statement (RFC 7591 §2.3). Nobody is known here
// whose statements would count.
var ErrStatement = fault.New(fault.Invalid, "client.software_statement")

// members are metadata by their names.
type members map[string]json.RawMessage

// readMembers reads an object. The decoder compares names exactly and refuses doubled ones: two readers
// must see the same.
func readMembers(raw []byte) (members, error) {
	var m members
	if err := josejson.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, ErrInvalid.Because(wrong("", "metadata are one JSON object (application/json)"))
	}
	return m, nil
}

// wrong is one fault.
func wrong(member, text string) *client.Faults {
	return &client.Faults{List: []client.Fault{{Member: member, Text: text}}}
}

// translate makes strict metadata of what a client says of itself (RFC 7591 §2): members that it may not
// register, or that nobody knows, are ignored, null is as absent, and what is absent has the usual value.
// kept are the metadata that the client has already: what only operators decide stays as it is. It is pure.
func translate(said, kept members, id string, p Policy) ([]byte, error) {
	if _, has := said["software_statement"]; has {
		return nil, ErrStatement
	}
	m := members{}
	for name, value := range kept {
		if !slices.Contains(client.SelfRegistered, name) {
			m[name] = value
		}
	}
	for name, value := range said {
		if slices.Contains(client.SelfRegistered, name) && slices.Contains(client.Members, name) && string(value) != "null" {
			m[name] = value
		}
	}
	set(m, "client_id", id)
	if kept["consent"] == nil {
		set(m, "consent", client.ByPerson) // no operator vouches for it
	}
	if err := m.defaults(id, p); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

// set gives a member a value.
func set(m members, name string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings and lists of strings
	}
	m[name] = raw
}

// defaults fills in what is absent: as RFC 7591 §2 and OpenID Connect Registration §2 have it, the name and the
// scope as this service wants them.
func (m members) defaults(id string, p Policy) error {
	if m["token_endpoint_auth_method"] == nil {
		return ErrInvalid.Because(wrong("token_endpoint_auth_method", "token_endpoint_auth_method is missing: what it would mean then, client_secret_basic, is not offered here"))
	}
	var grants, redirects []string
	if m["grant_types"] == nil {
		set(m, "grant_types", []string{"authorization_code"})
	}
	if json.Unmarshal(m["grant_types"], &grants) != nil || slices.ContainsFunc(grants, func(g string) bool { return !slices.Contains(client.SelfGrants, g) }) {
		return ErrInvalid.Because(wrong("grant_types", "grant_types: a client registers only "+strings.Join(client.SelfGrants, " and ")+" by itself"))
	}
	if m["response_types"] == nil {
		set(m, "response_types", []string{"code"})
	}
	if m["scope"] == nil {
		set(m, "scope", strings.Join(p.scopes(slices.Contains(grants, "refresh_token")), " "))
	}
	if m["id_token_signed_response_alg"] == nil {
		set(m, "id_token_signed_response_alg", "RS256")
	}
	if m["token_endpoint_auth_signing_alg"] == nil && one(m["token_endpoint_auth_method"]) == client.PrivateKeyJWT {
		set(m, "token_endpoint_auth_signing_alg", usualAlg(m["jwks"]))
	}
	if m["client_name"] == nil {
		name := id
		if json.Unmarshal(m["redirect_uris"], &redirects) == nil && len(redirects) > 0 && hostOf(redirects[0]) != "" {
			name = hostOf(redirects[0])
		}
		set(m, "client_name", name)
	}
	return nil
}

// usualAlg is what a client signs by that does not say: what its first key is for, or else RS256, which
// is what most software takes by itself.
func usualAlg(jwks json.RawMessage) string {
	var set struct {
		Keys []struct{ Alg, Kty, Use string }
	}
	_ = json.Unmarshal(jwks, &set) // what is no key set is refused later
	for _, k := range set.Keys {
		switch {
		case k.Use == "enc":
		case k.Alg != "":
			return k.Alg
		case k.Kty == "EC":
			return "ES256"
		case k.Kty == "OKP":
			return "EdDSA"
		}
	}
	return "RS256"
}

// scopes are those that a client gets that names none.
func (p Policy) scopes(refreshes bool) (out []string) {
	for _, scope := range p.Scopes {
		if scope != "offline_access" || refreshes {
			out = append(out, scope)
		}
	}
	return out
}

// admit holds a client against the policy of the token that it registers with.
func (p Policy) admit(c *client.Client) error {
	for _, scope := range strings.Fields(c.Scope) {
		if !slices.Contains(p.Scopes, scope) {
			return wrong("scope", fmt.Sprintf("scope: the initial access token does not reach %q", scope))
		}
	}
	if len(p.Hosts) == 0 {
		return nil
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	m, err := readMembers(raw)
	if err != nil {
		return err
	}
	for name, value := range m {
		if !strings.HasSuffix(name, "_uri") && !strings.HasSuffix(name, "_uris") {
			continue
		}
		for _, address := range texts(value) {
			if !slices.Contains(p.Hosts, hostOf(address)) {
				return wrong(name, name+": the initial access token is not for the host "+hostOf(address))
			}
		}
	}
	return nil
}

// texts reads a text, or a list of them.
func texts(raw json.RawMessage) (out []string) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	_ = json.Unmarshal(raw, &out) // anything else holds no address
	return out
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
