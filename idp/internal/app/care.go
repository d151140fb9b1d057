package app

import (
	"crypto/rand"
	"net/http"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/journal"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/helpdesk"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/rights"
	"eulogin.example/idp/internal/rpc"
	"eulogin.example/idp/internal/sqlstore"
	helpdeskpages "eulogin.example/idp/internal/web/helpdesk"
	lostpages "eulogin.example/idp/internal/web/lostfactor"
	rightspages "eulogin.example/idp/internal/web/rights"
	"eulogin.example/idp/internal/web/undo"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// keepers are all kinds of factors, for the check-up and for "this wasn't me".
func (a *app) keepers() factor.Keepers {
	keys := webauthn.Keeper{Store: sqlstore.NewKeys(a.store, a.store)}
	return factor.Keepers{
		policy.AppPIN: phone.Keeper{Store: a.devices}, policy.SMS: a.numbers, policy.TOTP: sqlstore.NewAuthenticators(a.store, a.store),
		policy.RecoveryCode: sqlstore.NewRecoveryCodes(a.store),
		policy.SecurityKey:  keys, policy.Passkey: keys, policy.HardwareKey: keys, policy.IssuedKey: keys,
	}
}

// losing makes the way back for people who lost every second factor. It hears of each sign-in
// with one, which stops it.
func (a *app) losing(tickets *mailproof.Service) mounter {
	a.lost = &lostfactor.Service{
		Store: a.store, KV: a.kv, Tickets: tickets, Accounts: a.store, Numbers: a.numbers, Keepers: a.keepers(), Journal: a.journal,
		Recorder: a.store, Limits: a.limits, Prover: login.Lost{Service: a.login}, Ender: a.signout, Delay: a.LostFactor,
		Texts: a.SMSURL != "" || a.Development, Issuer: a.Issuer, Now: a.now, Rand: rand.Reader,
	}
	a.login.FactorShown = a.lost.FactorShown
	a.group.Add("lost factors", every(lostfactor.Every, a.log, a.lost.Tick))
	return &lostpages.Pages{Site: a.site, Lost: a.lost, Browser: a.browser}
}

// rightsPages makes "My data": the copy, with what cpms stores, and the erasure, which the clock carries out.
func (a *app) rightsPages() mounter {
	s := &rights.Service{
		Store: a.store, Accounts: a.store, Sessions: a.sessions, Ender: a.signout, Subject: a.subject, Issuer: a.Issuer, Now: a.now, Rand: rand.Reader,
		Others: map[string]rights.Other{"CPMS": rpc.Copies{Client: cpmsv1.NewSubjectsClient(a.cpms), Parties: a.parties(), Issuer: a.Issuer}},
	}
	a.group.Add("erasures", every(rights.Every, a.log, s.Tick))
	return &rightspages.Pages{Site: a.site, Browser: a.browser, Rights: s, Factors: a.login}
}

// helping makes the helpdesk.
func (a *app) helping(tickets *mailproof.Service, mailer helpdesk.Mailer, address func(*http.Request) string) mounter {
	return &helpdeskpages.Pages{Site: a.site, Browser: a.browser, Address: address, Desk: &helpdesk.Service{
		Store: a.store, Accounts: a.store, Keepers: a.keepers(), Losses: a.lost, Keys: a.keys, Mailer: mailer, Tickets: tickets, Limits: a.limits,
		Issuer: a.Issuer, Now: a.now, Rand: rand.Reader,
	}}
}

// undoing makes the pages behind "this wasn't me".
func (a *app) undoing() mounter {
	return &undo.Pages{Site: a.site, Changes: journal.Undo{Journal: a.journal, Changes: a.store, Keepers: a.keepers(), Ender: a.signout}}
}
