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
	voluntary := Requirement{Floor: Basic, Wanted: Medium, MaxAge: -1}
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
	if err != nil || req.Wanted != Medium || req.Floor != Basic {
		t.Errorf("acr_values: %+v %v", req, err)
	}
	req, _ = Require(Asked{EssentialACR: []string{ACRMedium}, ACRValues: []string{ACRBasic}})
	if req.Floor != Medium || req.Wanted != Medium {
		t.Errorf("an edited acr_values must not lower an essential acr: %+v", req)
	}
	req, err = Require(Asked{EssentialACR: []string{"urn:unknown", ACRMedium, ACRBasic}})
	if err != nil || req.Floor != Basic || req.Wanted != Medium {
		t.Errorf("of several essential values the first is wanted and any is enough: %+v %v", req, err)
	}
	if req, _ = Require(Asked{AlwaysMFA: true}); req.Floor != Medium {
		t.Errorf("always MFA: %+v", req)
	}
	if req, _ = Require(Asked{Minimum: Medium, ACRValues: []string{ACRBasic}}); req.Floor != Medium {
		t.Errorf("the service's minimum holds: %+v", req)
	}
}

func TestEveryACRIsReached(t *testing.T) {
	reached := map[string]bool{}
	for _, proofs := range [][]Proof{{pw(0)}, {pw(0), pin(0)}} {
		d := Evaluate(proofs, Anyone(), noon)
		reached[d.ACR] = true
		for _, a := range d.AMR {
			if !slices.Contains(AMRs(), a) {
				t.Errorf("amr %q is not advertised", a)
			}
		}
	}
	for _, acr := range ACRs() {
		if !reached[acr] {
			t.Errorf("%s is advertised and no sign-in reaches it", acr)
		}
	}
}
