package provider

import (
	"net/url"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/fault"
)

// errTarget says that a resource is unknown, not registered for the client, or was not approved.
var errTarget = fault.New(fault.Invalid, "oidc.invalid_target")

// invalidTarget is errTarget as a program hears it (RFC 8707 §2).
func invalidTarget() *oidc.Error {
	return &oidc.Error{ErrorType: "invalid_target", Description: "a resource is unknown, or not among what was approved"}
}

// refusedTarget is what a program hears of errTarget and errDetails; nil: it is another failure, or none.
func refusedTarget(err error) *oidc.Error {
	switch fault.CodeOf(err) {
	case errTarget.Code:
		return invalidTarget()
	case errDetails.Code:
		return invalidDetails()
	}
	return nil
}

// audience is what an access token of an approval is good for. Without a resource that is the
// provider itself, which has userinfo: there is no token without an audience (RFC 9068 §3).
func (s *server) audience(a grant.Approval) []string {
	if len(a.Resources) == 0 {
		return []string{s.Issuer}
	}
	return a.Resources
}

// targets reports whether a client may have tokens for a resource: it is the provider, or it is
// registered for the client and has a resource server.
func (s *server) targets(c *client.Client, resource string) bool {
	return resource == s.Issuer || slices.Contains(c.Resources, resource) && s.Clients.Owner(resource) != ""
}

// aimed reads the resources that a request asks for, each once; errTarget refuses all of them.
func (s *server) aimed(c *client.Client, asked []string) (out []string, err error) {
	for _, resource := range asked {
		if resource == "" { // RFC 6749 §3.1: as if it were not there
			continue
		}
		if !s.targets(c, resource) {
			return nil, errTarget
		}
		if !slices.Contains(out, resource) {
			out = append(out, resource)
		}
	}
	return out, nil
}

// narrowed gives what an access token is made for: of the resources that were approved those that are
// asked for, or all. What the client may not ask for any more is gone, and more than was approved is
// never given (RFC 8707 §2.2; security case 20): errTarget.
func (s *server) narrowed(c *client.Client, a grant.Approval, asked []string) (grant.Approval, error) {
	wanted, err := s.aimed(c, asked)
	if err != nil {
		return a, err
	}
	approved := s.audience(a)
	for _, resource := range wanted {
		if !slices.Contains(approved, resource) {
			return a, errTarget
		}
	}
	if len(wanted) == 0 {
		wanted = slices.DeleteFunc(slices.Clone(approved), func(r string) bool { return !s.targets(c, r) })
	}
	if len(wanted) == 0 {
		return a, errTarget
	}
	a.Resources = wanted
	return a, nil
}

// given is what an access token is made for of what was approved: the resources and the details that the
// token request names, or all of them.
func (s *server) given(c *client.Client, a grant.Approval, form url.Values) (grant.Approval, error) {
	out, err := s.narrowed(c, a, form["resource"])
	if err == nil {
		out.Details, err = s.limited(c, out, form.Get("authorization_details"))
	}
	return out, err
}
