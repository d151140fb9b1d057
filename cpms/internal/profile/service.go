package profile

import (
	"context"
	"time"
)

// Store keeps profiles.
type Store interface {
	// ProfileOf gives the zero profile when none was saved.
	ProfileOf(ctx context.Context, personID string) (Profile, error)
	// SaveProfile stores p if the stored version is p.Version (ErrChanged), and raises it. It
	// refuses for an erased person (person.ErrClosed).
	SaveProfile(ctx context.Context, at time.Time, p Profile) error
}

// Service saves drafts.
type Service struct {
	Store Store
	Now   func() time.Time
}

// Of gives a person's profile, an empty one with version 0 when none was saved.
func (s *Service) Of(ctx context.Context, personID string) (Profile, error) {
	p, err := s.Store.ProfileOf(ctx, personID)
	p.PersonID = personID
	return p, err
}

// Save1 saves page 1 as it stands, if it fits, over the version that the page was shown with
// (ErrChanged when it moved on). When the page is meant to be whole it then says what is
// missing, as ErrInvalid: the draft is kept all the same.
func (s *Service) Save1(ctx context.Context, personID string, version int64, page Page1, whole bool) error {
	page.Tidy()
	if err := page.Fits(); err != nil {
		return err
	}
	if err := s.save(ctx, personID, version, func(p *Profile) { p.Page1 = page }); err != nil || !whole {
		return err
	}
	return page.Check()
}

// Save2 saves page 2 likewise.
func (s *Service) Save2(ctx context.Context, personID string, version int64, page Page2, whole bool) error {
	page.Tidy()
	if err := page.Fits(); err != nil {
		return err
	}
	if err := s.save(ctx, personID, version, func(p *Profile) { p.Page2 = page }); err != nil || !whole {
		return err
	}
	return page.Check()
}

func (s *Service) save(ctx context.Context, personID string, version int64, change func(*Profile)) error {
	p, err := s.Of(ctx, personID)
	if err != nil {
		return err
	}
	if p.Version != version {
		return ErrChanged
	}
	change(&p)
	return s.Store.SaveProfile(ctx, s.Now(), p)
}
