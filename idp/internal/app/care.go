package app

import (
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/journal"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web/undo"
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

// undoing makes the pages behind "this wasn't me".
func (a *app) undoing() mounter {
	return &undo.Pages{Site: a.site, Changes: journal.Undo{Journal: a.journal, Changes: a.store, Keepers: a.keepers(), Ender: a.signout}}
}
