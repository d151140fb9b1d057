package audit

import "eulogin.example/idp/internal/ident"

// HelpdeskLooked records that an agent of the helpdesk looked at an account.
func HelpdeskLooked(agent, id ident.AccountID) Event {
	return Event{Actor: agent, Subject: id, Action: "helpdesk.looked"}
}

// HelpdeskSentMail records that an agent had the mail for a new password sent.
func HelpdeskSentMail(agent, id ident.AccountID) Event {
	return Event{Actor: agent, Subject: id, Action: "helpdesk.sent_mail"}
}

// HelpdeskOpened records the first agent's wish. How the agent made sure who it is stands in the
// case, which goes with the account, and not here.
func HelpdeskOpened(agent, id ident.AccountID, kind string) Event {
	return Event{Actor: agent, Subject: id, Action: "helpdesk.opened", Detail: map[string]string{"kind": kind}}
}

// HelpdeskConfirmed records the second agent's yes.
func HelpdeskConfirmed(agent, first, id ident.AccountID, kind string) Event {
	return Event{Actor: agent, Subject: id, Action: "helpdesk.confirmed", Detail: map[string]string{"kind": kind, "opened_by": string(first)}}
}

// HelpdeskEnded records that a case was closed without effect; how is "refused" or "expired".
func HelpdeskEnded(agent, id ident.AccountID, kind, how string) Event {
	return Event{Actor: agent, Subject: id, Action: "helpdesk.ended", Detail: map[string]string{"kind": kind, "how": how}}
}

// HelpdeskAsked records that somebody asked for the link to the helpdesk's form.
func HelpdeskAsked(id ident.AccountID) Event { return Event{Subject: id, Action: "helpdesk.asked"} }

// HelpdeskTicket records a person's question, without its text.
func HelpdeskTicket(id ident.AccountID) Event { return Event{Subject: id, Action: "helpdesk.ticket"} }

// HelpdeskClosed records that an agent closed a question.
func HelpdeskClosed(agent, id ident.AccountID) Event {
	return Event{Actor: agent, Subject: id, Action: "helpdesk.closed"}
}

// AgentAdded and AgentRemoved record what an operator did.
func AgentAdded(id ident.AccountID) Event { return Event{Subject: id, Action: "helpdesk.agent_added"} }

// AgentRemoved records that an account belongs to no agent any more.
func AgentRemoved(id ident.AccountID) Event {
	return Event{Subject: id, Action: "helpdesk.agent_removed"}
}
