package notify

import (
	"strconv"
	"time"
)

// The kinds of messages.
const (
	RegisterConfirm     Kind = "register_confirm"
	RegisterKnown       Kind = "register_known"
	RegisterDone        Kind = "register_done"
	RecoverLink         Kind = "recover_link"
	RecoverUnknown      Kind = "recover_unknown"
	RecoverDisabled     Kind = "recover_disabled"
	RecoverDone         Kind = "recover_done"
	PasswordWasSet      Kind = "password_changed"
	DetailsWereSet      Kind = "details_changed"
	DeviceWasDisabled   Kind = "device_disabled"
	DeviceGotPIN        Kind = "device_pin"
	DeviceBioOn         Kind = "device_bio_on"
	DeviceBioOff        Kind = "device_bio_off"
	KeyWasDisabled      Kind = "key_disabled"
	KeyWasIssued        Kind = "key_issued"
	SignInWasLocked     Kind = "signin_locked"
	SignInWasRefused    Kind = "signin_refused"
	SignInWasGuessed    Kind = "signin_guessed"
	FactorWasAdded      Kind = "factor_added"
	FactorWasRemoved    Kind = "factor_removed"
	FactorWasUndone     Kind = "factor_undone"
	RecoveryWasUsed     Kind = "recovery_code_used"
	SignInWasDisowned   Kind = "signin_disowned"
	SignInWasNew        Kind = "signin_new"
	AddressAsked        Kind = "address_link"
	AddressWasTaken     Kind = "address_taken"
	AddressWasChanged   Kind = "address_changed"
	AddressWasLeft      Kind = "address_left"
	AddressWasRestored  Kind = "address_restored"
	LossAsked           Kind = "loss_link"
	LossIsWaiting       Kind = "loss_waits"
	LossIsDue           Kind = "loss_due"
	LossWasStopped      Kind = "loss_stopped"
	LossWasDone         Kind = "loss_done"
	ErasureIsWaiting    Kind = "erasure_waits"
	ErasureWasStopped   Kind = "erasure_stopped"
	AccountWasErased    Kind = "account_erased"
	HelpdeskAsked       Kind = "helpdesk_link"
	ConsentWasStopped   Kind = "consent_stopped"
	ConsentWasWithdrawn Kind = "consent_withdrawn"
	SMSLoss             Kind = "sms_loss"
	SMSChallenge        Kind = "sms_challenge"
	SMSSignIn           Kind = "sms_signin"
	dataName                 = "name"
	dataEmail                = "email"
	dataURL                  = "url"
	dataOther                = "other_url"
	dataCode                 = "code"
	dataUntil                = "until"
	dataAt                   = "at"
	dataWhat                 = "what"
	dataMethod               = "method"
	dataMinutes              = "minutes"
)

// Person is who a message goes to.
type Person struct {
	Name, Email string
	Lang        string // en, fr, de
}

// Link is the secret part of a mail that asks somebody to prove reading the mailbox.
type Link struct {
	URL       string        // absolute, from the configured issuer
	Code      string        // the same proof to type by hand, grouped; "" when there is none
	ExpiresAt time.Time     // printed in local time
	ValidFor  time.Duration // printed in minutes
}

func (l Link) data(p Person) map[string]string {
	return map[string]string{
		dataName: p.Name, dataEmail: p.Email, dataURL: l.URL, dataCode: l.Code,
		dataUntil: stamp(l.ExpiresAt), dataMinutes: strconv.Itoa(int(l.ValidFor.Minutes())),
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (p Person) message(k Kind, data map[string]string) Message {
	data[dataName] = p.Name
	return Message{Kind: k, To: p.Email, Lang: p.Lang, Data: data}
}

// ConfirmRegistration is the guide's mail "You have been registered in EU Login".
func ConfirmRegistration(p Person, l Link) Message { return p.message(RegisterConfirm, l.data(p)) }

// AlreadyRegistered answers a registration with an address that has an account; only the
// owner of the mailbox learns of it.
func AlreadyRegistered(p Person, accountURL, lostURL string) Message {
	return p.message(RegisterKnown, map[string]string{dataEmail: p.Email, dataURL: accountURL, dataOther: lostURL})
}

// Registered confirms that the password was created and the account works.
func Registered(p Person, accountURL string) Message {
	return p.message(RegisterDone, map[string]string{dataEmail: p.Email, dataURL: accountURL})
}

// PasswordLink carries the link to choose a new password.
func PasswordLink(p Person, l Link) Message { return p.message(RecoverLink, l.data(p)) }

// NoAccount answers a request for a new password with an address that has no account, so
// that the same work is done and a person who mistook the address learns it.
func NoAccount(p Person, registerURL string) Message {
	return p.message(RecoverUnknown, map[string]string{dataEmail: p.Email, dataURL: registerURL})
}

// AccountDisabled answers a request for a new password of a disabled account.
func AccountDisabled(p Person) Message {
	return p.message(RecoverDisabled, map[string]string{dataEmail: p.Email})
}

// PasswordRecovered says that a new password was chosen through "Lost your password?".
func PasswordRecovered(p Person, at time.Time, lostURL string) Message {
	return p.message(RecoverDone, map[string]string{dataAt: stamp(at), dataURL: lostURL})
}

// PasswordChanged says that the password was changed in "My account".
func PasswordChanged(p Person, at time.Time, lostURL string) Message {
	return p.message(PasswordWasSet, map[string]string{dataAt: stamp(at), dataURL: lostURL})
}

// DetailsChanged says that details of the account changed.
func DetailsChanged(p Person, at time.Time, accountURL string) Message {
	return p.message(DetailsWereSet, map[string]string{dataAt: stamp(at), dataURL: accountURL})
}

// DeviceDisabled says that wrong PINs disabled a mobile device.
func DeviceDisabled(p Person, device string, at time.Time, accountURL string) Message {
	return p.message(DeviceWasDisabled, map[string]string{dataWhat: device, dataAt: stamp(at), dataURL: accountURL})
}

// DevicePINChanged says that the PIN of a mobile device was changed in the app.
func DevicePINChanged(p Person, device string, at time.Time, accountURL string) Message {
	return p.message(DeviceGotPIN, map[string]string{dataWhat: device, dataAt: stamp(at), dataURL: accountURL})
}

// DeviceBiometricsOn says that biometrics were switched on in the app of a mobile device.
func DeviceBiometricsOn(p Person, device string, at time.Time, accountURL string) Message {
	return p.message(DeviceBioOn, map[string]string{dataWhat: device, dataAt: stamp(at), dataURL: accountURL})
}

// DeviceBiometricsOff says that biometrics were switched off, by a person or by wrong answers.
func DeviceBiometricsOff(p Person, device string, at time.Time, accountURL string) Message {
	return p.message(DeviceBioOff, map[string]string{dataWhat: device, dataAt: stamp(at), dataURL: accountURL})
}

// KeyDisabled says that a key was turned off because its signature counter went back.
func KeyDisabled(p Person, key string, at time.Time, keysURL string) Message {
	return p.message(KeyWasDisabled, map[string]string{dataWhat: key, dataAt: stamp(at), dataURL: keysURL})
}

// KeyIssued says that the helpdesk confirmed a hardware key.
func KeyIssued(p Person, key string, at time.Time, keysURL string) Message {
	return p.message(KeyWasIssued, map[string]string{dataWhat: key, dataAt: stamp(at), dataURL: keysURL})
}

// SignInLocked says that wrong passwords locked signing in until a moment (domain.md row 23).
func SignInLocked(p Person, until time.Time, lostURL string) Message {
	return p.message(SignInWasLocked, map[string]string{dataUntil: stamp(until), dataURL: lostURL})
}

// SignInRefused says that the person refused a sign-in in the phone app: somebody knows
// the password. service is the name of the service that it was for.
func SignInRefused(p Person, service string, at time.Time, lostURL string) Message {
	return p.message(SignInWasRefused, map[string]string{dataWhat: service, dataAt: stamp(at), dataURL: lostURL})
}

// SignedInAnew tells of a sign-in from a browser that was never used for this account; where is
// the browser and its address.
func SignedInAnew(p Person, at time.Time, where, historyURL string) Message {
	return p.message(SignInWasNew, map[string]string{dataAt: stamp(at), dataWhat: where, dataURL: historyURL})
}

// SignInDisowned confirms that the person disowned a sign-in, and that all others ended.
func SignInDisowned(p Person, when time.Time, lostURL string) Message {
	return p.message(SignInWasDisowned, map[string]string{dataAt: stamp(when), dataURL: lostURL})
}

// Challenge is the text message with a challenge code. number is E.164; code is grouped
// by hyphens; validFor is how long it can be typed.
func Challenge(number, lang, code string, validFor time.Duration) Message {
	return Message{Kind: SMSChallenge, To: number, Lang: lang, Data: map[string]string{
		dataCode: code, dataMinutes: strconv.Itoa(int(validFor.Minutes())),
	}}
}
