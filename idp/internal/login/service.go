package login

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

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
	Offered  []policy.Method // of the drop-down; the same for everybody
	Usable   []policy.Method // those of them that the account has; only for who showed the password
	Ways     []Way           // methods that can be added on the way, where one is missing
	Enrolled bool            // the account has a second factor that brings what is missing
	Asks     bool            // the person has to agree to what the service is told
}

// Begin starts a sign-in for one browser. A living session offers its proofs. A fixed
// account (id_token_hint, recover) is named already.
func (s *Service) Begin(ctx context.Context, r Request, browser string, sess *session.Session) (string, error) {
	if !ours(r.ReturnURL) || browser == "" || (r.Kind == KindRecover && r.Account == "") {
		return "", ErrReturn
	}
	f := Flow{ID: ident.NewID(s.Random), Request: r, Browser: browser, Begun: s.Now()}
	who := r.Account
	offers := sess != nil && !f.Silent() && (r.Account == "" || r.Account == sess.Account)
	if offers {
		who = sess.Account
	}
	if who != "" {
		acc, err := s.Accounts.ByID(ctx, who)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return "", err
		}
		if err == nil && acc.Usable() {
			f.name(acc)
			if offers {
				f.Session, f.Carried = sess.ID, sess.Proofs
			}
		}
	}
	if r.Kind == KindRecover && f.Account == "" {
		return "", ErrUnknown // nobody who could prove anything
	}
	return f.ID, kv.PutJSON(ctx, s.KV, flowKey(f.ID), f, TTL)
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
	v, err := s.view(ctx, f)
	if err != nil || v.Step != Refuse || v.Flow.finished() {
		return v, err
	}
	// No step can reach what was asked: the one who asked is told so.
	if f, err = s.change(ctx, id, func(f *Flow) error { f.Refused = RefusedUnmet; return nil }); err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}

// open gives a flow that is not over.
func (s *Service) open(ctx context.Context, id, browser string) (View, error) {
	v, err := s.Look(ctx, id, browser)
	if err == nil && v.Flow.finished() {
		err = ErrPast
	}
	return v, err
}

// view weighs a flow at this moment.
func (s *Service) view(ctx context.Context, f Flow) (View, error) {
	have, err := s.having(ctx, f.Account)
	if err != nil {
		return View{}, err
	}
	facts := f.facts(slices.Concat(slices.Collect(maps.Values(have))...), s.enrollable(), s.Now())
	asks, err := s.asks(ctx, f, facts)
	if err != nil {
		return View{}, err
	}
	facts.Review = facts.Review || asks
	if facts.Barred, err = s.bars(ctx, f, facts); err != nil {
		return View{}, err
	}
	v := View{Flow: f, Step: Next(facts), Asks: asks, Decision: facts.Decision, Enrolled: facts.Enrolled, Offered: s.offered(&f)}
	if v.Step == EnrolFirst {
		v.Ways = s.ways(&f)
	}
	for _, m := range v.Offered {
		if slices.ContainsFunc(have[m], f.accepted().Accepts) {
			v.Usable = append(v.Usable, m)
		}
	}
	return v, nil
}

// Cancel ends a flow by the person's wish.
func (s *Service) Cancel(ctx context.Context, id, browser string) (View, error) {
	if _, err := s.flow(ctx, id, browser); err != nil {
		return View{}, err
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		f.Refused, f.Failed, f.Pending = RefusedByPerson, "", nil
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}

// flow reads a flow for a browser.
func (s *Service) flow(ctx context.Context, id, browser string) (Flow, error) {
	if !ident.IsID(id) {
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
	return f, s.still(ctx, &f)
}

// still drops what does not count any more: proofs from before the account was
// distrusted (its password was replaced since), and those of a session that ended.
func (s *Service) still(ctx context.Context, f *Flow) error {
	if f.Account == "" || f.finished() {
		return nil
	}
	distrusted, err := s.Sessions.DistrustedAt(ctx, f.Account)
	if err != nil {
		return err
	}
	f.Proofs = slices.DeleteFunc(f.Proofs, func(p policy.Proof) bool { return p.At.Before(distrusted) })
	if f.Session == "" {
		return nil
	}
	_, err = s.Sessions.ByID(ctx, f.Session)
	if fault.KindOf(err) == fault.Unauthenticated {
		f.Session, f.Claim, f.Carried = "", "", nil
		return nil
	}
	return err
}

// change alters a flow that is not over, by compare-and-swap. What alter decides on must be
// looked at inside it: between reading and changing another tab may have been there.
func (s *Service) change(ctx context.Context, id string, alter func(*Flow) error) (Flow, error) {
	f, err := kv.Update(ctx, s.KV, flowKey(id), TTL, func(f *Flow) error {
		if f.ID == "" {
			return ErrUnknown
		}
		if f.finished() {
			return ErrPast
		}
		if err := s.still(ctx, f); err != nil {
			return err
		}
		err := alter(f)
		f.Version++
		return err
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

// attempt fills a line of the history with what is known of a flow.
func (s *Service) attempt(f Flow, meta session.Meta, outcome string) Attempt {
	return Attempt{
		ID: ident.NewID(s.Random), At: s.Now().Truncate(time.Microsecond), Account: f.Account, Service: f.Request.ClientName,
		Browser: meta.Browser, Address: meta.Address, Outcome: outcome,
	}
}

// methodsOf names the methods of proofs, for the history.
func methodsOf(proofs []policy.Proof) string {
	var names []string
	for _, p := range proofs {
		names = append(names, string(p.Method))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}
