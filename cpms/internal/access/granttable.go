package access

// The commands that concern a grant.
const (
	Revoke   Command = "revoke"
	GiveBack Command = "give_back"
	Extend   Command = "extend"
)

// GrantRule is one line of the grant's table.
type GrantRule struct {
	From GrantStatus
	By   Who
	Do   Command
	To   GrantStatus
}

// GrantTable is everything that somebody can do to a grant; what is not in it is refused. To
// extend is to ask: the coordinator's approval of that request makes a grant that goes on.
// docs/request-lifecycle.md shows it, and a test compares the two.
var GrantTable = []GrantRule{
	{Active, Coordinator, Revoke, Revoked},
	{Extended, Coordinator, Revoke, Revoked},
	{Expiring, Coordinator, Revoke, Revoked},
	{Suspended, Coordinator, Revoke, Revoked},
	{Active, Requester, GiveBack, Revoked},
	{Extended, Requester, GiveBack, Revoked},
	{Expiring, Requester, GiveBack, Revoked},
	{Suspended, Requester, GiveBack, Revoked},
	{Expiring, Requester, Extend, Extended},
	{Active, Clock, Lapse, Expired},
	{Extended, Clock, Lapse, Expired},
	{Expiring, Clock, Lapse, Expired},
	{Suspended, Clock, Lapse, Expired},
}

// NextGrant gives what a command makes of a grant; false when it is not allowed.
func NextGrant(from GrantStatus, by Who, do Command) (GrantStatus, bool) {
	for _, r := range GrantTable {
		if r.From == from && r.By == by && r.Do == do {
			return r.To, true
		}
	}
	return from, false
}
