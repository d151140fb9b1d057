package policy

import "slices"

// Level is the strength of one authentication, as EU Login names it (domain.md §1.1).
// A service that accepts a level accepts every level above it.
type Level int

// The levels. High is out of reach of self-service: it takes a hardware key that two
// helpdesk persons confirmed.
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

// ACR gives the acr value of a level, "" for None.
func (l Level) ACR() string {
	for _, a := range acrs {
		if a.strength == (Strength{Level: l}) {
			return a.value
		}
	}
	return ""
}

// Resistance says how well an authentication withstands phishing (OpenID Connect Extended
// Authentication Profile ACR Values 1.0).
type Resistance int

// The resistances; each covers those before it.
const (
	Phishable         Resistance = iota
	PhishingResistant            // "phr": the proof is bound to our own address
	HardwareProtected            // "phrh": and its key stays in attested hardware
)

// Strength is what an authentication amounts to, on two scales that are never mixed into one.
type Strength struct {
	Level      Level      `json:"level,omitempty"`
	Resistance Resistance `json:"resistance,omitempty"`
}

// Covers reports whether s is at least o on both scales.
func (s Strength) Covers(o Strength) bool { return s.Level >= o.Level && s.Resistance >= o.Resistance }

// Join gives the least strength that covers both.
func (s Strength) Join(o Strength) Strength {
	return Strength{max(s.Level, o.Level), max(s.Resistance, o.Resistance)}
}

// The acr values. The levels' are ours, shaped like EU Login's …/loa/basic; the other two
// are those of OpenID Connect EAP ACR Values 1.0, and mean two factors here.
const (
	ACRBasic             = "https://eulogin.example/loa/basic"
	ACRMedium            = "https://eulogin.example/loa/medium"
	ACRHigh              = "https://eulogin.example/loa/high"
	ACRPhishingResistant = "phr"
	ACRHardware          = "phrh"
)

// acrs is the one table of acr values, weakest first; docs/acr.md shows it.
var acrs = []struct {
	value    string
	strength Strength
}{
	{ACRBasic, Strength{Basic, Phishable}},
	{ACRMedium, Strength{Medium, Phishable}},
	{ACRPhishingResistant, Strength{Medium, PhishingResistant}},
	{ACRHardware, Strength{Medium, HardwareProtected}},
	{ACRHigh, Strength{High, Phishable}},
}

// StrengthOf gives the strength that an acr value names; unknown values give false and are
// ignored by acr_values, as OpenID Connect Core §3.1.2.1 has it.
func StrengthOf(acr string) (Strength, bool) {
	for _, a := range acrs {
		if a.value == acr {
			return a.strength, true
		}
	}
	return Strength{}, false
}

// names gives the acr values of exactly this strength.
func names(s Strength) (out []string) {
	for _, a := range acrs {
		if a.strength == s {
			out = append(out, a.value)
		}
	}
	return out
}

// ACRs lists the acr values that a sign-in can reach with these methods, for discovery.
func ACRs(methods []Method) []string {
	var out []string
	for _, a := range acrs {
		reached := a.strength.Level <= Basic
		for _, m := range methods {
			reached = reached || Fulfils(m, a.strength)
		}
		if reached {
			out = append(out, a.value)
		}
	}
	return out
}

// named gives the acr value of what was reached. A level goes by its own name; phishing
// resistance is named to a service that asked for it by name.
func named(reached Strength, asked []string) string {
	i := slices.IndexFunc(asked, func(v string) bool {
		s, ok := StrengthOf(v)
		return ok && reached.Covers(s)
	})
	if i >= 0 {
		if s, _ := StrengthOf(asked[i]); s.Resistance > Phishable {
			return asked[i]
		}
	}
	return reached.Level.ACR()
}
