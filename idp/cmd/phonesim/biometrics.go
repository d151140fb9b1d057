package main

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/phoneclient"
)

var errNoFinger = errors.New("biometrics are not switched on; run phonesim biometrics on")

// biometrics switches an authenticator in software on or off.
func (p *handset) biometrics(ctx context.Context) error {
	word, err := p.argument()
	if err != nil || p.pin == "" || word != "on" && word != "off" {
		return errors.Join(errUsage, err)
	}
	l, err := p.link()
	if err != nil {
		return err
	}
	l.Finger = nil
	if word == "off" {
		err = p.client.BiometricsOff(ctx, l, p.pin)
	} else if l.Finger, err = phoneclient.NewFinger(l.Issuer); err == nil {
		err = p.client.BiometricsOn(ctx, l, p.pin, l.Finger)
	}
	if err != nil {
		return err
	}
	if err := p.keep(l); err != nil {
		return err
	}
	return p.say(describe(l), "biometrics are %s for %s", word, l.Email)
}

// approveByFinger approves; the authenticator's counter is written down whatever comes of it.
func (p *handset) approveByFinger(ctx context.Context, w waiting) error {
	if w.link.Finger == nil {
		return errNoFinger
	}
	err := p.client.ApproveByBiometrics(ctx, w.link, w.Request, p.number, w.link.Finger)
	return errors.Join(err, p.keep(w.link))
}

// here approves for this phone's browser, by PIN or by biometrics.
func (p *handset) here(ctx context.Context, l phoneclient.Link, r phoneclient.Request) (string, error) {
	if !p.finger {
		return p.client.ApproveHere(ctx, l, r, p.pin)
	}
	if l.Finger == nil {
		return "", errNoFinger
	}
	back, err := p.client.ApproveHereByBiometrics(ctx, l, r, l.Finger)
	return back, errors.Join(err, p.keep(l))
}
