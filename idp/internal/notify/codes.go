package notify

import (
	"strconv"
	"time"
)

// RecoveryCodeUsed says that a recovery code was used up; left is how many there still are,
// and codesURL the page where new ones are issued.
func RecoveryCodeUsed(p Person, left int, at time.Time, codesURL string) Message {
	return p.message(RecoveryWasUsed, map[string]string{dataWhat: strconv.Itoa(left), dataAt: stamp(at), dataURL: codesURL})
}

// SignInGuessed says that wrong codes of a verification method were entered until none was
// taken any more: somebody knows the password.
func SignInGuessed(p Person, method string, at time.Time, lostURL string) Message {
	return p.message(SignInWasGuessed, map[string]string{dataMethod: method, dataAt: stamp(at), dataURL: lostURL})
}

// SignInCode is the text message with the code of one sign-in. number is E.164; code is
// grouped by hyphens; service is the name of the service that it is for, which stands in the
// message so that the person sees a sign-in that is not their own.
func SignInCode(number, lang, code, service string, validFor time.Duration) Message {
	return Message{Kind: SMSSignIn, To: number, Lang: lang, Data: map[string]string{
		dataCode: code, dataMinutes: strconv.Itoa(int(validFor.Minutes())), dataWhat: service,
	}}
}
