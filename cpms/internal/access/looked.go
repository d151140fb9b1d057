package access

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
)

// LookedEvery is how long somebody at the desk may open a request again without another line
// in the person's trail.
const LookedEvery = 15 * time.Minute

// Looked writes down for the person concerned that by opened the request (domain.md row 39).
// One's own request is no event. What cannot be written down must not be shown.
func (s *Service) Looked(ctx context.Context, by person.Person, r Request, acr string) error {
	if by.ID == r.PersonID {
		return nil
	}
	return s.Store.Looked(ctx, s.event(by.ID, r, audit.Viewed, acr), LookedEvery)
}
