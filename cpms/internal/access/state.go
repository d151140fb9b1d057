package access

// State is where a request stands (domain.md §2.3).
type State string

// The states of a request.
const (
	Draft     State = "draft"
	Submitted State = "submitted"
	MoreInfo  State = "more_info" // the coordinator asked; the person answers
	Approved  State = "approved"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Lapsed    State = "expired" // nobody brought it to an end in time
)

// Open reports whether the request still awaits a decision.
func (s State) Open() bool { return s == Submitted || s == MoreInfo }

// Who does something to a request.
type Who string

// The two sides, time, and who vouches.
const (
	Requester   Who = "requester"
	Coordinator Who = "coordinator"
	Clock       Who = "clock"
	Referee     Who = "referee" // the sponsor or hospital representative that a request names
)

// Command is what somebody does to a request.
type Command string

// The commands.
const (
	Save     Command = "save"
	Submit   Command = "submit"
	Answer   Command = "answer"
	Withdraw Command = "withdraw"
	Approve  Command = "approve"
	AskMore  Command = "ask"
	Reject   Command = "reject"
	Lapse    Command = "expire"
	Vouch    Command = "vouch"
	Decline  Command = "decline" // to vouch
)

// Rule is one line of the table.
type Rule struct {
	From State
	By   Who
	Do   Command
	To   State
}

// Table is every transition there is; what is not in it is refused. docs/request-lifecycle.md
// shows it, and a test compares the two.
var Table = []Rule{
	{Draft, Requester, Save, Draft},
	{Draft, Requester, Submit, Submitted},
	{Draft, Requester, Withdraw, Withdrawn},
	{Submitted, Requester, Withdraw, Withdrawn},
	{Submitted, Coordinator, Approve, Approved},
	{Submitted, Coordinator, AskMore, MoreInfo},
	{Submitted, Coordinator, Reject, Rejected},
	{MoreInfo, Requester, Answer, Submitted},
	{MoreInfo, Requester, Withdraw, Withdrawn},
	{MoreInfo, Coordinator, Approve, Approved},
	{MoreInfo, Coordinator, Reject, Rejected},
	{Submitted, Referee, Vouch, Submitted},
	{Submitted, Referee, Decline, Submitted},
	{MoreInfo, Referee, Vouch, MoreInfo},
	{MoreInfo, Referee, Decline, MoreInfo},
	{Submitted, Clock, Lapse, Lapsed},
	{MoreInfo, Clock, Lapse, Lapsed},
}

// Next gives the state that a command leads to; false when it is not allowed.
func Next(from State, by Who, do Command) (State, bool) {
	for _, r := range Table {
		if r.From == from && r.By == by && r.Do == do {
			return r.To, true
		}
	}
	return from, false
}
