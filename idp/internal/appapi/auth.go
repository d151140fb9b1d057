package appapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

const (
	// clockSlack is how far a phone's clock may be off; nonces are remembered for longer
	// than a signature can be fresh.
	clockSlack = 2 * time.Minute
	nonceKept  = 5 * time.Minute
	maxBody    = 8 << 10
)

// Failures of the outer wrapping of a message.
var (
	ErrClock    = fault.New(fault.Unauthenticated, "phone.clock")
	ErrReplayed = fault.New(fault.Unauthenticated, "phone.replayed")
	ErrBody     = fault.New(fault.Invalid, "phone.message_invalid")
)

// message is a request whose outer form has been read and nothing of it believed yet.
type message struct {
	sig    signature
	method string
	target string
	body   []byte
}

// read takes body and signature headers in. The target is built from the configured issuer,
// never from the Host header, so that a signature for another server does not fit here.
func (a *API) read(w http.ResponseWriter, r *http.Request) (message, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return message{}, ErrBody.Because(err)
	}
	sig, err := readSignature(r.Header)
	if err != nil {
		return message{}, err
	}
	return message{sig: sig, method: r.Method, target: a.issuer + r.URL.RequestURI(), body: body}, nil
}

// verify checks body digest, signature, clock and nonce with the given key, in this order:
// only the holder of the key learns that the clock is wrong or can use a nonce up.
func (a *API) verify(ctx context.Context, m message, key phone.Key) error {
	if !m.sig.covers(m.body) || !key.Verify(m.sig.base(m.method, m.target), m.sig.Value) {
		return ErrUnsigned
	}
	if gap := a.now().Sub(m.sig.Created); gap > clockSlack || gap < -clockSlack {
		return ErrClock
	}
	name := "appnonce:" + ident.Digest(key.Thumbprint()+" "+m.sig.Nonce)
	err := a.kv.Swap(ctx, name, nil, []byte{1}, nonceKept)
	if errors.Is(err, kv.ErrChanged) {
		return ErrReplayed
	}
	return err
}

// device finds the device that signed the message. A device that is gone is told so before
// any signature can be checked: its id is 130 random bits and says nothing of an account.
func (a *API) device(ctx context.Context, m message) (phone.Device, error) {
	d, err := a.phone.ByID(ctx, m.sig.KeyID)
	if err != nil {
		return phone.Device{}, err
	}
	if err := a.verify(ctx, m, d.Key); err != nil {
		return phone.Device{}, err
	}
	return d, nil
}
