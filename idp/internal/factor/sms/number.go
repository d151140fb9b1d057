package sms

import (
	"strings"

	"eulogin.example/proto/kit/fault"
)

// ErrNumber says that a text is no mobile phone number in international format.
var ErrNumber = fault.New(fault.Invalid, "sms.number")

// Number is a phone number in E.164: "+", then 7 to 15 digits, the first not zero.
type Number string

// Parse reads a number in international format including the country code, for example
// "+32 123 45 67 89". Blanks, full stops and hyphens between digits are taken out; the
// leading + is required, because without it the country is a guess.
func Parse(typed string) (Number, error) {
	typed = strings.TrimSpace(typed)
	if len(typed) > 64 || !strings.HasPrefix(typed, "+") {
		return "", ErrNumber
	}
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '.', '-', '\u00a0', '\u2009', '\u202f', '\u2010', '\u2011':
			return -1
		}
		return r
	}, typed[1:])
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return "", ErrNumber
	}
	for _, r := range digits {
		if r < '0' || r > '9' {
			return "", ErrNumber
		}
	}
	return Number("+" + digits), nil
}

// Masked gives the number as lists and messages show it: country code and last two
// digits, for example "+32 ••• •• 90".
func (n Number) Masked() string {
	code := countryCode(string(n[1:]))
	return "+" + code + " ••• •• " + string(n[len(n)-2:])
}

// twoDigits are the country codes of two digits (ITU-T E.164, list of assigned codes);
// 1 and 7 have one digit and all others three.
const twoDigits = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

func countryCode(digits string) string {
	switch {
	case digits[0] == '1' || digits[0] == '7':
		return digits[:1]
	case strings.Contains(twoDigits, " "+digits[:2]+" "):
		return digits[:2]
	}
	return digits[:3]
}
