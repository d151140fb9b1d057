package main

import (
	"context"
	"errors"
	"time"

	"eulogin.example/idp/internal/phoneclient"
)

// offlineCode answers the QR code of a sign-in. It makes no call.
func (p *handset) offlineCode(context.Context) error {
	text, err := p.argument()
	if err != nil || p.pin == "" {
		return errors.Join(errUsage, err)
	}
	code, err := phoneclient.ParseSignCode(text)
	if err != nil {
		return err
	}
	links, err := p.links()
	if err != nil {
		return err
	}
	for _, l := range links {
		digits, err := phoneclient.OfflineCode(l, code, p.pin, time.Now())
		if errors.Is(err, phoneclient.ErrOtherAccount) {
			continue
		}
		if err != nil {
			return err
		}
		return p.say(map[string]string{"code": digits, "service": code.Service, "browser": code.Browser, "account": l.Email}, "%s %s", digits[:4], digits[4:])
	}
	return phoneclient.ErrOtherAccount
}

// onMobile approves the sign-in of this phone's own browser and says where that has to go.
// With several accounts and nobody named yet, --account chooses.
func (p *handset) onMobile(ctx context.Context) error {
	text, err := p.argument()
	if err != nil || p.pin == "" && !p.finger {
		return errors.Join(errUsage, err)
	}
	code, err := phoneclient.ParseHereCode(text)
	if err != nil {
		return err
	}
	links, err := p.links()
	if err != nil {
		return err
	}
	asked := errNothing
	for _, l := range links {
		if l.Issuer != code.Issuer {
			continue
		}
		r, err := p.client.Here(ctx, l, code)
		if err != nil {
			asked = err
			continue
		}
		back, err := p.here(ctx, l, r)
		if err != nil {
			return err
		}
		return p.say(map[string]string{"return": l.Issuer + back, "service": r.Service, "account": l.Email}, "%s", l.Issuer+back)
	}
	return asked
}

// keepOffline gets a phone from before offline codes its key, now that the PIN is known.
func (p *handset) keepOffline(ctx context.Context, l phoneclient.Link) error {
	if len(l.Offline) > 0 {
		return nil
	}
	fresh, err := p.client.RenewOffline(ctx, l, p.pin)
	if err != nil {
		return err
	}
	return p.keep(fresh)
}

// keep writes a changed link down.
func (p *handset) keep(fresh phoneclient.Link) error {
	for i := range p.memory.Links {
		if p.memory.Links[i].DeviceID == fresh.DeviceID {
			p.memory.Links[i] = fresh
		}
	}
	return p.memory.Save(p.state)
}

// changePIN replaces the PIN of one account's link.
func (p *handset) changePIN(ctx context.Context) error {
	if p.pin == "" || p.newPIN == "" {
		return errUsage
	}
	l, err := p.link()
	if err != nil {
		return err
	}
	fresh, err := p.client.ChangePIN(ctx, l, p.pin, p.newPIN)
	if err != nil {
		return err
	}
	if err := p.keep(fresh); err != nil {
		return err
	}
	return p.say(describe(fresh), "the PIN of %s was changed", l.Email)
}
