package audit

import "eulogin.example/idp/internal/ident"

// LossAsked records that somebody who knows the password asked for the link with which lost
// verification methods are given up.
func LossAsked(id ident.AccountID) Event { return Event{Subject: id, Action: "loss.asked"} }

// LossStarted records that the link was followed: the wait begins.
func LossStarted(id ident.AccountID) Event { return Event{Subject: id, Action: "loss.started"} }

// LossStopped records that it was stopped; how is "link", "password", "second factor shown" or
// "not confirmed in time".
func LossStopped(id ident.AccountID, how string) Event {
	return Event{Subject: id, Action: "loss.stopped", Detail: map[string]string{"how": how}}
}

// FactorsGivenUp records that every verification method was removed, because all were lost.
func FactorsGivenUp(id ident.AccountID) Event { return own(id, "factor.all_given_up", nil) }
