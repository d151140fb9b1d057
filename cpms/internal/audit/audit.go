package audit

import "time"

// Actors that are no person.
const (
	IDP      = "idp"      // told by an account event
	Clock    = "clock"    // due by time
	Operator = "operator" // who runs this service
	Referee  = "referee"  // whom a request names as sponsor or representative, by a link
)

// Viewed is the action of somebody at the desk who opened a request.
const Viewed = "desk.viewed"

// Exported is the action of somebody at the desk who took a request out in a file.
const Exported = "desk.exported"

// Event is one line of the audit trail.
type Event struct {
	At      time.Time
	Actor   string // id of a person, or one of the constants
	Subject string // id of the person concerned
	Action  string // "request.submitted"
	Object  string // id of the request or grant, or ""
	Detail  map[string]string
}
