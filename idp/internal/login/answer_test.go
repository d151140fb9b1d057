package login_test

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// key is a method that is answered on the page, and can begin a sign-in.
type key struct {
	now    func() time.Time
	looked atomic.Int64
	says   login.Proven
	err    error
}

func (*key) Proves() []policy.Method { return []policy.Method{policy.SecurityKey, policy.Passkey} }
func (*key) EnrolPath() string       { return "/account/keys/add" }
func (*key) Direct() bool            { return true }

func (k *key) Enrolled(_ context.Context, id ident.AccountID) ([]policy.Method, error) {
	if id == anna || id == maria {
		return k.Proves(), nil
	}
	return nil, nil
}

func (k *key) Start(context.Context, login.Ask) (login.Pending, error) {
	return login.Pending{Method: policy.SecurityKey, ID: ident.NewID(rand.Reader), ExpiresAt: k.now().Add(5 * time.Minute)}, nil
}

func (k *key) Answer(context.Context, login.Answer) (login.Proven, error) {
	k.looked.Add(1)
	return k.says, k.err
}

func withKey(t *testing.T) (*world, *key) {
	w := newWorld(t)
	k := &key{now: w.now, says: login.Proven{Method: policy.Passkey, FactorID: "key-1", Account: anna}}
	w.Methods[policy.SecurityKey] = k
	return w, k
}

func TestAPasskeyAloneIsAWholeSignIn(t *testing.T) {
	w, _ := withKey(t)
	id := w.asks(t, policy.Medium)
	v, err := w.Direct(t.Context(), id, here, policy.SecurityKey, meta)
	if err != nil || v.Step != login.DirectStep {
		t.Fatalf("%+v %v", v, err)
	}
	if v, err = w.Answer(t.Context(), id, here, "{}", meta); err != nil || v.Step != login.Done || v.Flow.Account != anna {
		t.Fatalf("%+v %v", v, err)
	}
	done, err := w.Finish(t.Context(), id, here, "", meta)
	if err != nil || done.Session.Account != anna {
		t.Fatalf("%+v %v", done, err)
	}
	if o, err := w.Outcome(t.Context(), id, here); err != nil || o.Decision.ACR != policy.ACRMedium || o.Decision.Resistance != policy.PhishingResistant {
		t.Fatalf("%+v %v", o, err)
	}
}

// Security case 4: a touch without verification is one factor, and wants the password.
func TestATouchAloneIsNoSignIn(t *testing.T) {
	w, k := withKey(t)
	k.says.Method = policy.SecurityKey
	id := w.asks(t, policy.Basic)
	if _, err := w.Direct(t.Context(), id, here, policy.SecurityKey, meta); err != nil {
		t.Fatal(err)
	}
	if v, err := w.Answer(t.Context(), id, here, "{}", meta); err != nil || v.Step != login.Password {
		t.Fatalf("%+v %v", v.Step, err)
	}
}

// A direct proof counts only for a living account, and only for the one that the request is for.
func TestADirectProofOfSomebodyElseIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		fixed, proven ident.AccountID
		m             policy.Method
	}{
		"disabled": {"", "n00disabled", policy.Passkey}, "unknown": {"", "n00nobody", policy.Passkey}, "no account": {"", "", policy.Passkey},
		"another than asked for": {anna, bob, policy.Passkey}, "a proof that it never announced": {"", anna, policy.IssuedKey},
	} {
		t.Run(name, func(t *testing.T) {
			w, k := withKey(t)
			k.says = login.Proven{Method: tt.m, Account: tt.proven}
			id := w.begin(t, login.Request{Kind: login.KindAuthorize, ReturnURL: "/x", Requirement: policy.Anyone(), Account: tt.fixed}, nil)
			if _, err := w.Direct(t.Context(), id, here, policy.SecurityKey, meta); err != nil {
				t.Fatal(err)
			}
			v, err := w.Answer(t.Context(), id, here, "{}", meta)
			if err != nil || v.Step == login.Done || len(v.Flow.Proofs) > 0 || v.Flow.Account == tt.proven && tt.proven != tt.fixed && tt.m == policy.Passkey {
				t.Fatalf("%+v %v", v, err)
			}
		})
	}
}

// A second factor that belongs to another account is none.
func TestAFactorOfAnotherAccountIsRefused(t *testing.T) {
	w, k := withKey(t)
	k.says.Account = bob
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.SecurityKey); err != nil {
		t.Fatal(err)
	}
	v, err := w.Answer(t.Context(), id, here, "{}", meta)
	if err != nil || v.Step != login.ChooseMethod || v.Flow.Failed != string(login.Expired) {
		t.Fatalf("%s %+v %v", v.Step, v.Flow, err)
	}
}

// Security case 31: wrong answers count together, before they are looked at, in any number of
// sign-ins; ten, and then a pause.
func TestWrongAnswersOfAnAccountCountTogether(t *testing.T) {
	w, k := withKey(t)
	k.err = login.ErrAnswer.WithField("code", "signin.code.wrong", 4)
	rule := limit.Table[limit.CodeAccount]
	for i := range rule.Max + 3 {
		id := w.asks(t, policy.Medium)
		w.named(t, id, annaMail)
		if err := w.try(t, id, secret, policy.SecurityKey); err != nil {
			t.Fatal(err)
		}
		_, err := w.Answer(t.Context(), id, here, "{}", meta)
		if want := map[bool]fault.Kind{true: fault.Invalid, false: fault.TooMany}[i < rule.Max]; fault.KindOf(err) != want {
			t.Fatalf("answer %d: %v", i, err)
		}
	}
	if n := k.looked.Load(); n != int64(rule.Max) {
		t.Fatalf("%d answers were looked at", n)
	}
	if n := len(w.past.attempts); n != rule.Max || w.past.attempts[0].Outcome != login.WrongCode || w.past.attempts[0].Methods != "security_key" {
		t.Fatalf("%d lines: %+v", n, w.past.attempts)
	}
}

// An outage is not a wrong answer, and leaves the challenge open.
func TestAnAnswerThatCouldNotBeLookedAtCountsForNothing(t *testing.T) {
	w, k := withKey(t)
	k.err = fault.New(fault.Unavailable, "test.down")
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.SecurityKey); err != nil {
		t.Fatal(err)
	}
	for range limit.Table[limit.CodeAccount].Max + 3 {
		if _, err := w.Answer(t.Context(), id, here, "{}", meta); fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
	}
	k.err = nil
	if v, err := w.Answer(t.Context(), id, here, "{}", meta); err != nil || v.Step != login.Done {
		t.Fatalf("%+v %v", v, err)
	}
}

// A challenge that nobody answers in time is over, and the same or another method is chosen.
func TestAnOldChallengeTakesNoAnswer(t *testing.T) {
	w, k := withKey(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.SecurityKey); err != nil {
		t.Fatal(err)
	}
	w.pass(5 * time.Minute)
	if _, err := w.Answer(t.Context(), id, here, "{}", meta); fault.KindOf(err) != fault.Conflict || k.looked.Load() != 0 {
		t.Fatal(err)
	}
	if v, err := w.ChooseMethod(t.Context(), id, here, policy.SecurityKey, meta); err != nil || v.Step != login.Challenge {
		t.Fatalf("%+v %v", v, err)
	}
}

// A method of the list that the account lacks is named, and no challenge is opened.
func TestAMethodThatTheAccountLacksIsNamed(t *testing.T) {
	w, _ := withKey(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, mariaMail) // has a key, no phone
	v, err := w.Password(t.Context(), id, here, login.Try{Password: secret, Method: policy.AppPIN, Meta: meta})
	if err != nil || v.Step != login.ChooseMethod || v.Flow.Failed != login.NotEnrolled || w.phone.started != 0 {
		t.Fatalf("%+v %v", v, err)
	}
	if len(v.Usable) != 1 || v.Usable[0] != policy.SecurityKey {
		t.Fatalf("usable: %v", v.Usable)
	}
}
