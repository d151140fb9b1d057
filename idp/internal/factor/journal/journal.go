// Package journal makes the records of changes to verification methods: what is audited and
// who is told. The stores write them in the transaction of the change itself.
package journal

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
)

// Journal implements factor.Journal; every field is required.
type Journal struct {
	Accounts account.Reader
	Issuer   string // address of this service without a slash at the end
	Now      func() time.Time
}

var _ factor.Journal = Journal{}

// Added implements factor.Journal.
func (j Journal) Added(ctx context.Context, id ident.AccountID, f factor.Factor) (factor.Record, error) {
	return j.record(ctx, id, f, audit.FactorAdded, notify.FactorAdded)
}

// Removed implements factor.Journal.
func (j Journal) Removed(ctx context.Context, id ident.AccountID, f factor.Factor) (factor.Record, error) {
	return j.record(ctx, id, f, audit.FactorRemoved, notify.FactorRemoved)
}

func (j Journal) record(ctx context.Context, id ident.AccountID, f factor.Factor,
	event func(id ident.AccountID, method, factor string) audit.Event,
	tell func(p notify.Person, method, name string, at time.Time, url string) notify.Message,
) (factor.Record, error) {
	a, err := j.Accounts.ByID(ctx, id)
	if err != nil {
		return factor.Record{}, err
	}
	at := j.Now()
	return factor.Record{
		At: at, Events: []audit.Event{event(id, string(f.Method), f.ID)},
		Notices: []notify.Message{tell(a.Person(), string(f.Method), f.Name, at, j.Issuer+"/account")},
	}, nil
}
