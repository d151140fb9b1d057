// Package audit names what is written down for ever: who did what to whom, and how strongly
// they were signed in. It is not logging; rows are only ever added.
package audit

import "time"

// Event is one line of the audit trail.
type Event struct {
	At      time.Time
	Actor   string // id of a person, or "idp", "clock"
	Subject string // id of the person concerned
	Action  string // "request.submitted"
	Object  string // id of the request or grant, or ""
	Detail  map[string]string
}
