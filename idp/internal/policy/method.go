package policy

import (
	"slices"
	"time"
)

// Method is a way of proving who one is, named once for code, history and catalogue.
type Method string

// The methods.
const (
	Password      Method = "password"      // knowledge; EU Login's "Password"
	AppPIN        Method = "app_pin"       // "EU Login Mobile App PIN Code": device key + PIN, number matched
	AppBiometrics Method = "app_bio"       // the same, unlocked by the phone's biometrics
	AppQR         Method = "app_qr"        // "EU Login Mobile App QR Code": the offline phone's one-time code
	OnMobile      Method = "on_mobile"     // "On-Mobile authentication": app and browser on one phone
	OnMobileBio   Method = "on_mobile_bio" // the same, unlocked by the phone's biometrics
	AppAlone      Method = "app_alone"     // the app in the place of the password, in a browser that the person uses
	AppAloneBio   Method = "app_alone_bio" // the same, unlocked by the phone's biometrics
	SMS           Method = "sms"           // "Mobile phone + SMS"
	TOTP          Method = "totp"          // an authenticator app (RFC 6238)
	SecurityKey   Method = "security_key"  // WebAuthn with user presence
	Passkey       Method = "passkey"       // WebAuthn with user verification: both factors in one act
	HardwareKey   Method = "hardware_key"  // a passkey that attests to stay in hardware
	IssuedKey     Method = "issued_key"    // a hardware key that two helpdesk persons confirmed
	RecoveryCode  Method = "recovery_code" // counts only where factors are replaced (domain.md row 13)
)

// Menu is the order in which "Choose your verification method" shows what can be chosen. The
// kinds of security keys are one choice; what such a key proves shows when it is used.
var Menu = []Method{Password, AppPIN, AppQR, OnMobile, SecurityKey, TOTP, SMS, RecoveryCode}

// category is the kind of factor, in the sense of NIST SP 800-63B: two proofs of one
// category are still one factor.
type category int

const (
	knowledge category = iota
	possession
	both     // a possession that was unlocked by knowledge or biometrics, in one act
	recovery // stands for a lost possession, and only where factors are replaced
)

var categoryNames = [...]string{"knowledge", "possession", "both", "recovery"}

// row says what one proof by a method is worth.
type row struct {
	method   Method
	kind     category
	strength Strength // that it reaches together with knowledge
	amr      []string // RFC 8176 names; "pop" of OpenID EAP
}

// methods is the one table; docs/acr.md shows it and a test compares the two.
var methods = []row{
	{Password, knowledge, Strength{Basic, Phishable}, []string{"pwd"}},
	{AppPIN, possession, Strength{Medium, Phishable}, []string{"swk", "pin"}},
	{AppBiometrics, possession, Strength{Medium, Phishable}, []string{"swk", "user"}},
	{AppQR, possession, Strength{Medium, Phishable}, []string{"otp", "swk", "pin"}},
	{OnMobile, both, Strength{Medium, Phishable}, []string{"swk", "pin"}},
	{OnMobileBio, both, Strength{Medium, Phishable}, []string{"swk", "user"}},
	{AppAlone, both, Strength{Medium, Phishable}, []string{"swk", "pin"}},
	{AppAloneBio, both, Strength{Medium, Phishable}, []string{"swk", "user"}},
	{SMS, possession, Strength{Medium, Phishable}, []string{"otp", "sms"}},
	{TOTP, possession, Strength{Medium, Phishable}, []string{"otp"}},
	{SecurityKey, possession, Strength{Medium, PhishingResistant}, []string{"pop", "user"}},
	{Passkey, both, Strength{Medium, PhishingResistant}, []string{"pop", "user"}},
	{HardwareKey, both, Strength{Medium, HardwareProtected}, []string{"pop", "hwk", "user"}},
	{IssuedKey, both, Strength{High, HardwareProtected}, []string{"pop", "hwk", "user"}},
	{RecoveryCode, recovery, Strength{}, []string{"otp"}},
}

// maxAges says how old a proof may be for a level, whatever a service asks (domain.md row 25).
// A recovery code is for what is done at once.
var maxAges = map[Level]time.Duration{Basic: 12 * time.Hour, Medium: 12 * time.Hour, High: time.Hour, None: 20 * time.Minute}

// AMRs lists the amr values that can occur with these methods, for discovery and docs.
func AMRs(can []Method) []string {
	out := []string{"mfa", "pwd"}
	for _, r := range methods {
		if slices.Contains(can, r.method) && r.kind != recovery {
			out = append(out, r.amr...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Fulfils reports whether a proof by this method, with knowledge where it brings none
// itself, reaches a strength.
func Fulfils(m Method, want Strength) bool {
	r, ok := lookup(m)
	return ok && r.strength.Covers(want)
}

// Reaches gives the level that a proof by this method reaches, with knowledge where it brings
// none itself.
func Reaches(m Method) Level {
	r, _ := lookup(m)
	return r.strength.Level
}

// Alone reports whether one act by this method is a whole sign-in with two factors.
func Alone(m Method) bool {
	r, ok := lookup(m)
	return ok && r.kind == both
}

// Recovers reports whether the method counts only where factors are replaced.
func Recovers(m Method) bool {
	r, ok := lookup(m)
	return ok && r.kind == recovery
}

func lookup(m Method) (row, bool) {
	for _, r := range methods {
		if r.method == m {
			return r, true
		}
	}
	return row{}, false
}

// Proof is one thing that a person showed, and when. Conclusions are never stored.
type Proof struct {
	Method   Method    `json:"m"`
	FactorID string    `json:"f,omitempty"` // which device; "" for the password
	At       time.Time `json:"t"`
}
