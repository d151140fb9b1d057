package audit

import (
	"strings"

	"eulogin.example/idp/internal/ident"
)

// ConsentGiven: somebody agreed, by a page or because operators did, to tell a service these claims, and
// left others out.
func ConsentGiven(id ident.AccountID, client, page string, agreed, declined []string) Event {
	return own(id, "consent.given", map[string]string{"client": client, "page": page, "claims": strings.Join(agreed, " "), "declined": strings.Join(declined, " ")})
}

// ConsentStopped: the person wants a service to be told one claim no more.
func ConsentStopped(id ident.AccountID, client, claim string) Event {
	return own(id, "consent.stopped", map[string]string{"client": client, "claim": claim})
}

// ConsentWithdrawn: the person took everything back from a service.
func ConsentWithdrawn(id ident.AccountID, client string) Event {
	return own(id, "consent.withdrawn", map[string]string{"client": client})
}
