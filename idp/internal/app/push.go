package app

import (
	"context"
	"crypto/rand"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/webpush"
	"eulogin.example/proto/kit/outbox"
)

// push makes the way to phones that are not open, where the operator has a key for it.
func (a *app) push() error {
	if a.PushKey == "" {
		return nil
	}
	id, err := webpush.NewIdentity(a.PushKey, a.PushContact)
	if err != nil {
		return err
	}
	a.pushes = webpush.NewSender(id, a.Development, a.now, rand.Reader)
	return nil
}

// waker is the same as package phone sees it.
func (a *app) waker() phone.Waker {
	if a.pushes == nil {
		return nil
	}
	return a.pushes
}

// deliverPush wakes phones. Where that was switched off, what still waits is dropped.
func (a *app) deliverPush() outbox.Deliver {
	if a.pushes == nil {
		return func(context.Context, outbox.Row) error { return nil }
	}
	return a.pushes.Deliver(a.phone)
}
