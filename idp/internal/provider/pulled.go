package provider

import (
	"context"
	"errors"
	"net/url"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/proto/kit/kv"
)

// pulledLife is how long it is known of a pushed request that a browser began to answer it: as long
// as its sign-in may take.
const pulledLife = pushedLife + login.TTL

// opens reports whether a browser may open the request now, also again: people reload pages, and
// come back to them (RFC 9126 §7.3). Once a sign-in began for it, no other browser may.
func (p pushed) opens(c *client.Client, browser string, now time.Time) bool {
	return p.Client == c.ID && !p.Used && now.Before(p.Expires) && (p.Browser == "" || ident.Same(p.Browser, browser))
}

// pulled finds a pushed request and gives the reference by which it is settled. The address of its answer
// may have been taken off the list since it was pushed (security case 13).
func (s *server) pulled(ctx context.Context, c *client.Client, token, browser string) (form url.Values, ref string, err error) {
	if !ident.IsToken(token) {
		return nil, "", errPushed
	}
	ref = ident.Digest(token)
	p, err := kv.GetJSON[pushed](ctx, s.KV, pushedKey(ref))
	if errors.Is(err, kv.ErrNotFound) || err == nil && !p.opens(c, browser, s.Now()) {
		return nil, "", errPushed
	}
	if err == nil && !c.Redirects(p.Form.Get("redirect_uri")) {
		return nil, "", errRedirect
	}
	return p.Form, ref, err
}

// keep binds a pushed request to the browser in which its sign-in begins (security case 2).
func (s *server) keep(ctx context.Context, c *client.Client, ref, browser string) error {
	if ref == "" {
		return nil
	}
	_, err := kv.Update(ctx, s.KV, pushedKey(ref), pulledLife, func(p *pushed) error {
		if !p.opens(c, browser, s.Now()) {
			return errPushed
		}
		p.Browser = browser
		return nil
	})
	return err
}

// settle uses a pushed request up, at the moment of its answer: however many browsers and windows
// came with it, one is answered.
func (s *server) settle(ctx context.Context, ref string) error {
	if ref == "" {
		return nil
	}
	_, err := kv.Update(ctx, s.KV, pushedKey(ref), pulledLife, func(p *pushed) error {
		if p.Client == "" || p.Used {
			return errPushed
		}
		p.Used, p.Form = true, nil
		return nil
	})
	return err
}

func pushedKey(ref string) string { return "par:" + ref }
