package app

import (
	"crypto/rand"
	"errors"

	"eulogin.example/idp/internal/codelogin"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web/authenticators"
	"eulogin.example/idp/internal/web/recoverycodes"
)

// codes makes the verification methods with typed codes and adds them to those of a sign-in.
func (a *app) codes(kek []byte, methods map[policy.Method]login.Method) error {
	box, err := seal.New(kek)
	if err != nil {
		return err
	}
	a.totp, err = totp.New(totp.Config{
		Product: a.Product, Store: sqlstore.NewAuthenticators(a.store, a.store), KV: a.kv, Box: box, Limits: a.limits, Journal: a.journal, Now: a.now, Rand: rand.Reader,
	})
	if err != nil {
		return err
	}
	a.recovery, err = recovery.New(recovery.Config{
		Store: sqlstore.NewRecoveryCodes(a.store), KV: a.kv, Limits: a.limits, People: a.devices, Journal: a.journal, Issuer: a.Issuer, Now: a.now, Rand: rand.Reader,
	})
	if err != nil {
		return err
	}
	methods[policy.TOTP], methods[policy.RecoveryCode] = codelogin.TOTP{Service: a.totp}, codelogin.Recovery{Service: a.recovery}
	if !a.SMSMethod {
		return nil
	}
	texts, err := sms.NewSignIn(sms.SignInConfig{
		Numbers: a.numbers, KV: a.kv, Limits: a.limits, People: a.devices, Recorder: a.store, Product: a.Product, Now: a.now, Rand: rand.Reader,
	})
	methods[policy.SMS] = codelogin.SMS{Service: texts}
	return err
}

// codePages are the pages on which those methods are managed.
func (a *app) codePages() ([]mounter, error) {
	apps, err1 := authenticators.New(authenticators.Config{Site: a.site, TOTP: a.totp, Factors: a.login, Browser: a.browser, Now: a.now})
	codes, err2 := recoverycodes.New(recoverycodes.Config{Site: a.site, Codes: a.recovery, Factors: a.login, Browser: a.browser})
	return []mounter{apps, codes}, errors.Join(err1, err2)
}
