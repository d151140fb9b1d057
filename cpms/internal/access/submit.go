package access

import (
	"context"
	"strings"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/terms"
)

// SaveDraft keeps a request that is not submitted yet; an empty ID makes a new one. A draft
// may be incomplete, not malformed: ErrInvalid. ErrChanged: it was saved elsewhere meanwhile.
func (s *Service) SaveDraft(ctx context.Context, p person.Person, form Request) (Request, error) {
	r, from, err := s.draft(ctx, p, form)
	if err != nil {
		return form, err
	}
	r.Version = from + 1
	return r, s.Store.ApplyChange(ctx, Change{Request: r, From: from})
}

// draft lays a form over what is stored.
func (s *Service) draft(ctx context.Context, p person.Person, form Request) (Request, int64, error) {
	form.Tidy()
	if err := form.Fits(); err != nil {
		return form, 0, err
	}
	now := s.Now()
	r := Request{ID: ident.NewID(s.Random), PersonID: p.ID, State: Draft, CreatedAt: now}
	if form.ID != "" {
		stored, err := s.own(ctx, p, form.ID)
		if err != nil {
			return form, 0, err
		}
		if _, ok := Next(stored.State, Requester, Save); !ok {
			return form, 0, ErrState
		}
		if stored.Version != form.Version {
			return form, 0, ErrChanged
		}
		r = stored
	}
	from := r.Version
	r.Network, r.Country, r.Hospital, r.Role, r.Justification = form.Network, form.Country, form.Hospital, form.Role, form.Justification
	r.SponsorName, r.SponsorEmail, r.DurationDays = form.SponsorName, form.SponsorEmail, form.DurationDays
	r.Declaration, r.Terms, r.TermsVersion, r.UpdatedAt = form.Declaration, form.Terms, form.TermsVersion, now
	return r, from, nil
}

// Submit submits a request. The draft is kept first, so that nothing typed is lost when it
// cannot be submitted: ErrInvalid (fields), ErrProfile, ErrLevel (the edge steps up and comes
// back), ErrDuplicate, ErrHasAccess, ErrNotActive, or Unavailable when idp does not answer.
// complete says whether the profile is; acr is the level of the sign-in, for the record.
func (s *Service) Submit(ctx context.Context, p person.Person, form Request, complete bool, st Strength, acr string) (Request, error) {
	r, err := s.SaveDraft(ctx, p, form)
	if err != nil {
		return r, err
	}
	accept, err := s.agreed(ctx, p, &r)
	if err != nil {
		return r, err
	}
	if err := r.Check(); err != nil {
		return r, err
	}
	if !complete {
		return r, ErrProfile
	}
	if !st.Enough(s.Now()) {
		return r, ErrLevel
	}
	if err := s.free(ctx, r); err != nil {
		return r, err
	}
	known, err := s.Assurance.Get(ctx, p)
	if err != nil {
		return r, err
	}
	if !known.Active || !known.SecondFactor {
		return r, ErrNotActive
	}
	from, now := r.Version, s.Now()
	done := r
	done.State, done.SubmittedAt, done.UpdatedAt, done.Version = Submitted, now, now, from+1
	done.Assurance, done.ACR, done.TermsVersion = known.Level, acr, terms.InForce(now).ID
	mails, err := s.toCoordinators(ctx, p, done)
	if err != nil {
		return r, err
	}
	mails = append(mails, notify.Received(p, done.Network, s.link(done)))
	asks, more := s.reference(p, done)
	return done, s.Store.ApplyChange(ctx, Change{Request: done, From: from, Asks: asks, Accept: accept, Events: append(accepted(p, accept), s.submitted(p, done, st, acr)), Mails: append(mails, more...)})
}

// submitted is the event of a submission: it keeps how the person was signed in.
func (s *Service) submitted(p person.Person, r Request, st Strength, acr string) audit.Event {
	e := s.event(p.ID, r, "request.submitted", acr)
	e.Detail["amr"] = strings.Join(st.Methods, " ")
	return e
}

// toCoordinators tells everybody who may decide that a request waits.
func (s *Service) toCoordinators(ctx context.Context, p person.Person, r Request) (mails []notify.Mail, err error) {
	coordinators, err := s.Store.CoordinatorsOf(ctx, r.Network, s.Now())
	for _, c := range coordinators {
		if c.ID != p.ID {
			mails = append(mails, notify.NewRequest(c, p, r.Network, s.BaseURL+"/desk/"+r.ID))
		}
	}
	return mails, err
}

// free refuses a second open request, and one for access that the person has. Access that
// ends within two weeks may be asked for again. The store refuses a second open request once
// more, for those that race.
func (s *Service) free(ctx context.Context, r Request) error {
	others, err := s.Store.RequestsOf(ctx, r.PersonID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != r.ID && o.State.Open() && o.Network == r.Network && o.Role == r.Role {
			return ErrDuplicate.WithArgs(o.ID)
		}
	}
	grants, err := s.Store.GrantsOf(ctx, r.PersonID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if st := g.Status(s.Now()); g.Network == r.Network && g.Role == r.Role && (st == Active || st == Extended || st == Suspended || st == Pending) {
			return ErrHasAccess
		}
	}
	return nil
}
