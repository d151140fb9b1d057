package policy

import (
	"errors"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func pw(ago time.Duration) Proof  { return Proof{Method: Password, At: noon.Add(-ago)} }
func pin(ago time.Duration) Proof { return Proof{Method: AppPIN, FactorID: "d1", At: noon.Add(-ago)} }

func TestEvaluate(t *testing.T) {
	fresh := AtLeast(Medium, 15*time.Minute)
	tests := []struct {
		name   string
		proofs []Proof
		req    Requirement
		level  Level
		met    bool
		amr    []string
		age    time.Duration
	}{
		{"nothing", nil, Anyone(), None, false, nil, 0},
		{"password", []Proof{pw(time.Hour)}, Anyone(), Basic, true, []string{"pwd"}, time.Hour},
		{"app without password is no sign-in", []Proof{pin(0)}, Anyone(), None, false, nil, 0},
		{"both", []Proof{pw(time.Hour), pin(time.Minute)}, AtLeast(Medium, -1), Medium, true, []string{"mfa", "pin", "pwd", "swk"}, time.Hour},
		{"medium with old password is stale", []Proof{pw(time.Hour), pin(time.Minute)}, fresh, None, false, nil, 0},
		{"medium with old app is only basic", []Proof{pw(time.Minute), pin(time.Hour)}, fresh, Basic, false, []string{"pwd"}, time.Minute},
		{"newest counts", []Proof{pw(time.Hour), pin(time.Hour), pw(2 * time.Minute), pin(time.Minute)}, fresh, Medium, true, []string{"mfa", "pin", "pwd", "swk"}, 2 * time.Minute},
		{"two passwords are one factor", []Proof{pw(0), pw(time.Minute)}, AtLeast(Medium, -1), Basic, false, []string{"pwd"}, 0},
		{"exactly as old as allowed", []Proof{pw(15 * time.Minute), pin(0)}, fresh, Medium, true, []string{"mfa", "pin", "pwd", "swk"}, 15 * time.Minute},
		{"from the future", []Proof{pw(-time.Minute)}, Anyone(), None, false, nil, 0},
		{"unknown method", []Proof{{Method: "magic", At: noon}}, Anyone(), None, false, nil, 0},
		{"zero time", []Proof{{Method: Password}}, Anyone(), None, false, nil, 0},
		{"high is out of reach", []Proof{pw(0), pin(0)}, AtLeast(High, -1), Medium, false, []string{"mfa", "pin", "pwd", "swk"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Evaluate(tt.proofs, tt.req, noon)
			if d.Level != tt.level || d.Met != tt.met || !slices.Equal(d.AMR, tt.amr) || d.ACR != tt.level.ACR() {
				t.Errorf("got %+v", d)
			}
			if tt.level > None && !d.AuthTime.Equal(noon.Add(-tt.age)) {
				t.Errorf("auth_time %v", d.AuthTime)
			}
		})
	}
}

func TestWhatIsMissing(t *testing.T) {
	d := Evaluate([]Proof{pw(time.Minute)}, AtLeast(Medium, -1), noon)
	if d.NeedKnowledge || !d.NeedPossession {
		t.Errorf("a fresh password is not asked again: %+v", d)
	}
	d = Evaluate([]Proof{pw(time.Hour), pin(0)}, AtLeast(Medium, time.Minute), noon)
	if !d.NeedKnowledge || d.NeedPossession {
		t.Errorf("only the stale one is asked again: %+v", d)
	}
	voluntary := Requirement{Floor: Strength{Level: Basic}, Wanted: Strength{Level: Medium}, MaxAge: -1}
	if d = Evaluate([]Proof{pw(0)}, voluntary, noon); !d.Met || d.Full {
		t.Errorf("a voluntary wish is met but not full: %+v", d)
	}
}

func TestPromptLoginWantsProofsMadeForThisRequest(t *testing.T) {
	zero := time.Duration(0)
	for name, a := range map[string]Asked{
		"prompt=login": {PromptLogin: true, At: noon.Add(-time.Minute)},
		"max_age=0":    {MaxAge: &zero, At: noon.Add(-time.Minute)},
	} {
		req, err := Require(a)
		if err != nil {
			t.Fatal(err)
		}
		if Evaluate([]Proof{pw(2 * time.Minute)}, req, noon).Met {
			t.Errorf("%s: an older proof was accepted", name)
		}
		if !Evaluate([]Proof{pw(30 * time.Second)}, req, noon).Met {
			t.Errorf("%s: a proof made since was refused", name)
		}
	}
}

func TestRequire(t *testing.T) {
	if _, err := Require(Asked{EssentialACR: []string{"urn:unknown"}}); !errors.Is(err, ErrUnmet) {
		t.Errorf("an unknown essential acr must be unmet, got %v", err)
	}
	req, err := Require(Asked{ACRValues: []string{"urn:unknown", ACRMedium, ACRBasic}})
	if err != nil || req.Wanted.Level != Medium || req.Floor.Level != Basic {
		t.Errorf("acr_values: %+v %v", req, err)
	}
	req, _ = Require(Asked{EssentialACR: []string{ACRMedium}, ACRValues: []string{ACRBasic}})
	if len(req.AnyOf) != 1 || req.Enough(Strength{Level: Basic}) || req.Wanted.Level != Medium {
		t.Errorf("an edited acr_values must not lower an essential acr: %+v", req)
	}
	req, err = Require(Asked{EssentialACR: []string{"urn:unknown", ACRMedium, ACRBasic}})
	if err != nil || !req.Enough(Strength{Level: Basic}) || req.Wanted.Level != Medium {
		t.Errorf("of several essential values the first is wanted and any is enough: %+v %v", req, err)
	}
	if req, _ = Require(Asked{AlwaysMFA: true}); req.Floor.Level != Medium {
		t.Errorf("always MFA: %+v", req)
	}
	if req, _ = Require(Asked{Minimum: Strength{Level: Medium}, ACRValues: []string{ACRBasic}}); req.Floor.Level != Medium {
		t.Errorf("the service's minimum holds: %+v", req)
	}
}

var every = []Method{Password, AppPIN, AppBiometrics, AppQR, OnMobile, OnMobileBio, AppAlone, AppAloneBio, SMS, TOTP, SecurityKey, Passkey, HardwareKey, IssuedKey, RecoveryCode}

func by(m Method, ago time.Duration) Proof {
	return Proof{Method: m, FactorID: "x", At: noon.Add(-ago)}
}

func TestEveryACRIsReached(t *testing.T) {
	reached := map[string]bool{}
	for _, m := range every {
		for _, asked := range append(ACRs(every), "") {
			d := Evaluate([]Proof{pw(0), by(m, 0)}, Requirement{Floor: Strength{Level: Basic}, MaxAge: -1, Asked: []string{asked}}, noon)
			reached[d.ACR] = true
			for _, a := range d.AMR {
				if !slices.Contains(AMRs(every), a) {
					t.Errorf("amr %q is not advertised", a)
				}
			}
		}
	}
	for _, acr := range ACRs(every) {
		if !reached[acr] {
			t.Errorf("%s is advertised and no sign-in reaches it", acr)
		}
	}
	if got := ACRs([]Method{Password, AppPIN}); !slices.Equal(got, []string{ACRBasic, ACRMedium}) {
		t.Errorf("with the app alone discovery says %v", got)
	}
}

// The whole table: what password and one proof amount to, and what the proof is worth alone.
func TestWhatEachMethodIsWorth(t *testing.T) {
	for m, want := range map[Method]struct {
		with, alone Strength
	}{
		Password: {Strength{Level: Basic}, Strength{Level: Basic}}, AppPIN: {Strength{Level: Medium}, Strength{}},
		AppBiometrics: {Strength{Level: Medium}, Strength{}}, AppQR: {Strength{Level: Medium}, Strength{}},
		OnMobileBio: {Strength{Level: Medium}, Strength{Level: Medium}},
		AppAlone:    {Strength{Level: Medium}, Strength{Level: Medium}},
		AppAloneBio: {Strength{Level: Medium}, Strength{Level: Medium}},
		OnMobile:    {Strength{Level: Medium}, Strength{Level: Medium}}, SMS: {Strength{Level: Medium}, Strength{}}, TOTP: {Strength{Level: Medium}, Strength{}},
		SecurityKey: {Strength{Medium, PhishingResistant}, Strength{}}, Passkey: {Strength{Medium, PhishingResistant}, Strength{Medium, PhishingResistant}},
		HardwareKey: {Strength{Medium, HardwareProtected}, Strength{Medium, HardwareProtected}},
		IssuedKey:   {Strength{High, HardwareProtected}, Strength{High, HardwareProtected}}, RecoveryCode: {Strength{Level: Basic}, Strength{}},
	} {
		if d := Evaluate([]Proof{pw(0), by(m, 0)}, Anyone(), noon); d.Strength != want.with {
			t.Errorf("password and %s: %+v", m, d)
		}
		if d := Evaluate([]Proof{by(m, 0)}, Anyone(), noon); d.Strength != want.alone {
			t.Errorf("%s alone: %+v", m, d)
		}
	}
	if len(methods) != len(every) {
		t.Errorf("%d methods, %d tested", len(methods), len(every))
	}
}

func TestPhishingResistanceIsAskedForByName(t *testing.T) {
	req, err := Require(Asked{EssentialACR: []string{ACRPhishingResistant}})
	if err != nil {
		t.Fatal(err)
	}
	for m, met := range map[Method]bool{AppPIN: false, SMS: false, OnMobile: false, SecurityKey: true, Passkey: true, HardwareKey: true, IssuedKey: true} {
		d := Evaluate([]Proof{pw(0), by(m, 0)}, req, noon)
		if d.Met != met || met && d.ACR != "phr" || !met && !d.NeedPossession {
			t.Errorf("%s: %+v", m, d)
		}
	}
	registered, _ := Require(Asked{Minimum: Strength{Medium, PhishingResistant}, ACRValues: []string{ACRMedium}})
	if d := Evaluate([]Proof{pw(0), by(SecurityKey, 0)}, registered, noon); !d.Met || d.ACR != "phr" {
		t.Errorf("a service registered for phr hears another name, and could not refresh: %+v", d)
	}
	both := []Proof{pw(0), by(AppPIN, 0), by(SecurityKey, time.Minute)}
	if d := Evaluate(both, req, noon); !d.Met {
		t.Errorf("a newer weaker proof hides the stronger one: %+v", d)
	}
	if d := Evaluate([]Proof{pw(0), by(IssuedKey, 0)}, AtLeast(Medium, -1), noon); d.ACR != ACRHigh {
		t.Errorf("not asked for by name: %+v", d)
	}
	if d := Evaluate([]Proof{by(SecurityKey, 0), pw(0)}, AtLeast(Medium, -1), noon); d.ACR != ACRMedium {
		t.Errorf("a level goes by its own name: %+v", d)
	}
	either, _ := Require(Asked{EssentialACR: []string{ACRHigh, ACRPhishingResistant}})
	if d := Evaluate([]Proof{by(Passkey, 0)}, either, noon); !d.Met || d.Full || d.ACR != "phr" {
		t.Errorf("one of two essential values is enough: %+v", d)
	}
}

// A recovery code helps where factors are replaced, and never makes a level for a service.
func TestARecoveryCodeCountsOnlyWhereFactorsAreReplaced(t *testing.T) {
	proofs := []Proof{pw(0), by(RecoveryCode, 0)}
	manage := AtLeast(Medium, 20*time.Minute)
	manage.Recovery = true
	if d := Evaluate(proofs, manage, noon); !d.Met || !d.Full || d.NeedPossession || d.Level != Basic || d.ACR != ACRBasic {
		t.Errorf("managing: %+v", d)
	}
	if d := Evaluate(proofs, AtLeast(Medium, -1), noon); d.Met || d.Level != Basic {
		t.Errorf("a service: %+v", d)
	}
	if d := Evaluate(proofs[1:], manage, noon); d.Met {
		t.Errorf("without the password: %+v", d)
	}
	stale := []Proof{pw(0), by(RecoveryCode, time.Hour)}
	if d := Evaluate(stale, manage, noon); d.Met || !d.NeedPossession {
		t.Errorf("an old code: %+v", d)
	}
	phr := Requirement{Floor: Strength{Medium, PhishingResistant}, MaxAge: -1, Recovery: true}
	if d := Evaluate(proofs, phr, noon); d.Met {
		t.Errorf("a code is not phishing-resistant: %+v", d)
	}
}

// HIGH is for an hour, and everything for twelve.
func TestEachLevelHasItsAge(t *testing.T) {
	for _, tt := range []struct {
		m    Method
		ago  time.Duration
		want Strength
	}{
		{IssuedKey, time.Hour, Strength{High, HardwareProtected}}, {IssuedKey, time.Hour + 1, Strength{Medium, HardwareProtected}},
		{Passkey, 12 * time.Hour, Strength{Medium, PhishingResistant}}, {Passkey, 12*time.Hour + 1, Strength{}},
		{Password, 12 * time.Hour, Strength{Level: Basic}}, {Password, 12*time.Hour + 1, Strength{}},
	} {
		if d := Evaluate([]Proof{by(tt.m, tt.ago)}, Anyone(), noon); d.Strength != tt.want {
			t.Errorf("%s, %v old: %+v", tt.m, tt.ago, d)
		}
	}
	manage := AtLeast(Medium, -1)
	manage.Recovery = true
	if d := Evaluate([]Proof{pw(0), by(RecoveryCode, 20*time.Minute+1)}, manage, noon); d.Met {
		t.Errorf("an old recovery code counts: %+v", d)
	}
}

func TestAccepts(t *testing.T) {
	phr, _ := Require(Asked{EssentialACR: []string{ACRPhishingResistant}})
	manage := AtLeast(Medium, -1)
	manage.Recovery = true
	for _, tt := range []struct {
		req  Requirement
		m    Method
		want bool
	}{
		{Anyone(), Password, true}, {Anyone(), SMS, true}, {Anyone(), RecoveryCode, false}, {AtLeast(Medium, -1), Password, false},
		{AtLeast(Medium, -1), SMS, true}, {phr, SMS, false}, {phr, SecurityKey, true}, {manage, RecoveryCode, true}, {AtLeast(Medium, -1), RecoveryCode, false},
		{AtLeast(High, -1), Passkey, false}, {AtLeast(High, -1), IssuedKey, true}, {Anyone(), "magic", false},
	} {
		if got := tt.req.Accepts(tt.m); got != tt.want {
			t.Errorf("%+v accepts %s: %v", tt.req, tt.m, got)
		}
	}
}
