package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"eulogin.example/idp/internal/phoneclient"
)

// enrol initialises the phone. The key is written down before it is sent, so that a call
// whose answer was lost can be repeated and ends with the same device.
func (p *handset) enrol(ctx context.Context) error {
	text, err := p.argument()
	if err != nil {
		return err
	}
	code, err := phoneclient.ParseCode(text)
	if err != nil {
		return err
	}
	key, err := p.pendingKey(code.ID)
	if err != nil {
		return err
	}
	link, err := p.client.Enrol(ctx, code, key, p.pin, "phonesim")
	var refused *phoneclient.Problem
	if errors.As(err, &refused) && refused.Code != "phone.pin_wrong" && refused.Status < http.StatusInternalServerError {
		delete(p.memory.Pending, code.ID) // this code will never work
		err = errors.Join(err, p.memory.Save(p.state))
	}
	if err != nil {
		return err
	}
	delete(p.memory.Pending, code.ID)
	p.memory.Links = slices.DeleteFunc(p.memory.Links, func(l phoneclient.Link) bool { return l.DeviceID == link.DeviceID })
	p.memory.Links = append(p.memory.Links, link)
	if err := p.memory.Save(p.state); err != nil {
		return err
	}
	return p.say(describe(link), "%s is initialised for %s <%s>", link.Name, link.Account, link.Email)
}

// argument gives the one text that a command is about; "-" reads it from standard input.
func (p *handset) argument() (string, error) {
	if len(p.rest) != 1 {
		return "", errUsage
	}
	if p.rest[0] != "-" {
		return p.rest[0], nil
	}
	b, err := io.ReadAll(io.LimitReader(p.in, 4096))
	return string(b), err
}

func (p *handset) pendingKey(id string) (phoneclient.Key, error) {
	if k := p.memory.Pending[id]; k != nil {
		return *k, nil
	}
	key, err := phoneclient.NewKey()
	if err != nil {
		return key, err
	}
	if p.memory.Pending == nil {
		p.memory.Pending = map[string]*phoneclient.Key{}
	}
	p.memory.Pending[id] = &key
	return key, p.memory.Save(p.state)
}

// devices shows what the phone is linked to and what the server says about it now.
func (p *handset) devices(ctx context.Context) error {
	links, err := p.links()
	if err != nil {
		return err
	}
	for _, l := range links {
		d, err := p.client.Device(ctx, l)
		status := d.Status
		var refused *phoneclient.Problem
		if errors.As(err, &refused) && refused.Code == "phone.device_unknown" {
			status, err = "deleted", nil
		}
		if err != nil {
			return err
		}
		shown := describe(l)
		shown["status"] = status
		if err := p.say(shown, "%s\t%s\t%s\t%s", l.Email, l.Name, status, l.Issuer); err != nil {
			return err
		}
	}
	return nil
}

// unlink forgets a link on both sides; a device that the server no longer knows is
// forgotten here all the same.
func (p *handset) unlink(ctx context.Context) error {
	l, err := p.link()
	if err != nil {
		return err
	}
	err = p.client.Unlink(ctx, l)
	var refused *phoneclient.Problem
	if err != nil && !(errors.As(err, &refused) && refused.Code == "phone.device_unknown") {
		return err
	}
	p.memory.Links = slices.DeleteFunc(p.memory.Links, func(o phoneclient.Link) bool { return o.DeviceID == l.DeviceID })
	if err := p.memory.Save(p.state); err != nil {
		return err
	}
	return p.say(describe(l), "%s is no longer linked to %s", l.Name, l.Email)
}

// links gives the links of the chosen account, or all.
func (p *handset) links() ([]phoneclient.Link, error) {
	var out []phoneclient.Link
	for _, l := range p.memory.Links {
		if p.account == "" || strings.EqualFold(p.account, l.Email) {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s is not initialised; run phonesim enrol", p.state)
	}
	return out, nil
}

func (p *handset) link() (phoneclient.Link, error) {
	all, err := p.links()
	if err == nil && len(all) > 1 {
		err = errors.New("the phone has several accounts; choose one with --account")
	}
	if err != nil {
		return phoneclient.Link{}, err
	}
	return all[0], nil
}

// describe gives what of a link may be shown: everything but its key.
func describe(l phoneclient.Link) map[string]string {
	return map[string]string{"issuer": l.Issuer, "device_id": l.DeviceID, "name": l.Name, "account": l.Account, "email": l.Email}
}
