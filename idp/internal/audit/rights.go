package audit

import "eulogin.example/idp/internal/ident"

// CopyTaken records that the person took a copy of everything that is stored about them.
func CopyTaken(id ident.AccountID) Event { return own(id, "rights.copy_taken", nil) }

// ErasureAsked records that the person wants the account erased; number is that of the receipt.
func ErasureAsked(id ident.AccountID, number string) Event {
	return own(id, "erasure.asked", map[string]string{"number": number})
}

// ErasureStopped records that the account stays; how is "link" or "account".
func ErasureStopped(id ident.AccountID, number, how string) Event {
	return Event{Subject: id, Action: "erasure.stopped", Detail: map[string]string{"number": number, "how": how}}
}
