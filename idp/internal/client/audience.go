package client

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// Audience is what a client's access tokens may be good for, and what a client is itself the resource
// server of (RFC 8707).
type Audience struct {
	// Resources are the resource indicators that the client may ask tokens for.
	Resources []string `json:"resources,omitempty"`
	// ResourceIDs are its own resource identifiers, as RFC 9728 §1.2 has them: tokens for one of them are
	// tokens for it, and it may introspect them. Each has one owner.
	ResourceIDs []string `json:"resource_identifiers,omitempty"`
	// IntrospectionAlg signs what the client hears of tokens, where it asks for a JWT (RFC 9701 §6).
	IntrospectionAlg string `json:"introspection_signed_response_alg,omitempty"`
	// IntrospectionKeyAlg and IntrospectionEnc encrypt it to the client.
	IntrospectionKeyAlg jose.KeyAlgorithm      `json:"introspection_encrypted_response_alg,omitempty"`
	IntrospectionEnc    jose.ContentEncryption `json:"introspection_encrypted_response_enc,omitempty"`
}

// urnShape is a URN (RFC 8141 §2) without the components that nobody compares.
var urnShape = regexp.MustCompile(`^urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[A-Za-z0-9()+,.:=@;$_!*'/-]+$`)

// resourceLimit is the longest resource indicator, in bytes.
const resourceLimit = 255

// rules want absolute URIs without fragments (RFC 8707 §2): addresses, or URNs. They are only compared,
// nobody calls them.
func (a Audience) rules(c *Client, loopback bool) []rule {
	rules := append(encryptionRules(c, "introspection", a.IntrospectionKeyAlg, a.IntrospectionEnc), []rule{
		{!slices.Contains(Algorithms, a.IntrospectionSigning()), fmt.Sprintf("introspection_signed_response_alg must be one of %v", Algorithms)},
		{(a.IntrospectionAlg != "" || a.IntrospectionKeyAlg != "") && c.AuthMethod == None, "introspection_signed_response_alg, introspection_encrypted_response_alg: a public client introspects nothing"},
	}...)
	for _, m := range []struct {
		name string
		uris []string
	}{{"resources", a.Resources}, {"resource_identifiers", a.ResourceIDs}} {
		for i, uri := range m.uris {
			rules = append(rules,
				rule{len(uri) > resourceLimit || !urnShape.MatchString(uri) && !sound(uri, loopback), fmt.Sprintf("%s: %q must be an absolute https address or a URN, without fragment", m.name, uri)},
				rule{slices.Contains(m.uris[:i], uri), fmt.Sprintf("%s: %q stands twice", m.name, uri)})
		}
	}
	return rules
}

// IntrospectionSigning is the algorithm of the JWTs that tell the client of tokens: what it registered, or
// ES256 where RFC 9701 §6 has RS256 (see IDTokenSigning).
func (a Audience) IntrospectionSigning() jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(cmp.Or(a.IntrospectionAlg, string(jose.ES256)))
}

// IntrospectionEncryption is that of the same JWTs.
func (a Audience) IntrospectionEncryption() Encryption {
	return encryption(a.IntrospectionKeyAlg, a.IntrospectionEnc)
}

// Serves reports whether the client is the resource server of one of these.
func (a Audience) Serves(resources []string) bool {
	return slices.ContainsFunc(resources, func(r string) bool { return slices.Contains(a.ResourceIDs, r) })
}

// only reports whether a client is a resource server and nothing else: it has no grants, and gets no
// tokens itself.
func (c *Client) only() bool {
	return len(c.ResourceIDs) > 0 && len(c.GrantTypes) == 0 && c.Scope == ""
}

// owners says whose each of these names is: which client is the resource server of a resource, or defines a
// type. Where two say so it is nobody's, since one would read what is meant for the other; the error tells.
func owners(clients map[string]standing, names func(*Client) []string) (map[string]string, error) {
	out := map[string]string{}
	var faults []error
	for _, id := range slices.Sorted(maps.Keys(clients)) {
		for _, name := range names(clients[id].client) {
			if _, taken := out[name]; taken {
				faults = append(faults, fmt.Errorf("client %q: %q is another client's already", id, name))
				out[name] = ""
				continue
			}
			out[name] = id
		}
	}
	return out, errors.Join(faults...)
}

func resourcesOf(c *Client) []string { return c.ResourceIDs }
func typesOf(c *Client) []string     { return c.types() }

// Owner gives the id of the client that is the resource server of a resource, "" when there is none that
// may be served.
func (r *Registry) Owner(resource string) string {
	s := r.now()
	if id := s.owners[resource]; s.clients[id].state == Active {
		return id
	}
	return ""
}

// Taken reports whether a client other than this one is the resource server of one of its resources, or
// defines one of its types of authorization details.
func (r *Registry) Taken(c *Client) bool {
	s := r.now()
	others := func(owned map[string]string) func(string) bool {
		return func(name string) bool { owner, taken := owned[name]; return taken && owner != c.ID }
	}
	return slices.ContainsFunc(c.ResourceIDs, others(s.owners)) || slices.ContainsFunc(c.types(), others(s.types))
}
