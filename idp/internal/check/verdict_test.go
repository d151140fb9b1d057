package check

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// What was seen counts before what is told, and a service that refuses everything does not score.
func TestVerdicts(t *testing.T) {
	answered := noon.Add(-time.Second)
	for _, tt := range []struct {
		id   string
		seen *Seen
		want Verdict
	}{
		{"good", nil, Open},
		{"good", &Seen{Answered: answered}, Open},
		{"good", &Seen{Answered: answered, Redeemed: true}, Open},
		{"good", &Seen{Answered: answered, Redeemed: true, Informed: true}, Passed},
		{"good", &Seen{Answered: answered, Redeemed: true, Told: SignedIn}, Passed},
		{"good", &Seen{Answered: answered, Redeemed: true, Informed: true, Told: Refused}, Failed},
		{"good", &Seen{Answered: answered, Told: SignedIn}, Open}, // nobody can be signed in without the code
		{"good", &Seen{Answered: answered.Add(-time.Hour)}, Open},
		{"rotation", &Seen{Answered: answered, Redeemed: true, Told: Refused}, Failed},

		{"state-wrong", &Seen{}, Open},
		{"state-wrong", &Seen{Answered: answered}, Open},
		{"state-wrong", &Seen{Answered: noon.Add(-patience)}, Passed},
		{"state-wrong", &Seen{Answered: answered, Told: Refused}, Passed},
		{"state-wrong", &Seen{Answered: answered, Redeemed: true, Told: Refused}, Failed},
		{"iss-missing", &Seen{Answered: noon.Add(-time.Hour), Redeemed: true}, Failed},
		{"state-wrong", &Seen{Missing: NeedState, Answered: noon.Add(-time.Hour)}, Skipped},
		{"error", &Seen{Answered: noon.Add(-time.Hour)}, Open},
		{"error", &Seen{Answered: answered, Told: SignedIn}, Failed},
		{"code-foreign", &Seen{Answered: noon.Add(-time.Hour), Redeemed: true}, Open},
		{"code-foreign", &Seen{Answered: answered, Redeemed: true, Told: Refused}, Passed},

		{"expired", &Seen{Answered: noon.Add(-time.Hour), Redeemed: true}, Open},
		{"expired", &Seen{Answered: answered, Redeemed: true, Told: Refused}, Passed},
		{"expired", &Seen{Answered: answered, Redeemed: true, Told: SignedIn}, Failed},
		{"expired", &Seen{Answered: answered, Redeemed: true, Informed: true, Told: Refused}, Failed},

		{"userinfo-sub", &Seen{Answered: answered, Redeemed: true}, Open},
		{"userinfo-sub", &Seen{Answered: answered, Redeemed: true, Told: SignedIn}, Skipped}, // it does not ask userinfo
		{"userinfo-sub", &Seen{Answered: answered, Redeemed: true, Informed: true}, Open},
		{"userinfo-sub", &Seen{Answered: answered, Redeemed: true, Informed: true, Told: SignedIn}, Failed},
		{"userinfo-sub", &Seen{Answered: answered, Redeemed: true, Informed: true, Told: Refused}, Passed},

		{"logout-good", &Seen{Status: 200}, Passed},
		{"logout-good", &Seen{Status: 204}, Passed},
		{"logout-good", &Seen{Status: 400}, Failed},
		{"logout-good", &Seen{Unheard: true}, Open},
		{"logout-nonce", &Seen{Status: 400}, Passed},
		{"logout-nonce", &Seen{Status: 200}, Failed},
		{"logout-nonce", &Seen{Status: 302}, Open},
		{"logout-nonce", &Seen{Status: 500}, Open},
		{"logout-nonce", &Seen{Missing: NeedAddress}, Skipped},
	} {
		c, ok := CaseOf(tt.id)
		if !ok {
			t.Fatal(tt.id)
		}
		if got := Judge(c, tt.seen, noon); got != tt.want {
			t.Errorf("%s %+v: %s, want %s", tt.id, tt.seen, got, tt.want)
		}
	}
}

func TestWhatAServiceLacked(t *testing.T) {
	for _, tt := range []struct {
		id   string
		seen *Seen
		want Need
	}{
		{"userinfo-sub", &Seen{Answered: noon, Redeemed: true, Told: SignedIn}, NeedInfo}, {"userinfo-sub", &Seen{Answered: noon, Informed: true, Told: SignedIn}, Nothing},
		{"state-wrong", &Seen{Missing: NeedState}, NeedState}, {"state-wrong", &Seen{Answered: noon}, Nothing}, {"good", nil, Nothing},
	} {
		c, _ := CaseOf(tt.id)
		if got := Lacks(c, tt.seen, noon); got != tt.want {
			t.Errorf("%s: %q", tt.id, got)
		}
	}
}

func TestScores(t *testing.T) {
	r := Run{Seen: map[string]*Seen{}}
	if s := Sum(r, noon); s.Full() || s.Passed != 0 || s.Of == 0 || s.Open != s.Of {
		t.Errorf("nothing played: %+v", s)
	}
	refuses := Run{Seen: map[string]*Seen{}}
	for _, c := range Cases {
		refuses.Seen[c.ID] = &Seen{Answered: noon.Add(-time.Hour), Told: Refused, Status: 400}
		r.Seen[c.ID] = &Seen{Answered: noon.Add(-time.Hour), Told: Refused, Status: 400, Redeemed: c.Part != Authorization, Informed: c.Part == UserInfo}
		if c.Accept() {
			r.Seen[c.ID] = &Seen{Redeemed: true, Told: SignedIn, Status: 200}
		}
	}
	if s := Sum(r, noon); !s.Full() || s.Failed+s.Open+s.Advice != 0 {
		t.Errorf("careful: %+v", s)
	}
	if s := Sum(refuses, noon); s.Full() || s.Failed < 4 {
		t.Errorf("who refuses everything: %+v", s)
	}
	r.Seen["future"].Told = SignedIn
	if s := Sum(r, noon); !s.Full() || s.Advice != 1 {
		t.Errorf("advice counts: %+v", s)
	}
	r.Seen["acr-low"] = &Seen{Missing: NeedACR}
	if s := Sum(r, noon); !s.Full() || s.Skipped != 1 {
		t.Errorf("what cannot be played counts: %+v", s)
	}
	r.Seen["expired"].Told = SignedIn
	if s := Sum(r, noon); s.Full() || s.Failed != 1 {
		t.Errorf("careless: %+v", s)
	}
}
