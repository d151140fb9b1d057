package phone

import "eulogin.example/proto/kit/fault"

// What can go wrong; the codes are part of the app protocol (docs/app-protocol.md).
var (
	ErrForm           = fault.New(fault.Invalid, "phone.form_invalid")
	ErrTooManyDevices = fault.New(fault.Conflict, "phone.too_many_devices")

	// ErrCodeUnknown covers codes that never were, are expired or replaced, or carry a
	// wrong secret: a stranger learns nothing from the difference.
	ErrCodeUnknown = fault.New(fault.Gone, "phone.code_unknown")
	ErrCodeUsed    = fault.New(fault.Conflict, "phone.code_used")
	ErrCodeDead    = fault.New(fault.Gone, "phone.code_dead") // too many wrong PINs

	// ErrPINWrong carries the number of tries that are left as its first argument.
	ErrPINWrong = fault.New(fault.Denied, "phone.pin_wrong")
	// ErrPINWeak: a new PIN has not 4 to 6 digits, is easily guessed, or is the old one.
	ErrPINWeak = fault.New(fault.Invalid, "phone.pin_weak")
	// ErrPINChanged: somebody else changed the PIN meanwhile.
	ErrPINChanged = fault.New(fault.Conflict, "phone.pin_changed")
	// ErrBiometricsWrong: not what the phone's own authenticator had to sign; the first argument,
	// where it is in place of a PIN, says how many tries are left.
	ErrBiometricsWrong = fault.New(fault.Denied, "phone.biometrics_wrong")
	// ErrBiometricsOff: they are switched off, or were just now because of wrong answers.
	ErrBiometricsOff  = fault.New(fault.Conflict, "phone.biometrics_off")
	ErrDeviceDisabled = fault.New(fault.Denied, "phone.device_disabled")
	ErrDeviceUnknown  = fault.New(fault.Gone, "phone.device_unknown")
	// ErrDeviceExists says that a device of this id or this key is there already.
	ErrDeviceExists = fault.New(fault.Conflict, "phone.device_exists")
	ErrNoDevice     = fault.New(fault.Conflict, "phone.no_device")
	ErrKey          = fault.New(fault.Invalid, "phone.key_invalid")

	ErrRequestUnknown = fault.New(fault.NotFound, "phone.request_unknown")
	ErrRequestExpired = fault.New(fault.Gone, "phone.request_expired")
	ErrRequestDecided = fault.New(fault.Conflict, "phone.request_decided")
	ErrRequestDead    = fault.New(fault.Gone, "phone.request_dead") // too many wrong numbers
	// ErrNumberWrong carries the number of tries that are left as its first argument.
	ErrNumberWrong = fault.New(fault.Denied, "phone.number_wrong")
	// ErrCodeWrong: not the code of this question; for typed ones the first argument says how
	// many tries are left.
	ErrCodeWrong = fault.New(fault.Invalid, "phone.code_wrong")
	// ErrOtherBrowser: the app was opened in another browser than the one that signs in.
	ErrOtherBrowser = fault.New(fault.Denied, "phone.other_browser")
	ErrAnswer       = fault.New(fault.Invalid, "phone.answer_invalid")
	ErrStatement    = fault.New(fault.Unauthenticated, "phone.statement_invalid")
)
