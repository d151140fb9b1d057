package consent

import (
	"slices"
	"testing"
	"time"

	"eulogin.example/idp/internal/claims"
)

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// What of an item's past leads to the page, for services that operators approved and for those that people do.
func TestWhenAPersonIsAsked(t *testing.T) {
	ended := func(why string, agreed time.Time) Standing {
		return Standing{"email": {AgreedAt: agreed, EndedAt: noon, EndedFor: why}}
	}
	for name, tt := range map[string]struct {
		have                 Standing
		essential            bool
		byOperator, byPerson bool // asked
	}{
		"never asked for":                {nil, false, false, true},
		"never asked for, essential":     {nil, true, false, true},
		"given":                          {Standing{"email": {AgreedAt: noon}}, true, false, false},
		"left out":                       {ended(Declined, time.Time{}), false, false, false},
		"left out, essential by now":     {ended(Declined, time.Time{}), true, true, true},
		"stopped":                        {ended(Stopped, noon.Add(-time.Hour)), false, false, false},
		"stopped, essential by now":      {ended(Stopped, noon.Add(-time.Hour)), true, true, true},
		"withdrawn":                      {ended(Withdrawn, noon.Add(-time.Hour)), false, true, true},
		"of a service that was removed":  {ended(Removed, noon.Add(-time.Hour)), false, true, true},
		"withdrawn, and agreed to again": {ended(Withdrawn, noon.Add(time.Hour)), false, false, false},
		"agreed and ended at one moment": {ended(Withdrawn, noon), false, true, true},
	} {
		r := Release{Items: []Item{{Claim: "email", Essential: tt.essential}}}
		if got := tt.have.undecided(r); got != tt.byOperator {
			t.Errorf("%s, approved by operators: %v", name, got)
		}
		r.Person = true
		if got := tt.have.undecided(r); got != tt.byPerson {
			t.Errorf("%s, approved by people: %v", name, got)
		}
	}
}

func TestWhatIsApprovedBeforeAWithdrawalIsDead(t *testing.T) {
	s := Standing{Identity: {AgreedAt: noon.Add(time.Hour), EndedAt: noon, EndedFor: Withdrawn}} // agreed to again since
	for at, dead := range map[time.Time]bool{{}: true, noon.Add(-1): true, noon: true, noon.Add(time.Microsecond): false} {
		if s.Dead(at) != dead {
			t.Errorf("%s: %v", at, !dead)
		}
	}
	if !(Standing{Identity: {AgreedAt: noon, EndedAt: noon, EndedFor: Withdrawn}}).Dead(noon.Add(time.Hour)) {
		t.Error("alive by its moment alone, with nothing agreed to")
	}
	if (Standing{Identity: {AgreedAt: noon}}).Dead(time.Time{}) || Standing(nil).Dead(time.Time{}) {
		t.Error("dead without a withdrawal: what former releases kept has no moment")
	}
	ended := Standing{Identity: {EndedAt: noon}}
	if at := ended.after(noon); at != noon.Add(time.Microsecond) {
		t.Errorf("the moment after an end is %s", at)
	}
	if at := s.after(noon); at != noon.Add(time.Hour) {
		t.Errorf("the moment is %s, before what was agreed to", at)
	}
}

// What is asked for, in the order of the page: once each, and what is said about an address with the address.
func TestItems(t *testing.T) {
	single := claims.Asked{UserInfo: []claims.One{{Name: "email_verified"}, {Name: "phone_number_verified"}}, IDToken: []claims.One{{Name: "name", Essential: true}, {Name: "email"}}}
	for name, tt := range map[string]struct {
		scopes []string
		asked  claims.Asked
		want   []Item
	}{
		"openid alone": {[]string{"openid"}, claims.Asked{}, []Item{{Identity, true}}},
		"scopes":       {[]string{"openid", "api:x", "offline_access", "phone", "email"}, claims.Asked{}, []Item{{Identity, true}, {"email", false}, {"phone_number", false}, {"api:x", false}, {Offline, false}}},
		"single ones":  {[]string{"openid"}, single, []Item{{Identity, true}, {"email", false}, {"name", true}, {"phone_number_verified", false}}},
	} {
		if got := Items(tt.scopes, tt.asked); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	r := Release{Items: Items([]string{"openid", "email", "offline_access"}, single)}
	if a := r.Agree(noon, []string{"email", "made up"}); !slices.Equal(a.Without, []string{"phone_number_verified", Offline}) {
		t.Errorf("what is essential goes with agreeing, and nothing else does: %v", a.Without)
	}
}
