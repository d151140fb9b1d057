package app

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/clientkeys"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/factor/journal"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/password/hashmetrics"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/outward"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/phonelogin"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/rpc"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signout"
)

// domain puts the rules on their stores.
func (a *app) domain(ctx context.Context) (err error) {
	kek, err := a.sealKey()
	if err != nil {
		return err
	}
	if a.registrar, err = a.Config.registrar(ctx, a.store, kek, a.now, a.log); err != nil {
		return err
	}
	a.clients = a.registrar.Clients
	a.remote = clientkeys.New(outward.Internet(5*time.Second, a.Development), a.now, a.log)
	if a.nonceKey, err = hkdf.Key(sha256.New, kek, nil, "DPoP nonces", 32); err != nil {
		return err
	}
	if a.ring, err = a.signing(ctx, kek); err != nil {
		return err
	}
	a.limits = limit.New(a.kv, a.now)
	a.sessions = session.New(a.kv, a.now, rand.Reader)
	a.grants = &grant.Service{KV: a.kv, Families: a.store, Now: a.now, Random: rand.Reader}
	if err := a.secrets(ctx); err != nil {
		return err
	}
	a.journal = journal.Journal{Accounts: a.store, Addresses: a.store, Issuer: a.Issuer, Now: a.now, Rand: rand.Reader}
	box, err := seal.New(kek)
	if err != nil {
		return err
	}
	a.box = box
	if a.subjects, err = pairwise.Open(ctx, a.store, box, a.now(), rand.Reader); err != nil {
		return err
	}
	outward := rpc.Outward(a.Development)
	a.check = &check.Service{KV: a.kv, Box: box, Issuer: a.Issuer, Now: a.now, Random: rand.Reader, Post: func(ctx context.Context, address, token string) (int, error) {
		return rpc.PostLogout(ctx, outward, address, token)
	}}
	if err := a.push(); err != nil {
		return err
	}
	a.phone, err = phone.New(phone.Config{
		Issuer: a.Issuer, Store: a.devices, KV: a.kv, Hasher: a.pool, Limits: a.limits, People: a.devices, Journal: a.journal, Box: box, Waker: a.waker(), Now: a.now, Rand: rand.Reader,
	})
	if err != nil {
		return err
	}
	push := phonelogin.Method{Phone: a.phone, Own: a.Product}
	methods := map[policy.Method]login.Method{
		policy.AppPIN: push, policy.AppAlone: phonelogin.Adaptive{Method: push}, policy.AppQR: phonelogin.QR{Phone: a.phone, Own: a.Product},
		policy.OnMobile: phonelogin.OnMobile{Phone: a.phone, Own: a.Product, Issuer: a.Issuer},
	}
	if err := a.codes(kek, methods); err != nil {
		return err
	}
	if err := a.webauthn(methods); err != nil {
		return err
	}
	a.signout = &signout.Service{
		Sessions: a.sessions, Store: a.store, Now: a.now, Listens: a.listens, Kick: func() { a.outbox.Kick() },
	}
	a.consents = &consent.Service{
		Store: a.store, Accounts: a.store, Sessions: a.sessions, Name: a.serviceName, Listens: a.listens, Kick: func() { a.outbox.Kick() },
		PageURL: a.Issuer + "/account/services", Now: a.now,
	}
	a.login = login.New(login.Config{
		KV: a.kv, Accounts: a.store, Passwords: a.passwords, Limits: a.limits, Sessions: a.sessions, History: a.store, Consents: a.consents,
		Methods: methods, LostURL: a.Issuer + "/password/lost", HistoryURL: a.Issuer + "/account/history", Now: a.now, Random: rand.Reader, Log: a.log,
	})
	return nil
}

// listens reports whether a service registered a logout address.
func (a *app) listens(id string) bool {
	c, err := a.clients.Known(context.Background(), id)
	return err == nil && c.BackchannelLogout != ""
}

// secrets makes the bounded pool that hashes passwords and PINs, and the password service.
func (a *app) secrets(ctx context.Context) error {
	metrics, err := hashmetrics.New(a.tel.Registry)
	if err != nil {
		return err
	}
	a.pool, err = password.NewPool(password.PoolConfig{
		Params: password.Default(), Workers: a.HashWorkers, Queue: 64, MaxWait: 5 * time.Second, Now: a.now, Rand: rand.Reader, Observer: metrics,
	})
	if err != nil {
		return err
	}
	rule, err := password.RuleOf(a.PasswordProfile)
	if err != nil {
		return err
	}
	a.passwords, err = password.New(ctx, password.Config{Store: a.store, Pool: a.pool, Rule: rule, Now: a.now, Rand: rand.Reader, Log: a.log})
	return err
}
