package provider

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/login"
	"eulogin.example/proto/kit/fault"
)

// errEnded says that a sign-in is not there any more.
var errEnded = fault.New(fault.Gone, "login.flow_unknown")

// callback ends a sign-in: the browser that went through it, and only once, gets the code or
// the error (D4, D5). The policy is held against the proofs again at this moment, and so is
// the address against the registered ones: a sign-in may take a quarter of an hour.
func (s *server) callback(w http.ResponseWriter, r *http.Request) error {
	outcome, err := s.Login.Outcome(r.Context(), r.Form.Get("id"), s.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	if outcome.Request.Kind != login.KindAuthorize {
		return errEnded
	}
	var ask asked
	if err := json.Unmarshal(outcome.Request.Opaque, &ask); err != nil {
		return errEnded.Because(err)
	}
	c, err := s.asking(r.Context(), ask.Client, ask.RedirectURI)
	if err != nil {
		return err
	}
	if outcome.Refused == "" && ask.Subject != "" && ask.Subject != s.subject(c, outcome.Account) {
		outcome.Refused = login.RefusedNoLogin // another person than the claims parameter asked for
	}
	var to reply
	no := &refusal{code: outcome.Refused}
	if outcome.Refused == "" {
		to, no, err = s.concluded(r.Context(), c, ask, outcome)
	}
	if err == nil && no != nil {
		to, err = s.refuse(r.Context(), ask, no)
	}
	if errors.Is(err, errPushed) {
		return err
	}
	if err != nil {
		return unavailable(err)
	}
	return s.send(w, r, to)
}

// concluded gives the answer to a sign-in that reached its end, or what the client hears instead.
func (s *server) concluded(ctx context.Context, c *client.Client, ask asked, outcome login.Outcome) (reply, *refusal, error) {
	acc, err := s.Accounts.ByID(ctx, outcome.Account)
	if err != nil {
		return reply{}, nil, err
	}
	if !c.Admits(acc.Groups) { // by now
		return reply{}, notAdmitted(), nil
	}
	ask, missing, err := s.settled(ctx, c, ask, acc, outcome.Agreed, true)
	if err != nil || missing != nil {
		return reply{}, missing, err
	}
	to, err := s.answer(ctx, ask, outcome.Session, outcome.Decision)
	if fault.KindOf(err) == fault.Unauthenticated {
		return reply{}, &refusal{code: login.RefusedNoLogin}, nil
	}
	return to, nil, err
}
