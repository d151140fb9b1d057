package login

import (
	"testing"
	"time"

	"eulogin.example/idp/internal/policy"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func weighed(level policy.Level, floor, wanted policy.Level) policy.Decision {
	var proofs []policy.Proof
	if level >= policy.Basic {
		proofs = append(proofs, policy.Proof{Method: policy.Password, At: noon})
	}
	if level >= policy.Medium {
		proofs = append(proofs, policy.Proof{Method: policy.AppPIN, FactorID: "d", At: noon})
	}
	return policy.Evaluate(proofs, policy.Requirement{Floor: policy.Strength{Level: floor}, Wanted: policy.Strength{Level: wanted}, MaxAge: -1}, noon)
}

func TestNext(t *testing.T) {
	const none, basic, medium, high = policy.None, policy.Basic, policy.Medium, policy.High
	for _, tt := range []struct {
		name string
		f    Facts
		want Step
	}{
		{"nothing yet", Facts{Decision: weighed(none, basic, basic)}, Identify},
		{"cancelled", Facts{Refused: true, Named: true, Decision: weighed(medium, basic, basic)}, Refuse},
		{"named", Facts{Named: true, Decision: weighed(none, basic, basic)}, Password},
		{"named, phone enrolled", Facts{Named: true, Enrolled: true, Decision: weighed(none, medium, medium)}, Password},
		{"password is enough", Facts{Named: true, Decision: weighed(basic, basic, basic)}, Done},
		{"a wish that nobody can fulfil", Facts{Named: true, Decision: weighed(basic, basic, medium)}, Done},
		{"a wish that the person can fulfil", Facts{Named: true, Enrolled: true, Decision: weighed(basic, basic, medium)}, ChooseMethod},
		{"a factor is needed and there is none", Facts{Named: true, Enrollable: true, Decision: weighed(basic, medium, medium)}, EnrolFirst},
		{"chosen and not there", Facts{Named: true, Enrollable: true, Chosen: true, Decision: weighed(basic, basic, medium)}, EnrolFirst},
		{"a factor is needed and it is lost", Facts{Named: true, Enrollable: true, Lost: true, Decision: weighed(basic, medium, medium)}, LostFactor},
		{"chosen and lost", Facts{Named: true, Enrollable: true, Lost: true, Chosen: true, Decision: weighed(basic, basic, medium)}, LostFactor},
		{"a wish that a lost factor cannot fulfil", Facts{Named: true, Enrollable: true, Lost: true, Decision: weighed(basic, basic, medium)}, Done},
		{"recover, everything is lost", Facts{Named: true, Recover: true, Lost: true, Decision: weighed(none, medium, medium)}, LostFactor},
		{"a factor is needed", Facts{Named: true, Enrolled: true, Decision: weighed(basic, medium, medium)}, ChooseMethod},
		{"waiting", Facts{Named: true, Enrolled: true, Chosen: true, Pending: true, Decision: weighed(basic, medium, medium)}, Challenge},
		{"both shown", Facts{Named: true, Enrolled: true, Chosen: true, Decision: weighed(medium, medium, medium)}, Done},
		{"both shown, an old challenge is open", Facts{Named: true, Enrolled: true, Chosen: true, Pending: true, Decision: weighed(medium, medium, medium)}, Done},
		{"high is out of reach", Facts{Named: true, Chosen: true, Decision: weighed(medium, high, high)}, Refuse},
		{"a stronger factor is there", Facts{Named: true, Enrolled: true, Chosen: true, Decision: weighed(medium, high, high)}, ChooseMethod},
		{"a factor is needed and nobody can add one", Facts{Named: true, Decision: weighed(basic, medium, medium)}, Refuse},
		{"a passkey is asked for before anybody is named", Facts{Direct: true, Decision: weighed(none, basic, basic)}, DirectStep},
		{"a recovery is never direct", Facts{Direct: true, Named: true, Recover: true, Enrolled: true, Decision: weighed(none, medium, medium)}, ChooseMethod},
		{"recover", Facts{Named: true, Enrolled: true, Recover: true, Decision: weighed(none, medium, medium)}, ChooseMethod},
		{"recover, waiting", Facts{Named: true, Enrolled: true, Recover: true, Chosen: true, Pending: true, Decision: weighed(none, medium, medium)}, Challenge},
		{"recover, shown", Facts{Named: true, Enrolled: true, Recover: true, Chosen: true, Decision: onlyPhone()}, Done},
		{"recover, the phone is gone", Facts{Named: true, Recover: true, Decision: weighed(none, medium, medium)}, Refuse},
	} {
		if got := Next(tt.f); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func onlyPhone() policy.Decision {
	return policy.Evaluate([]policy.Proof{{Method: policy.AppPIN, FactorID: "d", At: noon}}, policy.AtLeast(policy.Medium, -1), noon)
}

// Whatever the facts are, there is one step, and Done only when enough was shown.
func TestNextIsTotal(t *testing.T) {
	for bits := range 1 << 11 {
		b := func(i int) bool { return bits>>i&1 == 1 }
		for _, d := range decisions() {
			f := Facts{Refused: b(0), Named: b(1), Recover: b(2), Chosen: b(3), Enrolled: b(4), Pending: b(5), Enrollable: b(6), Direct: b(7), Lost: b(8), Barred: b(9), Review: b(10), Decision: d}
			step := Next(f)
			if place(step) == len(ladder) {
				t.Fatalf("%+v: %q is no step", f, step)
			}
			if step == Done && !f.Recover && !d.Met || step == Done && f.Recover && d.NeedPossession || step == Done && f.Refused {
				t.Fatalf("done with %+v", f)
			}
			if (step == Barred || step == Review) && !f.reached() || f.Barred && (step == Review || step == Done) {
				t.Fatalf("%s with %+v", step, f)
			}
			if step == Password && f.Recover || step == EnrolFirst && f.Recover {
				t.Fatalf("%s while recovering", step)
			}
		}
	}
}

func decisions() []policy.Decision {
	out := []policy.Decision{onlyPhone()}
	for _, have := range []policy.Level{policy.None, policy.Basic, policy.Medium} {
		for floor := policy.None; floor <= policy.High; floor++ {
			for wanted := floor; wanted <= policy.High; wanted++ {
				out = append(out, weighed(have, floor, wanted))
			}
		}
	}
	return out
}

// Going back to a step forgets it and all that came after it.
func TestUndo(t *testing.T) {
	full := func() *Flow {
		return &Flow{
			Email: "a@example.org", Account: "n00a", AlwaysMFA: true, Session: "s", Claim: "s", Named: 1, Method: policy.AppPIN, Failed: "expired",
			Carried: []policy.Proof{{Method: policy.Password, At: noon}}, Pending: &Pending{ID: "p"},
			Proofs: []policy.Proof{{Method: policy.Password, At: noon}, {Method: policy.AppPIN, At: noon}},
		}
	}
	f := full()
	f.undo(Identify)
	if f.Email != "" || f.Account != "" || f.AlwaysMFA || f.Session != "" || f.Claim != "" || len(f.All()) > 0 || f.Method != "" || f.Pending != nil || f.Failed != "" || f.Named != 2 {
		t.Errorf("identify: %+v", f)
	}
	f = full()
	f.undo(Password)
	if len(f.Proofs) > 0 || f.Pending != nil || f.Method != "" || f.Email == "" || len(f.Carried) != 1 {
		t.Errorf("password: %+v", f)
	}
	f = full()
	f.undo(Challenge)
	if len(f.Proofs) != 1 || f.Proofs[0].Method != policy.Password || f.Pending != nil || f.Method != "" {
		t.Errorf("challenge: %+v", f)
	}
}

func TestOurs(t *testing.T) {
	for path, want := range map[string]bool{
		"/account": true, "/authorize/callback?x=1": true, "/a?to=https://evil.example": true,
		"": false, "account": false, "//evil.example/x": false, `/\evil.example`: false, "https://evil.example": false,
		"/a\r\nSet-Cookie: x": false, "javascript:alert(1)": false, "/\t/evil.example": false, "http:/x": false, "/%zz": false,
	} {
		if got := ours(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

func FuzzOurs(f *testing.F) {
	for _, s := range []string{"/a", "//b", `/\c`, "/%2f/d", "javascript:x", "/a?b#c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if !ours(path) {
			return
		}
		to := (&Flow{ID: "id", Request: Request{Kind: KindAuthorize, ReturnURL: path}}).Return()
		if to == "" || to[0] != '/' || len(to) > 1 && (to[1] == '/' || to[1] == '\\') {
			t.Fatalf("%q leads to %q", path, to)
		}
	})
}
