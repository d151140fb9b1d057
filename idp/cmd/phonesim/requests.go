package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"eulogin.example/idp/internal/phoneclient"
)

// waiting is a request together with the link that it came in on.
type waiting struct {
	phoneclient.Request
	Account string `json:"account"`
	link    phoneclient.Link
}

func (w waiting) String() string {
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\tuntil %s", w.ID, w.Account, w.Service, w.Browser, w.Address,
		time.Unix(w.ExpiresAt, 0).Format(time.TimeOnly))
}

// look asks for all links at once, waiting a while for other sign-ins than the known ones.
func (p *handset) look(ctx context.Context, known []string, wait time.Duration) ([]waiting, error) {
	links, err := p.links()
	if err != nil {
		return nil, err
	}
	of := map[string][]phoneclient.Link{} // by issuer
	for _, l := range links {
		of[l.Issuer] = append(of[l.Issuer], l)
	}
	var out []waiting
	for _, same := range of {
		found, err := p.client.Watch(ctx, same, known, wait/time.Duration(len(of)))
		if err != nil {
			return nil, err
		}
		for i, one := range found {
			if one.Status != "active" {
				return nil, fmt.Errorf("the phone of %s is %s", same[i].Email, one.Status)
			}
			for _, r := range one.Requests {
				if p.request == "" || p.request == r.ID {
					out = append(out, waiting{Request: r, Account: same[i].Email, link: same[i]})
				}
			}
		}
	}
	return out, nil
}

// await looks until something waits or the time is over.
func (p *handset) await(ctx context.Context) ([]waiting, error) {
	end := time.Now().Add(p.wait)
	for {
		found, err := p.look(ctx, nil, max(min(time.Until(end), 20*time.Second), 0))
		if err != nil || len(found) > 0 {
			return found, err
		}
		if !time.Now().Add(time.Second).Before(end) {
			return nil, errNothing
		}
	}
}

// one gives the request to answer.
func (p *handset) one(ctx context.Context) (waiting, error) {
	found, err := p.await(ctx)
	if err != nil {
		return waiting{}, err
	}
	if len(found) > 1 {
		return waiting{}, errors.New("several sign-ins wait; choose one with --request or --account")
	}
	return found[0], nil
}

func (p *handset) inbox(ctx context.Context) error {
	found, err := p.await(ctx)
	if err != nil {
		return err
	}
	for _, w := range found {
		if err := p.say(w, "%s", w); err != nil {
			return err
		}
	}
	return nil
}

func (p *handset) approve(ctx context.Context) error {
	if p.number == "" || p.pin == "" && !p.finger {
		return errUsage
	}
	w, err := p.one(ctx)
	if err != nil {
		return err
	}
	if p.finger {
		err = p.approveByFinger(ctx, w)
	} else if err = p.client.Approve(ctx, w.link, w.Request, p.number, p.pin); err == nil {
		err = p.keepOffline(ctx, w.link)
	}
	if err != nil {
		return err
	}
	return p.say(map[string]string{"state": "approved", "id": w.ID}, "approved: %s", w.Service)
}

func (p *handset) deny(ctx context.Context) error {
	w, err := p.one(ctx)
	if err != nil {
		return err
	}
	if err := p.client.Deny(ctx, w.link, w.Request, p.notMe); err != nil {
		return err
	}
	return p.say(map[string]string{"state": "denied", "id": w.ID}, "denied: %s", w.Service)
}

// watch prints each sign-in once, until it is interrupted.
func (p *handset) watch(ctx context.Context) error {
	var known []string
	for ctx.Err() == nil {
		found, err := p.look(ctx, known, 20*time.Second)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		before := known
		known = nil
		for _, w := range found {
			known = append(known, w.ID)
			if slices.Contains(before, w.ID) {
				continue
			}
			if err := p.say(w, "%s", w); err != nil {
				return err
			}
		}
	}
	return nil
}

// say prints an object or a line.
func (p *handset) say(object any, format string, args ...any) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(object)
	}
	_, err := fmt.Fprintf(p.out, format+"\n", args...)
	return err
}
