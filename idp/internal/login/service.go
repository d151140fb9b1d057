package login

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// View is a flow with what comes next.
type View struct {
	Flow     Flow
	Step     Step
	Decision policy.Decision
	Enrolled bool
}

// Begin starts a sign-in for one browser. A living session offers its proofs. A fixed
// account (id_token_hint, recover) is named already.
func (s *Service) Begin(ctx context.Context, r Request, browser string, sess *session.Session) (string, error) {
	f := Flow{ID: ident.NewID(s.Random), Request: r, Browser: browser, Begun: s.Now()}
	switch {
	case sess != nil && r.Kind != KindRecover && (r.Account == "" || r.Account == sess.Account):
		acc, err := s.Accounts.ByID(ctx, sess.Account)
		if err != nil {
			return "", err
		}
		if acc.Usable() {
			f.name(acc)
			f.Session, f.Carried = sess.ID, sess.Proofs
		}
	case r.Account != "":
		acc, err := s.Accounts.ByID(ctx, r.Account)
		if err != nil {
			return "", err
		}
		if acc.Usable() {
			f.name(acc)
		}
	}
	return f.ID, kv.PutJSON(ctx, s.KV, flowKey(f.ID), f, TTL)
}

// name says who signs in. A person who always wants two factors raises the requirement.
func (f *Flow) name(acc account.Account) {
	f.Email, f.Account = acc.Email, acc.ID
	if acc.AlwaysMFA {
		f.Request.Requirement = f.Request.Requirement.Strengthen(policy.Medium)
	}
}

// Look gives a flow and its next step. It collects the answer of an open challenge.
func (s *Service) Look(ctx context.Context, id, browser string) (View, error) {
	f, err := s.flow(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	if f.Pending != nil && !f.finished() {
		if f, err = s.collect(ctx, f); err != nil {
			return View{}, err
		}
	}
	return s.view(ctx, f)
}

func (s *Service) view(ctx context.Context, f Flow) (View, error) {
	enrolled := false
	if f.Account != "" {
		var err error
		if enrolled, err = s.enrolled(ctx, f.Account); err != nil {
			return View{}, err
		}
	}
	facts := f.facts(enrolled, s.Now())
	return View{Flow: f, Step: Next(facts), Decision: facts.Decision, Enrolled: enrolled}, nil
}

func (s *Service) enrolled(ctx context.Context, id ident.AccountID) (bool, error) {
	for _, m := range s.Methods {
		if ok, err := m.Enrolled(ctx, id); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// collect takes over how an open challenge ended. The compare-and-swap makes one proof of
// one approval, however many tabs look at once.
func (s *Service) collect(ctx context.Context, f Flow) (Flow, error) {
	state, factor, err := s.Methods[f.Pending.Method].Poll(ctx, f.Pending.ID)
	if err != nil || state == Waiting {
		return f, err
	}
	asked := f.Pending.ID
	counted := false
	f, err = s.change(ctx, f.ID, func(f *Flow) error {
		counted = false
		if f.Pending == nil || f.Pending.ID != asked || f.finished() {
			return nil
		}
		counted = true
		switch state {
		case Proved:
			f.Proofs = append(f.Proofs, policy.Proof{Method: f.Pending.Method, FactorID: factor, At: s.Now()})
			f.Failed = ""
		case Denied:
			f.Refused, f.Failed = RefusedByPerson, string(Denied)
		case Expired:
			f.Failed = string(Expired)
		}
		f.Pending = nil
		return nil
	})
	if err == nil && counted && state == Denied {
		err = s.note(ctx, f, "denied_on_phone")
	}
	return f, err
}

// Outcome is how a sign-in ended.
type Outcome struct {
	Request  Request
	Refused  string // OIDC error code, or ""
	Session  session.Session
	Account  ident.AccountID
	Decision policy.Decision
	Proofs   []policy.Proof // those of this flow
}

// Outcome gives the end of a flow, once, to the browser that went through it. The policy is
// held against the proofs again at this moment.
func (s *Service) Outcome(ctx context.Context, id, browser string) (Outcome, error) {
	f, err := s.flow(ctx, id, browser)
	if err != nil {
		return Outcome{}, err
	}
	if !f.finished() {
		return Outcome{}, ErrUnfinished
	}
	if f, err = kv.TakeJSON[Flow](ctx, s.KV, flowKey(id)); err != nil {
		return Outcome{}, unknown(err)
	}
	o := Outcome{Request: f.Request, Refused: f.Refused, Account: f.Account, Proofs: f.Proofs}
	if o.Refused != "" {
		return o, nil
	}
	o.Decision = policy.Evaluate(f.All(), f.Request.Requirement, s.Now())
	if f.Request.Kind == KindRecover {
		if !f.shown(policy.AppPIN, s.Now()) {
			o.Refused = RefusedUnmet
		}
		return o, nil
	}
	if o.Session, err = s.Sessions.ByID(ctx, f.SID); err != nil {
		return Outcome{}, err
	}
	if !o.Decision.Met || (f.Request.Account != "" && f.Request.Account != f.Account) {
		o.Refused = RefusedUnmet
	}
	return o, nil
}

// Cancel ends a flow by the person's wish.
func (s *Service) Cancel(ctx context.Context, id, browser string) (View, error) {
	if _, err := s.flow(ctx, id, browser); err != nil {
		return View{}, err
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.finished() {
			return ErrPast
		}
		f.Refused, f.Failed, f.Pending = RefusedByPerson, "", nil
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}

// Return gives where the browser goes when a flow is over.
func (f *Flow) Return() string {
	if f.Request.Kind == KindAccount {
		if f.Refused != "" {
			return "/"
		}
		return f.Request.ReturnURL
	}
	u, err := url.Parse(f.Request.ReturnURL)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Set("id", f.ID)
	u.RawQuery = q.Encode()
	return u.String()
}

// flow reads a flow for a browser.
func (s *Service) flow(ctx context.Context, id, browser string) (Flow, error) {
	if len(id) != 26 || strings.Trim(id, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
		return Flow{}, ErrUnknown
	}
	f, err := kv.GetJSON[Flow](ctx, s.KV, flowKey(id))
	if err != nil {
		return Flow{}, unknown(err)
	}
	if browser == "" || !ident.Same(f.Browser, browser) {
		return Flow{}, ErrOtherBrowser
	}
	if s.Now().Sub(f.Begun) > TTL {
		return Flow{}, ErrUnknown
	}
	if err := s.still(ctx, &f); err != nil {
		return Flow{}, err
	}
	return f, nil
}

// still drops the proofs of a session that ended meanwhile.
func (s *Service) still(ctx context.Context, f *Flow) error {
	if f.Session == "" || f.SID != "" {
		return nil
	}
	_, err := s.Sessions.ByID(ctx, f.Session)
	if fault.KindOf(err) == fault.Unauthenticated {
		f.Session, f.Carried = "", nil
		return nil
	}
	return err
}

func (s *Service) change(ctx context.Context, id string, alter func(*Flow) error) (Flow, error) {
	f, err := kv.Update(ctx, s.KV, flowKey(id), TTL, func(f *Flow) error {
		if f.ID == "" {
			return ErrUnknown
		}
		if err := s.still(ctx, f); err != nil {
			return err
		}
		return alter(f)
	})
	return f, err
}

func unknown(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return ErrUnknown
	}
	return err
}

func flowKey(id string) string { return "flow:" + id }

// methodsOf names the methods of proofs, for the history.
func methodsOf(proofs []policy.Proof) string {
	var names []string
	for _, p := range proofs {
		names = append(names, string(p.Method))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}
