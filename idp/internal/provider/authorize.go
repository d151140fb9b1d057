package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// authorize answers an authorization request: with a code when the living session already
// satisfies it, with an error, or with the sign-in. An unknown client or address is a page:
// nothing is ever redirected to an address that is not registered (security case 13).
func (s *server) authorize(w http.ResponseWriter, r *http.Request) error {
	c, form, pushed, err := s.request(r)
	var no *refusal
	if err != nil && !errors.As(err, &no) {
		return pageOf(err)
	}
	q, wrong := s.question(c, form)
	q.Pushed = pushed
	var to reply
	if err = cmp.Or(err, wrong); err == nil {
		to, err = s.decide(w, r, q)
	}
	if errors.As(err, &no) {
		to, err = s.refuse(r.Context(), q.asked, no)
	}
	if errors.Is(err, errPushed) {
		return err
	}
	if err != nil {
		return unavailable(err)
	}
	return s.send(w, r, to)
}

// decide gives where the browser goes next, or a *refusal.
func (s *server) decide(w http.ResponseWriter, r *http.Request, q question) (reply, error) {
	req, err := q.requirement(s.Now())
	if err != nil {
		return reply{}, err
	}
	sess, living, err := s.Browser.Session(r)
	if err != nil {
		return reply{}, err
	}
	hinted := s.hinted(q.client, q.hint)
	if living && ((hinted != "" && hinted != sess.Account) || (q.Subject != "" && q.Subject != s.subject(q.client, sess.Account))) {
		living = false
	}
	if living && !q.prompted("select_account") {
		to, missing, err := s.straight(r.Context(), q, req, sess)
		if err != nil || to.To != "" {
			return to, err
		}
		if q.prompted("none") {
			return reply{}, missing
		}
	}
	if q.prompted("none") {
		return reply{}, &refusal{code: "login_required"}
	}
	var offer *session.Session
	if living && !q.prompted("select_account") {
		offer = &sess
	}
	return s.interact(w, r, q, req, offer, hinted)
}

// straight gives the answer with a code when the living session is enough, and else what a
// request without interaction hears: that a sign-in is needed, or only a further proof.
func (s *server) straight(ctx context.Context, q question, req policy.Requirement, sess session.Session) (reply, *refusal, error) {
	anew := &refusal{code: "login_required"}
	acc, err := s.Accounts.ByID(ctx, sess.Account)
	if fault.KindOf(err) == fault.NotFound || (err == nil && !acc.Usable()) {
		return reply{}, anew, nil
	}
	if err != nil {
		return reply{}, nil, err
	}
	if !q.client.Admits(acc.Groups) {
		return reply{}, notAdmitted(), nil
	}
	if acc.AlwaysMFA {
		req = req.Strengthen(policy.Medium)
	}
	d := policy.Evaluate(sess.Proofs, req, s.Now())
	if d.NeedKnowledge {
		return reply{}, anew, nil
	}
	if !d.Full {
		return reply{}, &refusal{"interaction_required", "more proof is needed"}, nil
	}
	ask, missing, err := s.settled(ctx, q.client, q.asked, acc, nil, false)
	if err != nil || missing != nil {
		return reply{}, missing, err
	}
	to, err := s.answer(ctx, ask, sess, d)
	if fault.KindOf(err) == fault.Unauthenticated {
		return reply{}, anew, nil // it ended at this moment
	}
	return to, nil, err
}

// notAdmitted is what a service hears of people who are in none of its groups.
func notAdmitted() *refusal {
	return &refusal{login.RefusedByPerson, "the person is in none of the groups that may use the service"}
}

// hinted gives the account of an id_token_hint. A hint that cannot be read counts as none:
// keys are forgotten one day, and that must not lock anybody out (D25).
func (s *server) hinted(asks *client.Client, hint string) ident.AccountID {
	var c idToken
	if hint == "" || s.Ring.Verify(hint, idTokenType, &c) != nil || c.Issuer != s.Issuer {
		return ""
	}
	return s.accountOf(asks, c.Subject)
}

// interact begins a sign-in, bound to this browser (D4), and sends the browser there.
func (s *server) interact(w http.ResponseWriter, r *http.Request, q question, req policy.Requirement, offer *session.Session, hinted ident.AccountID) (reply, error) {
	opaque, err := json.Marshal(q.asked)
	if err != nil {
		return reply{}, err
	}
	ask := login.Request{
		Kind: login.KindAuthorize, ClientID: q.client.ID, ClientName: q.client.Name, ReturnURL: callbackPath, ReturnOrigin: q.RedirectURI, Release: s.release(q.client, q.asked),
		Groups: q.client.AllowedGroups, Contacts: q.client.Contacts, Requirement: req, LoginHint: q.loginHint, Account: hinted, Opaque: opaque,
	}
	if q.locales != "" {
		ask.Locale = s.locale(r, q.locales)
	}
	binding := s.Browser.Binding(w, r)
	if err := s.keep(r.Context(), q.client, q.Pushed, binding); err != nil {
		return reply{}, err
	}
	flow, err := s.Login.Begin(r.Context(), ask, binding, offer)
	return reply{To: "/login?" + url.Values{"flow": {flow}}.Encode()}, err
}

// locale gives the best of the languages that a request wishes for, wherever its parameters came from.
func (s *server) locale(r *http.Request, wishes string) string {
	as := r.Clone(r.Context())
	as.URL.RawQuery = url.Values{"ui_locales": {wishes}}.Encode()
	return s.Site.Lang(as)
}
