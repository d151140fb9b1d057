package provider

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/policy"
)

// parts make up what we say of ourselves (Discovery §3, RFC 8414 §2): exactly what is wired, from the
// same tables that the code uses. Each part stands beside the code that it tells of.
var parts = []func(*server) map[string]any{
	endpointsOf,
	(*server).requestMetadata,
	(*server).clientAuthMetadata,
	(*server).mtlsMetadata,
	(*server).tokenMetadata,
	(*server).logoutMetadata,
	(*server).proofMetadata,
	(*server).pushMetadata, (*server).backchannelMetadata,
	(*server).userinfoMetadata, (*server).introspectionMetadata,
	(*server).detailsMetadata,
}

// encode makes the document.
func (s *server) encode() document {
	doc := map[string]any{"issuer": s.Issuer}
	for _, part := range parts {
		maps.Copy(doc, part(s))
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		panic(err) // the document is made of strings
	}
	return newDocument(raw)
}

// endpointsOf names the endpoints of the table of routes.
func endpointsOf(s *server) map[string]any {
	out := map[string]any{}
	for path, rt := range routes {
		if rt.member != "" {
			out[rt.member] = s.Issuer + path
		}
	}
	return out
}

// requestMetadata tells how an authorization request may look.
func (s *server) requestMetadata() map[string]any {
	return map[string]any{
		"scopes_supported": client.Scopes, "response_types_supported": []string{"code"}, "response_modes_supported": responseModes,
		"grant_types_supported": client.GrantTypes, "acr_values_supported": policy.ACRs(s.Login.Provable()), "prompt_values_supported": prompts,
		"code_challenge_methods_supported": []string{"S256"}, "claims_parameter_supported": true, "authorization_response_iss_parameter_supported": true,
		"ui_locales_supported": oidc.ParseLocales(s.Site.Languages),
	}
}

// described is the document as long as these types of authorization details are offered: they alone come and
// go with what is registered.
type described struct {
	document
	types []string
}

// metadata is what stands at both addresses of the metadata.
func (s *server) metadata() document {
	types := s.Clients.DetailTypes()
	d := s.discovery.Load()
	if d == nil || !slices.Equal(d.types, types) {
		d = &described{s.describe(), types}
		s.discovery.Store(d)
	}
	return d.document
}

// keySet is the published key set.
func (s *server) keySet() document {
	raw, tag := s.Ring.JWKS()
	return document{raw, tag}
}

// names gives a list of names as strings.
func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
