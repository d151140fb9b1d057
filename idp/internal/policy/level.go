package policy

import "time"

// Level is the strength of one authentication, as EU Login names it (domain.md §1.1).
// A service that accepts a level accepts every level above it.
type Level int

// The levels. High exists in the scale, and no self-service method reaches it.
const (
	None Level = iota
	Basic
	Medium
	High
)

var levelNames = [...]string{"NONE", "BASIC", "MEDIUM", "HIGH"}

// String gives EU Login's name of the level.
func (l Level) String() string {
	if l < None || l > High {
		return levelNames[None]
	}
	return levelNames[l]
}

// The acr values of the levels. They are ours, shaped like EU Login's …/loa/basic.
const (
	ACRBasic  = "https://eulogin.example/loa/basic"
	ACRMedium = "https://eulogin.example/loa/medium"
)

var acrs = map[Level]string{Basic: ACRBasic, Medium: ACRMedium}

// ACR gives the acr value of a level, "" for one that no sign-in here can reach.
func (l Level) ACR() string { return acrs[l] }

// LevelOf gives the level that an acr value names; unknown values give false and are
// ignored by acr_values, as OpenID Connect Core §3.1.2.1 has it.
func LevelOf(acr string) (Level, bool) {
	for l, v := range acrs {
		if v == acr {
			return l, true
		}
	}
	return None, false
}

// ACRs lists the acr values that a sign-in can reach, weakest first, for discovery.
func ACRs() []string { return []string{ACRBasic, ACRMedium} }

// Method is a way of proving who one is, named once for code, history and catalogue.
type Method string

// The methods that are wired.
const (
	Password Method = "password" // knowledge; EU Login's "Password"
	AppPIN   Method = "app_pin"  // "EU Login Mobile App PIN Code": device key + PIN, number matched

	AppBiometrics Method = "app_bio"       // the same, unlocked by the phone's biometrics
	AppQR         Method = "app_qr"        // "EU Login Mobile App QR Code": the offline phone's one-time code
	OnMobile      Method = "on_mobile"     // "On-Mobile authentication": app and browser on one phone
	SMS           Method = "sms"           // "Mobile phone + SMS"
	TOTP          Method = "totp"          // an authenticator app (RFC 6238)
	SecurityKey   Method = "security_key"  // WebAuthn with user presence
	Passkey       Method = "passkey"       // WebAuthn with user verification: both factors in one act
	HardwareKey   Method = "hardware_key"  // a passkey that attests to stay in hardware
	IssuedKey     Method = "issued_key"    // a hardware key that two helpdesk persons confirmed
	RecoveryCode  Method = "recovery_code" // counts only where factors are replaced (domain.md row 13)
)

// category is the kind of factor, in the sense of NIST SP 800-63B: two proofs of one
// category are still one factor.
type category int

const (
	knowledge category = iota
	possession
)

// row says what one proof by a method is worth.
type row struct {
	method Method
	kind   category
	amr    []string // RFC 8176 names
}

// methods is the one table; docs/acr.md shows it and a test compares the two.
var methods = []row{
	{Password, knowledge, []string{"pwd"}},
	{AppPIN, possession, []string{"swk", "pin"}},
}

// AMRs lists the amr values that can occur, for discovery and docs.
func AMRs() []string { return []string{"pwd", "swk", "pin", "mfa"} }

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
