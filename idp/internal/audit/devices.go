package audit

import "eulogin.example/idp/internal/ident"

// DeviceAdded records that a phone was initialised as a mobile device.
func DeviceAdded(id ident.AccountID, device, keyThumbprint string) Event {
	return own(id, "device.added", map[string]string{"device": device, "key": keyThumbprint})
}

// DeviceDisabled records that too many wrong PINs turned a device off; whoever typed them
// is not known to be the person.
func DeviceDisabled(id ident.AccountID, device string) Event {
	return Event{Subject: id, Action: "device.disabled", Detail: map[string]string{"device": device, "cause": "wrong PIN"}}
}

// DevicePINChanged records that the phone's PIN was replaced, against the old one.
func DevicePINChanged(id ident.AccountID, device string) Event {
	return own(id, "device.pin_changed", map[string]string{"device": device})
}

// DeviceBiometricsOn records that the phone's biometrics can stand for its PIN.
func DeviceBiometricsOn(id ident.AccountID, device string) Event {
	return own(id, "device.biometrics_on", map[string]string{"device": device})
}

// DeviceBiometricsOff records that they cannot any more; why is "app" or "wrong answers".
func DeviceBiometricsOff(id ident.AccountID, device, why string) Event {
	return own(id, "device.biometrics_off", map[string]string{"device": device, "cause": why})
}

// DeviceRemoved records that a device was deleted; where is "account page" or "app".
func DeviceRemoved(id ident.AccountID, device, where string) Event {
	return own(id, "device.removed", map[string]string{"device": device, "where": where})
}

// SignInAnswered keeps what a phone signed about a sign-in, and its signature (base64url), so
// that the answer can be shown later (docs/app-protocol.md §5.3).
func SignInAnswered(id ident.AccountID, device, statement, signature string) Event {
	return own(id, "signin.answered", map[string]string{"device": device, "statement": statement, "signature": signature})
}

// SignInReported records that the person answered "this was not me" on the phone: somebody
// else knows the password. service is the name of the service it was for.
func SignInReported(id ident.AccountID, device, service, browser, address string) Event {
	return own(id, "signin.reported", map[string]string{
		"device": device, "service": service, "browser": browser, "address": address,
	})
}
