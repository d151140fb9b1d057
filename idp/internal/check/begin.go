package check

import (
	"context"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
)

// Begin plays a case: to the next authorization request of the client, or at once to its logout address.
func (s *Service) Begin(ctx context.Context, id string, c *client.Client, caseID string) error {
	k, ok := CaseOf(caseID)
	if !ok {
		return ErrCase
	}
	ref := ident.Digest(id)
	r, err := s.change(ctx, ref, func(r *Run) error {
		r.play(k, s.Now())
		if k.Part == Logout && c.BackchannelLogout == "" {
			r.Seen[k.ID].Missing = NeedAddress
		}
		return nil
	})
	if err != nil || k.Part != Logout || r.Seen[k.ID].Missing != Nothing {
		return err
	}
	status, failed := s.send(ctx, k, r, c)
	_, err = s.change(ctx, ref, func(r *Run) error {
		r.Seen[k.ID].Status, r.Seen[k.ID].Unheard = status, failed != nil
		return nil
	})
	return err
}

// send brings the logout token of a case. For the replay it brings one that was taken a second time.
func (s *Service) send(ctx context.Context, k Case, r Run, c *client.Client) (int, error) {
	f := Facts{Issuer: Issuer(s.Issuer, c.ID), Now: s.Now(), SID: r.SID}
	if f.SID == "" {
		f.SID = ident.NewID(s.Random)
	}
	token, err := s.sign(r, c.IDTokenSigning(), logoutToken(k, r, f, ident.NewID(s.Random)))
	if err != nil {
		return 0, err
	}
	status, err := s.Post(ctx, c.BackchannelLogout, token)
	if k.ID == "logout-replay" && err == nil && status/100 == 2 {
		return s.Post(ctx, c.BackchannelLogout, token)
	}
	if k.ID == "logout-replay" {
		return 0, err // the first time is not what this is about
	}
	return status, err
}
