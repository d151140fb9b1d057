package login

import (
	"context"
	"testing"
	"time"

	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// event is one thing that can happen to a sign-in.
type event struct {
	name string
	do   func(ctx context.Context, w *walker) error
}

var events = []event{
	{"anna", func(ctx context.Context, w *walker) error {
		_, err := w.Identify(ctx, w.n.Flow.ID, walkMe, string(walkAnna)+"@example.org")
		return err
	}},
	{"bob", func(ctx context.Context, w *walker) error {
		_, err := w.Identify(ctx, w.n.Flow.ID, walkMe, string(walkBob)+"@example.org")
		return err
	}},
	{"a stranger", func(ctx context.Context, w *walker) error {
		_, err := w.Identify(ctx, w.n.Flow.ID, walkMe, "nobody@example.org")
		return err
	}},
	{"right password alone", func(ctx context.Context, w *walker) error { return w.types(ctx, "right", policy.Password) }},
	{"right password with app", func(ctx context.Context, w *walker) error { return w.types(ctx, "right", policy.AppPIN) }},
	{"right password with key", func(ctx context.Context, w *walker) error { return w.types(ctx, "right", policy.SecurityKey) }},
	{"wrong password", func(ctx context.Context, w *walker) error { return w.types(ctx, "wrong", policy.AppPIN) }},
	{"without the password", func(ctx context.Context, w *walker) error {
		_, err := w.WithoutPassword(ctx, w.n.Flow.ID, walkMe, true, session.Meta{})
		return err
	}},
	{"without the password, in a strange browser", func(ctx context.Context, w *walker) error {
		if v, err := w.WithoutPassword(ctx, w.n.Flow.ID, walkMe, false, session.Meta{}); err == nil {
			w.t.Fatalf("a strange browser leaves the password out: %+v", v.Flow)
		}
		return nil
	}},
	{"choose app", func(ctx context.Context, w *walker) error {
		_, err := w.ChooseMethod(ctx, w.n.Flow.ID, walkMe, policy.AppPIN, session.Meta{})
		return err
	}},
	{"choose password alone", func(ctx context.Context, w *walker) error {
		_, err := w.ChooseMethod(ctx, w.n.Flow.ID, walkMe, policy.Password, session.Meta{})
		return err
	}},
	{"choose key", func(ctx context.Context, w *walker) error {
		_, err := w.ChooseMethod(ctx, w.n.Flow.ID, walkMe, policy.SecurityKey, session.Meta{})
		return err
	}},
	{"choose recovery code", func(ctx context.Context, w *walker) error {
		_, err := w.ChooseMethod(ctx, w.n.Flow.ID, walkMe, policy.RecoveryCode, session.Meta{})
		return err
	}},
	{"begin with a passkey", func(ctx context.Context, w *walker) error {
		_, err := w.Direct(ctx, w.n.Flow.ID, walkMe, policy.SecurityKey, session.Meta{})
		return err
	}},
	{"rather with the address", func(ctx context.Context, w *walker) error {
		_, err := w.Indirect(ctx, w.n.Flow.ID, walkMe)
		return err
	}},
	{"anna verifies at her key", func(ctx context.Context, w *walker) error { return w.answers(ctx, "passkey of "+string(walkAnna)) }},
	{"anna touches her key", func(ctx context.Context, w *walker) error { return w.answers(ctx, "security_key of "+string(walkAnna)) }},
	{"bob verifies at his key", func(ctx context.Context, w *walker) error { return w.answers(ctx, "passkey of "+string(walkBob)) }},
	{"a recovery code", func(ctx context.Context, w *walker) error { return w.answers(ctx, "code") }},
	{"a wrong code", func(ctx context.Context, w *walker) error { return w.answers(ctx, "wrong") }},
	{"phone approves", func(_ context.Context, w *walker) error {
		if w.n.Phone == Waiting {
			w.n.Phone = Proved
			w.shows(w.n.Owner, map[bool]policy.Method{true: policy.AppAlone, false: policy.AppPIN}[w.n.Flow.Pending != nil && w.n.Flow.Pending.Method == policy.AppAlone])
		}
		return nil
	}},
	{"phone denies", func(_ context.Context, w *walker) error { return w.phoneSays(Denied) }},
	{"phone is silent", func(_ context.Context, w *walker) error { return w.phoneSays(Expired) }},
	{"bob adds a phone", func(_ context.Context, w *walker) error { w.n.BobPhone = true; return nil }},
	{"on the way to a first phone", func(ctx context.Context, w *walker) error {
		_, err := w.Enrol(ctx, w.n.Flow.ID, walkMe, "", session.Meta{})
		return err
	}},
	{"agree", func(ctx context.Context, w *walker) error {
		v, err := w.Reviewed(ctx, w.n.Flow.ID, walkMe, nil)
		if err == nil {
			w.n.Agreed = v.Flow.Account
			if v.Flow.Agreed != nil && !v.Flow.Agreed.At.Equal(w.now) {
				w.t.Fatalf("agreed at %s, and it is %s", v.Flow.Agreed.At, w.now)
			}
		}
		return err
	}},
	{"cancel", func(ctx context.Context, w *walker) error {
		_, err := w.Cancel(ctx, w.n.Flow.ID, walkMe)
		return err
	}},
	{"ten minutes", func(_ context.Context, w *walker) error { w.now = w.now.Add(10 * time.Minute); return nil }},
	{"the session ends", func(_ context.Context, w *walker) error { w.n.Ended = true; return nil }},
}

func (w *walker) phoneSays(s State) error {
	if w.n.Phone == Waiting {
		w.n.Phone = s
	}
	return nil
}

func (w *walker) answers(ctx context.Context, text string) error {
	who := string(w.n.Flow.Account)
	_, err := w.Answer(ctx, w.n.Flow.ID, walkMe, text, session.Meta{})
	_ = w.Limits.Reset(ctx, limit.CodeAccount, who)
	_ = w.Limits.Reset(ctx, limit.CodeAddress, limit.Network(""))
	return err
}

func (w *walker) types(ctx context.Context, plain string, m policy.Method) error {
	who := w.n.Flow.Account
	_, err := w.Password(ctx, w.n.Flow.ID, walkMe, Try{Password: plain, Method: m})
	if err == nil {
		if plain != "right" {
			w.t.Fatal("a wrong password went through")
		}
		w.shows(who, policy.Password)
	}
	_ = w.Limits.Reset(ctx, limit.PasswordAccount, string(who)+"@example.org")
	_ = w.Limits.Reset(ctx, limit.PasswordAccount, "nobody@example.org")
	_ = w.Limits.Reset(ctx, limit.PasswordAddress, "")
	return err
}

// met is a state with one of the shortest ways that lead to it.
type met struct {
	n     node
	trail []string
}

// walk goes on from all states of one length to those of the next, so that each state is
// gone on from once, at its earliest.
func (w *walker) walk(ctx context.Context, start node) {
	level := []met{{start, nil}}
	w.seen[start.key()] = true
	depth := walkDepth
	if raced {
		depth = 4
	}
	for range depth {
		var next []met
		for _, m := range level {
			for _, e := range events {
				w.enter(ctx, m.n)
				trail := append(append([]string{}, m.trail...), e.name)
				if err := e.do(ctx, w); err != nil && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Invalid {
					w.t.Fatalf("%v: %v", trail, err)
				}
				w.holds(ctx, trail)
				if k := w.n.key(); !w.seen[k] && !w.n.Flow.finished() {
					w.seen[k] = true
					next = append(next, met{w.n, trail})
				}
			}
		}
		level = next
	}
}

func TestEveryOrderOfEvents(t *testing.T) {
	medium := policy.AtLeast(policy.Medium, 15*time.Minute)
	resistant := medium
	resistant.Floor.Resistance, resistant.Wanted.Resistance = policy.PhishingResistant, policy.PhishingResistant
	managing := medium
	managing.Recovery = true
	for name, b := range map[string]struct {
		r        Request
		signedIn bool
		reaches  []Step
	}{
		"basic":              {Request{Kind: KindAuthorize, Requirement: policy.Anyone()}, false, []Step{Identify, Password, EnrolFirst, Challenge, ChooseMethod, Review, Done, Refuse}},
		"consent":            {Request{Kind: KindAuthorize, Requirement: policy.Anyone(), Release: &consent.Release{Always: true}}, true, []Step{Review, Done, Refuse}},
		"for members":        {Request{Kind: KindAuthorize, Requirement: policy.Anyone(), Groups: []string{"staff"}}, true, []Step{Password, Barred, Review, Done, Refuse}},
		"medium":             {Request{Kind: KindAuthorize, Requirement: medium}, false, []Step{Identify, Password, EnrolFirst, Challenge, ChooseMethod, Done, Refuse}},
		"voluntary":          {Request{Kind: KindAuthorize, Requirement: policy.Requirement{Floor: policy.Strength{Level: policy.Basic}, Wanted: policy.Strength{Level: policy.Medium}, MaxAge: -1}}, true, []Step{Password, Challenge, ChooseMethod, Done}},
		"step-up":            {Request{Kind: KindAccount, Requirement: medium}, true, []Step{Password, EnrolFirst, Challenge, ChooseMethod, Done}},
		"out of reach":       {Request{Kind: KindAuthorize, Requirement: policy.AtLeast(policy.High, -1)}, false, []Step{Identify, Password, Refuse}},
		"lost password":      {Request{Kind: KindRecover, Account: walkAnna}, false, []Step{ChooseMethod, Challenge, Done, Refuse}},
		"lost factor":        {Request{Kind: KindLost}, false, []Step{Identify, Password, Done, Refuse}},
		"guarded, managing":  {Request{Kind: KindAccount, Account: walkCarla, Requirement: managing}, false, []Step{Password, LostFactor, Refuse}},
		"guarded, basic":     {Request{Kind: KindAuthorize, Account: walkCarla, Requirement: policy.Anyone()}, false, []Step{Password, LostFactor, Done, Refuse}},
		"phishing-resistant": {Request{Kind: KindAuthorize, Requirement: resistant}, false, []Step{Identify, DirectStep, Password, EnrolFirst, Challenge, ChooseMethod, Done}},
		"managing":           {Request{Kind: KindAccount, Requirement: managing}, true, []Step{DirectStep, Password, Challenge, ChooseMethod, Done}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWalker(t)
			t.Parallel()
			start := w.begin(t.Context(), b.r, b.signedIn)
			w.walk(t.Context(), start)
			for _, s := range b.reaches {
				if w.steps[s] == 0 {
					t.Errorf("no way led to %s", s)
				}
			}
			t.Logf("%d states, %v", len(w.seen), w.steps)
		})
	}
}
