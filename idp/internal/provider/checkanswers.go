package provider

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/client"
)

// checkAuthorize answers an authorization request of a client of the check as the case that is being played has
// it. The request is read as always, and the answer goes to registered addresses only. Nobody is signed in: a
// code of the check stands for a person that there is not.
func (s *server) checkAuthorize(w http.ResponseWriter, r *http.Request, c *client.Client) error {
	if r.Form.Get("client_id") != c.ID {
		return errClient
	}
	c, form, err := s.carried(r.Context(), c, r.Form)
	var no *refusal
	if err != nil && !errors.As(err, &no) {
		return pageOf(err)
	}
	q, wrong := read(c, form)
	var to reply
	if err = cmp.Or(err, wrong); err == nil {
		to, err = s.play(r.Context(), q)
	}
	if errors.As(err, &no) {
		to, err = s.refuse(r.Context(), q.asked, no)
	}
	if err != nil {
		return unavailable(err)
	}
	return s.send(w, r, to)
}

// play gives the answer of the case, or a *refusal where there is nothing to be played.
func (s *server) play(ctx context.Context, q question) (reply, error) {
	_, ref, err := s.Check.Of(ctx, q.client.ID)
	if errors.Is(err, check.ErrOver) {
		return reply{}, &refusal{"access_denied", "no run of the integration check is under way"}
	}
	if err != nil {
		return reply{}, err
	}
	k, code, missing, err := s.Check.Authorize(ctx, ref, askedOf(q))
	switch {
	case errors.Is(err, check.ErrIdle), errors.Is(err, check.ErrOver):
		return reply{}, &refusal{"access_denied", "choose a case on the page of the run first"}
	case err != nil:
		return reply{}, err
	case missing != check.Nothing:
		return reply{}, &refusal{"access_denied", "this case cannot be played: the request has no " + string(missing)}
	}
	return carry(q.asked, check.Answer(k, askedOf(q), s.Issuer, code)), nil
}

// askedOf gives what a case needs of a request.
func askedOf(q question) check.Asked {
	a := check.Asked{RedirectURI: q.RedirectURI, State: q.State, Nonce: q.Nonce, Challenge: q.Challenge, Scopes: q.Scopes}
	for _, list := range [][]string{q.acrValues, q.claims.essential, q.claims.wished, q.client.DefaultACR} {
		if len(list) > 0 && a.ACR == "" {
			a.ACR = list[0]
		}
	}
	if age := q.youngest(); age != nil {
		seconds := int64(age.Seconds())
		a.MaxAge = &seconds
	}
	return a
}

// checkToken gives what the case of a code has. The client authenticates as always, and the code is bound to its
// address and its verifier as always: what is wrong is wrong in the answer.
func (s *server) checkToken(w http.ResponseWriter, r *http.Request, c *client.Client) error {
	who, err := s.authenticate(r.Context(), r)
	switch {
	case err == nil && who.ID != c.ID:
		err = unauthorized(r.Context(), "this is the token endpoint of another client")
	case err == nil && r.PostForm.Get("grant_type") != string(oidc.GrantTypeCode):
		err = oidc.ErrUnsupportedGrantType()
	}
	var got check.Tokens
	if err == nil {
		got, err = s.checkRedeem(r, c)
	}
	if err != nil {
		op.WriteError(w, r, err, s.Log)
		return nil
	}
	answer := map[string]any{"access_token": got.Access, "token_type": oidc.BearerToken, "expires_in": int(check.Life.Seconds()), "scope": strings.Join(got.Scopes, " "), "id_token": got.ID}
	if got.Extra {
		answer["x_integration_check"] = []int{1, 2, 3}
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

func (s *server) checkRedeem(r *http.Request, c *client.Client) (check.Tokens, error) {
	_, ref, err := s.Check.Of(r.Context(), c.ID)
	if err != nil {
		return check.Tokens{}, s.refused(r.Context(), err, oidc.ErrInvalidGrant())
	}
	form := r.PostForm
	got, err := s.Check.Redeem(r.Context(), ref, c, form.Get("code"), form.Get("redirect_uri"), oidc.NewSHACodeChallenge(form.Get("code_verifier")))
	if err != nil {
		return got, s.refused(r.Context(), err, oidc.ErrInvalidGrant())
	}
	return got, nil
}

// checkUserinfo answers an access token of the check.
func (s *server) checkUserinfo(w http.ResponseWriter, r *http.Request, c *client.Client) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		challenge(w, "", http.StatusUnauthorized)
		return nil
	}
	_, ref, err := s.Check.Of(r.Context(), c.ID)
	var info map[string]any
	if err == nil {
		info, err = s.Check.Inform(r.Context(), ref, token)
	}
	switch {
	case err != nil && wrong(err):
		challenge(w, "invalid_token", http.StatusUnauthorized)
	case err != nil:
		s.down(w, r, err)
	default:
		writeJSON(w, http.StatusOK, info)
	}
	return nil
}
