package audit

import (
	"strings"

	"eulogin.example/idp/internal/ident"
)

// KeyDisabled records that a signature counter went back, which turned the key off; whoever
// signed is not known to be the person.
func KeyDisabled(id ident.AccountID, key string) Event {
	return Event{Subject: id, Action: "key.disabled", Detail: map[string]string{"key": key, "cause": "counter went back"}}
}

// KeyIssued records that helpdesk persons confirmed a hardware key; the first stands as actor.
func KeyIssued(id ident.AccountID, key string, by []ident.AccountID) Event {
	var names []string
	for _, p := range by {
		names = append(names, string(p))
	}
	return Event{Actor: by[0], Subject: id, Action: "key.issued", Detail: map[string]string{"key": key, "by": strings.Join(names, " ")}}
}
