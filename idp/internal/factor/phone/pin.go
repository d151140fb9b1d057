package phone

import (
	"strings"

	"eulogin.example/proto/kit/fault"
)

// A PIN has four to six digits (domain.md row 7; NIST SP 800-63B-4 activation secrets).
const (
	PINMin = 4
	PINMax = 6
)

// common are PINs that are guessed first and follow no rule below.
var common = []string{
	"1004", "2000", "2001", "2580", "0852", "1998", "1999", "5683", "1379", "7531", "1357", "2468", "1236", "1478", "3690",
	"112233", "123321", "159753", "789456", "147258", "142536", "102030", "741852", "963852",
}

// pinFault says what is wrong with a typed PIN as a catalogue key, "" when it is good.
func pinFault(pin string) string {
	if len(pin) < PINMin || len(pin) > PINMax || strings.Trim(pin, "0123456789") != "" {
		return "devices.pin.shape"
	}
	if guessable(pin) {
		return "devices.pin.common"
	}
	return ""
}

// guessable finds repeats (1111, 1212, 123123), runs (1234, 9876, 7890) and the list above.
func guessable(pin string) bool {
	for size := 1; size <= len(pin)/2; size++ {
		if len(pin)%size == 0 && strings.Repeat(pin[:size], len(pin)/size) == pin {
			return true
		}
	}
	for _, c := range common {
		if c == pin {
			return true
		}
	}
	return strings.Contains("01234567890", pin) || strings.Contains("09876543210", pin)
}

// checkPINs judges the PIN and its repetition and adds what is wrong to form.
func checkPINs(form *fault.Error, pin, again string) *fault.Error {
	if key := pinFault(pin); key != "" {
		return form.WithField("pin", key, PINMin, PINMax)
	}
	if pin != again {
		return form.WithField("pin_again", "devices.pin.differs")
	}
	return form
}
