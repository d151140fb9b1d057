// Package journal makes the records of changes to verification methods: what is audited, who
// is told, and the link by which a person says "this wasn't me" for seven days (domain.md row
// 17). The stores write them in the transaction of the change itself. It also answers those
// links: see Undo.
package journal

import (
	"context"
	"io"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
)

// Addresses lists where a person can be told: the address in use, and one that was changed
// so lately that its owner must hear of it.
type Addresses interface {
	AddressesOf(ctx context.Context, id ident.AccountID, since time.Time) ([]string, error)
}

// Journal implements factor.Journal; every field is required.
type Journal struct {
	Accounts  account.Reader
	Addresses Addresses
	Issuer    string // address of this service without a slash at the end
	Now       func() time.Time
	Rand      io.Reader
}

var _ factor.Journal = Journal{}

// Added implements factor.Journal.
func (j Journal) Added(ctx context.Context, id ident.AccountID, f factor.Factor) (factor.Record, error) {
	return j.record(ctx, id, f, factor.Added, audit.FactorAdded, notify.FactorAdded)
}

// Removed implements factor.Journal.
func (j Journal) Removed(ctx context.Context, id ident.AccountID, f factor.Factor) (factor.Record, error) {
	return j.record(ctx, id, f, factor.Removed, audit.FactorRemoved, notify.FactorRemoved)
}

// Path is where links to undo a change stand.
const Path = "/undo/"

func (j Journal) record(ctx context.Context, id ident.AccountID, f factor.Factor, action factor.Action,
	event func(id ident.AccountID, method, factor string) audit.Event,
	tell func(p notify.Person, method, name string, at time.Time, url, undo string) notify.Message,
) (factor.Record, error) {
	people, err := j.People(ctx, id)
	if err != nil {
		return factor.Record{}, err
	}
	at, token := j.Now(), ident.NewToken(j.Rand)
	rec := factor.Record{
		At: at, Events: []audit.Event{event(id, string(f.Method), f.ID)},
		Changes: []factor.Change{{
			ID: ident.NewID(j.Rand), Account: id, At: at, Action: action, Method: f.Method, Factor: f.ID, Name: f.Name, Digest: ident.Digest(token),
		}},
	}
	for _, p := range people {
		rec.Notices = append(rec.Notices, tell(p, string(f.Method), f.Name, at, j.Issuer+"/account", j.Issuer+Path+token))
	}
	return rec, nil
}

// People gives the person once for each known address: the one in use, and former ones whose
// owners still hear of changes.
func (j Journal) People(ctx context.Context, id ident.AccountID) ([]notify.Person, error) {
	a, err := j.Accounts.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	addresses, err := j.Addresses.AddressesOf(ctx, id, j.Now().Add(-factor.KeptFor))
	if err != nil {
		return nil, err
	}
	var out []notify.Person
	for _, address := range addresses {
		p := a.Person()
		p.Email = address
		out = append(out, p)
	}
	return out, nil
}
