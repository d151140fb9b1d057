package webauthn

import "eulogin.example/proto/kit/fault"

var (
	// ErrForm says on field "name" what is wrong with a name.
	ErrForm = fault.New(fault.Invalid, "keys.form")
	// ErrTooMany: the account has MaxCredentials.
	ErrTooMany = fault.New(fault.Conflict, "keys.too_many")
	// ErrKnown: this credential is registered already, here or with another account.
	ErrKnown = fault.New(fault.Conflict, "keys.known")
	// ErrOver: the challenge was used, replaced, tried too often, or has expired.
	ErrOver = fault.New(fault.Gone, "keys.challenge_over")
	// ErrNone: the account has no credential that can be used.
	ErrNone = fault.New(fault.Conflict, "keys.none")
	// ErrRefused says on field "code" why the browser's answer does not count. It can be
	// answered again while the challenge lives.
	ErrRefused = fault.New(fault.Invalid, "keys.refused")
	// ErrConfirm: a key can only be confirmed by two other people, and only if it is
	// attested hardware.
	ErrConfirm = fault.New(fault.Denied, "keys.confirm")
)

// Why an answer does not count: keys of the catalogue.
const (
	whyMalformed  = "keys.answer.malformed"  // it is no answer of a browser
	whyWrong      = "keys.answer.wrong"      // origin, rpId, challenge, type, signature, flags
	whyUnknown    = "keys.answer.unknown"    // no such credential (any more), or not this person's
	whyVerify     = "keys.answer.verify"     // the user had to be verified and was not
	whyPossession = "keys.answer.possession" // added without verification: second factor only
	whyDisabled   = "keys.answer.disabled"
	whyCounter    = "keys.answer.counter" // went back: perhaps a copy
)

func refused(why string, cause error) error { return ErrRefused.WithField("code", why).Because(cause) }
