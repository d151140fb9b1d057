package profile

import (
	"context"
	"strconv"
	"time"

	"eulogin.example/cpms/internal/audit"
)

// Store keeps profiles.
type Store interface {
	// ProfileOf gives the zero profile when none was saved.
	ProfileOf(ctx context.Context, personID string) (Profile, error)
	// SaveProfile stores the next version of a profile with its event, if the stored one is the one
	// before it (ErrChanged). It refuses for an erased person (person.ErrClosed).
	SaveProfile(ctx context.Context, v Version, e audit.Event) error
	// ProfileVersions gives the versions before a number (0: all), newest first, at most so many.
	ProfileVersions(ctx context.Context, personID string, before int64, most int) ([]Version, error)
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
	before := p.Fields()
	change(&p)
	p.Version, p.UpdatedAt = version+1, s.Now()
	return s.Store.SaveProfile(ctx, Version{p, personID}, audit.Event{
		At: p.UpdatedAt, Actor: personID, Subject: personID, Action: "profile.saved",
		Detail: map[string]string{"version": strconv.FormatInt(p.Version, 10), "fields": names(Changes(before, p.Fields()))},
	})
}
