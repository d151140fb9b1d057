package audit

import (
	"time"

	"eulogin.example/idp/internal/ident"
)

// Event is one line of the record.
type Event struct {
	ID      string          // set by the store when empty
	At      time.Time       // set by the store when zero
	Actor   ident.AccountID // who did it; "" for the system or an unknown visitor
	Subject ident.AccountID // whose account it concerns
	Action  string          // "area.what_happened"
	Detail  map[string]string
}

// own makes an event in which a person acts on the own account.
func own(id ident.AccountID, action string, detail map[string]string) Event {
	return Event{Actor: id, Subject: id, Action: action, Detail: detail}
}
