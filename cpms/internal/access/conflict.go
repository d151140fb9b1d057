package access

import (
	"context"
	"slices"
	"strings"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
)

// Party is what is known of somebody beside their record: the hospital and the address of
// their profile.
type Party struct {
	Hospital string // id, "" when none was given
	Email    string
}

// Hint is something a coordinator should look at before deciding. It forbids nothing.
type Hint string

// The hints; each has a text hint.<name>.
const (
	HintSponsor      Hint = "sponsor"       // the one who decides vouches for the guest
	HintOwnSponsor   Hint = "own_sponsor"   // the requester vouches for themselves
	HintSameHospital Hint = "same_hospital" // both work for one hospital
	HintOtherPlace   Hint = "other_place"   // the profile names another hospital than the request
	HintRejected     Hint = "rejected"      // the same was rejected before
	HintNamesake     Hint = "namesake"      // another person of this name asked as well: a second account?
)

// Hints are the conflicts of interest and the oddities in a request, for the one who decides.
// earlier are the person's other requests to the network, namesakes those of other people of
// the same name.
func Hints(r Request, requester, by person.Person, asks, decides Party, earlier, namesakes []Request) (out []Hint) {
	add := func(when bool, h Hint) {
		if when {
			out = append(out, h)
		}
	}
	is := func(address string, emails ...string) bool {
		return address != "" && slices.ContainsFunc(emails, func(e string) bool { return strings.EqualFold(e, address) })
	}
	place := r.Hospital
	if _, listed := hospital(place); !listed {
		place = asks.Hospital
	}
	_, listed := hospital(place)
	add(is(r.SponsorEmail, by.Email, decides.Email), HintSponsor)
	add(is(r.SponsorEmail, requester.Email, asks.Email), HintOwnSponsor)
	add(listed && place == decides.Hospital, HintSameHospital)
	_, given := hospital(r.Hospital)
	add(given && asks.Hospital != r.Hospital, HintOtherPlace)
	add(slices.ContainsFunc(earlier, func(e Request) bool { return e.State == Rejected && e.Role == r.Role }), HintRejected)
	add(len(namesakes) > 0, HintNamesake)
	return out
}

// Context is what stands beside a request at the desk.
type Context struct {
	Earlier      []Request // the person's other requests to this network, newest first
	Elsewhere    int       // requests to networks that the viewer does not decide for: their number alone
	Namesakes    []Request // requests to this network of other people of the same name
	SameHospital int       // people of the same hospital with access to this network now
}

// About gives the context of a request to somebody at its desk.
func (s *Service) About(ctx context.Context, networks []string, r Request, requester person.Person) (c Context, err error) {
	own, err := s.Store.RequestsOf(ctx, r.PersonID)
	if err != nil {
		return c, err
	}
	for _, o := range own {
		switch {
		case o.ID == r.ID || o.State == Draft || o.SubmittedAt.IsZero():
		case covers(networks, o.Network):
			c.Earlier = append(c.Earlier, o)
		default:
			c.Elsewhere++
		}
	}
	if place := r.Place(); place != "" {
		if c.SameHospital, err = s.Store.SameHospital(ctx, r.Network, place, s.Now()); err != nil {
			return c, err
		}
	}
	words := plain.Words(requester.Name())
	if len(words) < 2 { // one word is no name to compare
		return c, nil
	}
	people, err := s.Store.PeopleNamed(ctx, words, matchesMax)
	people = slices.DeleteFunc(people, func(id string) bool { return id == r.PersonID })
	if err != nil || len(people) == 0 {
		return c, err
	}
	states := []State{Submitted, MoreInfo, Approved, Rejected}
	c.Namesakes, err = s.Store.Search(ctx, Query{Networks: []string{r.Network}, States: states, Search: true, People: people, Newest: true, Most: QueuePage})
	return c, err
}
