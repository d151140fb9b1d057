package manage

import (
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/policy"
)

// State says how an account stands if its owner loses something.
type State string

// The states of the check-up.
const (
	Bare    State = "bare"    // no second factor at all
	Fragile State = "fragile" // one lost phone from lock-out
	Safe    State = "safe"
)

// Checkup is what an account's verification methods amount to.
type Checkup struct {
	State     State
	Resistant bool // one of them cannot be phished
	Codes     bool // there are recovery codes
	Factors   int  // second factors that can be used
}

// onPhone are the methods that usually go when the phone goes.
var onPhone = map[policy.Method]bool{policy.AppPIN: true, policy.AppBiometrics: true, policy.AppQR: true, policy.OnMobile: true, policy.OnMobileBio: true, policy.SMS: true, policy.TOTP: true}

// CheckUp weighs the factors of an account. Several methods on one phone are lost together, so
// that only a second device with the app, a key, or recovery codes count as a way back.
func CheckUp(all []factor.Factor) Checkup {
	c := Checkup{State: Bare}
	phones, others := 0, 0
	for _, f := range all {
		switch {
		case !f.Usable:
		case policy.Recovers(f.Method):
			c.Codes = true
		default:
			c.Factors++
			c.Resistant = c.Resistant || policy.Fulfils(f.Method, policy.Strength{Level: policy.Medium, Resistance: policy.PhishingResistant})
			if f.Method == policy.AppPIN {
				phones++
			} else if !onPhone[f.Method] {
				others++
			}
		}
	}
	switch {
	case c.Factors == 0:
	case c.Codes, others >= 2, others >= 1 && c.Factors > others, phones >= 2:
		c.State = Safe
	default:
		c.State = Fragile
	}
	return c
}

// MayAlwaysRequire reports whether "Always require multi-factor authentication" would not lock
// the person out with the first thing that is lost (domain.md row 20).
func (c Checkup) MayAlwaysRequire() bool { return c.Factors >= 2 || c.Factors == 1 && c.Codes }
