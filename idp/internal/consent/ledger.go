package consent

import (
	"slices"
	"time"

	"eulogin.example/idp/internal/ident"
)

// The pages by which something is agreed to.
const (
	ByPage     = "consent"  // the person was asked because the service, or its operators, want it
	ByWarning  = "warn"     // the person wants to be asked
	ByOperator = "operator" // no page was shown: operators approved the service
	ByDevice   = "device"   // the page on which a device is let in
)

// Why an entry ended.
const (
	Declined  = "declined"  // left out on the page
	Stopped   = "stopped"   // one claim, in My account
	Withdrawn = "withdrawn" // everything, in My account: the service must ask again
	Removed   = "removed"   // the service ended; one that has its identifier now must ask
)

// Entry is one line of the ledger.
type Entry struct {
	Account   ident.AccountID
	Client    string
	Claim     string
	Page      string
	Essential bool      // as it was asked for last
	AgreedAt  time.Time // zero: never
	ToldAt    time.Time // start of the day, UTC, of the last sign-in at which it was told; zero: never
	EndedAt   time.Time // zero: never
	EndedFor  string
}

// Given reports whether the service may be told.
func (e Entry) Given() bool { return e.AgreedAt.After(e.EndedAt) }

// Anew reports whether it ended so that the person is asked again, whatever they chose before.
func (e Entry) Anew() bool { return e.EndedFor == Withdrawn || e.EndedFor == Removed }

// Standing is the ledger of one person and one service, by claim.
type Standing map[string]Entry

// Dead reports whether what was approved at a moment is withdrawn since. While the person has not agreed
// again everything is, whatever its moment: it may have been approved while the withdrawal was being written.
func (s Standing) Dead(at time.Time) bool {
	e, there := s[Identity]
	return there && (!e.Given() || !e.EndedAt.IsZero() && !at.After(e.EndedAt))
}

// overtaken reports whether something of a release was taken back, or ended with its service, since a
// moment: an agreement of that moment does not count any more.
func (s Standing) overtaken(r Release, at time.Time) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool {
		e := s[i.Claim]
		return (e.EndedFor == Stopped || e.Anew()) && !at.After(e.EndedAt)
	})
}

// Withheld names what the service is not told, or may not do, whatever was approved.
func (s Standing) Withheld() (out []string) {
	for claim, e := range s {
		if !e.Given() {
			out = append(out, claim)
		}
	}
	slices.Sort(out)
	return out
}

// after gives a moment, or the next one that is later than everything in the ledger: two things that a
// person does in one microsecond, or before two clocks, still have an order.
func (s Standing) after(at time.Time) time.Time {
	for _, e := range s {
		if !at.After(e.EndedAt) {
			at = e.EndedAt.Add(time.Microsecond)
		}
		if at.Before(e.AgreedAt) {
			at = e.AgreedAt
		}
	}
	return at
}

// decided reports whether the person need not be asked about an item. A service that operators
// approved asks only about what was withdrawn, or cannot do without what the person left out.
func (s Standing) decided(i Item, person bool) bool {
	e, there := s[i.Claim]
	switch {
	case !there:
		return !person
	case e.Given():
		return true
	}
	return !e.Anew() && !i.Essential
}

// undecided reports whether there is something in a release that the person has to be asked about.
func (s Standing) undecided(r Release) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool { return !s.decided(i, r.Person) })
}

// changes gives the entries that a sign-in makes or alters, for the store. Without an agreement
// nothing was asked: what is new is told because operators approved it. day is the day to note as
// that of the last telling, zero for none.
func (s Standing) changes(who Entry, r Release, a *Agreement, day time.Time) (out []Entry) {
	for _, i := range r.Items {
		was, there := s[i.Claim]
		e := was
		e.Account, e.Client, e.Claim, e.Essential = who.Account, who.Client, i.Claim, i.Essential
		without := a != nil && slices.Contains(a.Without, i.Claim)
		switch {
		case without && (!there || was.Given() || was.Anew()):
			e.EndedAt, e.EndedFor, e.Page = who.AgreedAt, Declined, who.Page
		case !without && (!there || a != nil && (!was.Given() || was.Page == ByOperator)):
			e.AgreedAt, e.Page = who.AgreedAt, who.Page
		}
		if e.Given() && (day.After(e.ToldAt) || e.AgreedAt != was.AgreedAt) {
			e.ToldAt = who.AgreedAt.Truncate(24 * time.Hour)
		}
		if e != was {
			out = append(out, e)
		}
	}
	return out
}
