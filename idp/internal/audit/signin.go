package audit

import (
	"time"

	"eulogin.example/idp/internal/ident"
)

// SignedIn: somebody signed in, to a service or to My account.
func SignedIn(id ident.AccountID, service, methods, level string) Event {
	return own(id, "session.started", map[string]string{"service": service, "methods": methods, "level": level})
}

// SignInLocked: too many wrong passwords; sign-in by password is paused.
func SignInLocked(id ident.AccountID, until time.Time) Event {
	return own(id, "signin.locked", map[string]string{"until": until.UTC().Format(time.RFC3339)})
}

// SignInDisowned: the person said of a line of the history that it was somebody else.
func SignInDisowned(id ident.AccountID, line, outcome string) Event {
	return own(id, "signin.disowned", map[string]string{"line": line, "outcome": outcome})
}

// SignInGuessed: wrong codes were entered until none was taken any more, by somebody who knows
// the password and may not be the person.
func SignInGuessed(id ident.AccountID, method, browser, address string) Event {
	return Event{Subject: id, Action: "signin.guessed", Detail: map[string]string{"method": method, "browser": browser, "address": address}}
}

// SessionEnded: a session was ended by its owner or by a change that ends sessions.
func SessionEnded(id ident.AccountID, sid, why string) Event {
	return own(id, "session.ended", map[string]string{"sid": sid, "why": why})
}

// ServiceLeft: a session was signed out of one service by its owner.
func ServiceLeft(id ident.AccountID, sid, client string) Event {
	return own(id, "session.service_left", map[string]string{"sid": sid, "client": client})
}
