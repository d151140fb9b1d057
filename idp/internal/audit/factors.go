package audit

import (
	"strconv"

	"eulogin.example/idp/internal/ident"
)

// FactorAdded records that a verification method was added; method and factor say which.
func FactorAdded(id ident.AccountID, method, factor string) Event {
	return own(id, "factor.added", map[string]string{"method": method, "factor": factor})
}

// FactorRemoved records that a verification method was removed.
func FactorRemoved(id ident.AccountID, method, factor string) Event {
	return own(id, "factor.removed", map[string]string{"method": method, "factor": factor})
}

// FactorChangeUndone records that a change was undone by the link mailed to the person; who
// holds the mailbox, not who is signed in, did it.
func FactorChangeUndone(id ident.AccountID, method, factor, action string) Event {
	return Event{Subject: id, Action: "factor.undone", Detail: map[string]string{"method": method, "factor": factor, "was": action}}
}

// FactorRenamed records that the person gave a verification method another name.
func FactorRenamed(id ident.AccountID, method, factor string) Event {
	return own(id, "factor.renamed", map[string]string{"method": method, "factor": factor})
}

// RecoveryCodeUsed records that a recovery code was used up; left is how many there still are.
func RecoveryCodeUsed(id ident.AccountID, set string, left int) Event {
	return own(id, "recovery_code.used", map[string]string{"set": set, "left": strconv.Itoa(left)})
}
