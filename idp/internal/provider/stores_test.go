package provider_test

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// probe is an expiring store that counts the trips to it and can go down.
type probe struct {
	kv.Store
	trips atomic.Int64
	down  atomic.Bool
}

func (p *probe) trip() error {
	p.trips.Add(1)
	if p.down.Load() {
		return kv.ErrUnavailable.Because(errors.New("dial tcp 10.2.3.4:6379: connection refused"))
	}
	return nil
}

func (p *probe) Put(ctx context.Context, key string, val []byte, ttl time.Duration) error {
	if err := p.trip(); err != nil {
		return err
	}
	return p.Store.Put(ctx, key, val, ttl)
}

func (p *probe) Get(ctx context.Context, key string) ([]byte, error) {
	if err := p.trip(); err != nil {
		return nil, err
	}
	return p.Store.Get(ctx, key)
}

func (p *probe) Take(ctx context.Context, key string) ([]byte, error) {
	if err := p.trip(); err != nil {
		return nil, err
	}
	return p.Store.Take(ctx, key)
}

func (p *probe) Swap(ctx context.Context, key string, old, val []byte, ttl time.Duration) error {
	if err := p.trip(); err != nil {
		return err
	}
	return p.Store.Swap(ctx, key, old, val, ttl)
}

func (p *probe) Once(ctx context.Context, m kv.Mark, key string, take bool) ([]byte, error) {
	if err := p.trip(); err != nil {
		return nil, err
	}
	return p.Store.Once(ctx, m, key, take)
}

func (p *probe) Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error) {
	if err := p.trip(); err != nil {
		return 0, err
	}
	return p.Store.Add(ctx, key, n, ttl)
}

func (p *probe) Drop(ctx context.Context, keys ...string) error {
	if err := p.trip(); err != nil {
		return err
	}
	return p.Store.Drop(ctx, keys...)
}

// lasting is the store of accounts and refresh families; it can go down.
type lasting struct {
	*sqlstore.Store
	down   atomic.Bool
	before func() // runs before a refresh family is begun or the ledger is written; nil: nothing does
}

func (l *lasting) up() error {
	if l.down.Load() {
		return fault.New(fault.Unavailable, "sqldb.unavailable").Because(errors.New("dial tcp 10.2.3.5:5432: connection refused"))
	}
	return nil
}

func (l *lasting) ByID(ctx context.Context, id account.ID) (account.Account, error) {
	if err := l.up(); err != nil {
		return account.Account{}, err
	}
	return l.Store.ByID(ctx, id)
}

func (l *lasting) Ledger(ctx context.Context, id ident.AccountID, client string) ([]consent.Entry, error) {
	if err := l.up(); err != nil {
		return nil, err
	}
	return l.Store.Ledger(ctx, id, client)
}

func (l *lasting) AddFamily(ctx context.Context, at time.Time, f grant.Family) error {
	if err := l.up(); err != nil {
		return err
	}
	if l.before != nil {
		l.before()
	}
	return l.Store.AddFamily(ctx, at, f)
}

func (l *lasting) WriteLedger(ctx context.Context, c consent.Change, events []audit.Event) error {
	if l.before != nil {
		l.before()
	}
	return l.Store.WriteLedger(ctx, c, events)
}

func (l *lasting) FamilyByID(ctx context.Context, id string) (grant.Family, error) {
	if err := l.up(); err != nil {
		return grant.Family{}, err
	}
	return l.Store.FamilyByID(ctx, id)
}

func (l *lasting) RotateFamily(ctx context.Context, at time.Time, id, presented, next string) error {
	if err := l.up(); err != nil {
		return err
	}
	return l.Store.RotateFamily(ctx, at, id, presented, next)
}

func (l *lasting) RevokeFamily(ctx context.Context, at time.Time, id, why string) error {
	if err := l.up(); err != nil {
		return err
	}
	return l.Store.RevokeFamily(ctx, at, id, why)
}
