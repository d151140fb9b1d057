package audit

import (
	"strings"

	"eulogin.example/idp/internal/ident"
)

// AccountCreated records that a person finished registering; how is "link" or "code",
// the way the e-mail address was confirmed.
func AccountCreated(id ident.AccountID, how, privacyVersion string) Event {
	return own(id, "account.created", map[string]string{"confirmed_by": how, "privacy_version": privacyVersion})
}

// AccountDisabled, AccountEnabled and AccountErased record what an operator did; services are
// told of the first and the last.
func AccountDisabled(id ident.AccountID) Event { return Event{Subject: id, Action: "account.disabled"} }

// AccountEnabled records that a closed account was opened again.
func AccountEnabled(id ident.AccountID) Event { return Event{Subject: id, Action: "account.enabled"} }

// GroupsChanged records which groups an operator put a person into, or took the person out of.
func GroupsChanged(id ident.AccountID, joined, left []string) Event {
	return Event{Subject: id, Action: "account.groups_changed", Detail: map[string]string{"joined": strings.Join(joined, " "), "left": strings.Join(left, " ")}}
}

// AccountErased records that everything personal was removed.
func AccountErased(id ident.AccountID) Event { return Event{Subject: id, Action: "account.erased"} }

// DetailsChanged records which details changed, by field name and without their values.
func DetailsChanged(id ident.AccountID, fields ...string) Event {
	return own(id, "account.details_changed", map[string]string{"fields": strings.Join(fields, " ")})
}

// EmailChangeAsked records that the person wants another e-mail address.
func EmailChangeAsked(id ident.AccountID) Event { return own(id, "account.email_asked", nil) }

// EmailChanged records that another e-mail address was confirmed; services are told it.
func EmailChanged(id ident.AccountID) Event { return own(id, "account.email_changed", nil) }

// EmailChangeUndone records that the former address took a change back; its owner did it, who
// need not be signed in.
func EmailChangeUndone(id ident.AccountID) Event {
	return Event{Subject: id, Action: "account.email_undone"}
}

// NameChanged records that the person goes by another name; services are told it.
func NameChanged(id ident.AccountID) Event { return own(id, "account.name_changed", nil) }

// PasswordChanged records that the person changed the password knowing the old one.
func PasswordChanged(id ident.AccountID) Event { return own(id, "password.changed", nil) }

// PasswordRecovered records that a forgotten password was replaced; withFactor says that
// a second factor was shown before.
func PasswordRecovered(id ident.AccountID, withFactor bool) Event {
	with := "mail"
	if withFactor {
		with = "mail and second factor"
	}
	return own(id, "password.recovered", map[string]string{"proved_by": with})
}

// RecoveryAsked records that somebody, perhaps not the person, asked for a new password.
func RecoveryAsked(id ident.AccountID) Event {
	return Event{Subject: id, Action: "recovery.asked"}
}
