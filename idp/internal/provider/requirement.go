package provider

import (
	"time"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
)

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
