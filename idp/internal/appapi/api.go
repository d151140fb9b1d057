package appapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/proto/kit/kv"
)

// Config is what the API needs; every field is required.
type Config struct {
	Issuer string // the identity provider's address without a slash at the end
	Phone  *phone.Service
	KV     kv.Store
	// Binding gives the digest that sign-ins of the calling browser are bound to, "" for a
	// caller without that cookie.
	Binding func(*http.Request) string
	Now     func() time.Time
	Log     *slog.Logger
}

// API serves the app's messages.
type API struct {
	issuer  string
	phone   *phone.Service
	kv      kv.Store
	binding func(*http.Request) string
	now     func() time.Time
	log     *slog.Logger
	polls   chan struct{} // one token for each waiting call
	tick    time.Duration // how often a waiting call looks
	over    chan struct{} // closed when waiting calls shall answer at once
	drain   sync.Once
}

// maxPolls bounds the calls that wait for a request at one time; the next one is answered
// at once and the app comes back later.
const maxPolls = 2000

// tick is how often a waiting call looks: an open app hears of a request within a second.
const tick = 500 * time.Millisecond

// New checks the configuration.
func New(c Config) (*API, error) {
	if c.Issuer == "" || c.Phone == nil || c.KV == nil || c.Binding == nil || c.Now == nil || c.Log == nil {
		return nil, errors.New("appapi: Config is incomplete")
	}
	return &API{
		issuer: c.Issuer, phone: c.Phone, kv: c.KV, binding: c.Binding, now: c.Now, log: c.Log,
		polls: make(chan struct{}, maxPolls), tick: tick,
		over: make(chan struct{}),
	}, nil
}

// Drain makes every waiting call answer at once, now and from now on, so that the server
// can stop without waiting for phones (http.Server.RegisterOnShutdown).
func (a *API) Drain() { a.drain.Do(func() { close(a.over) }) }

// Mount adds the API's routes:
//
//	POST /app/api/enrol                  initialise this phone (signed with the new key)
//	GET  /app/api/device                 is this phone still linked, and to whom
//	POST /app/api/device/unlink          forget this phone
//	POST /app/api/device/pin             another PIN
//	POST /app/api/device/biometrics/ask  what the phone's own authenticator is asked
//	POST /app/api/device/biometrics      what it answered: from now on it can stand for the PIN
//	POST /app/api/device/biometrics/off  the PIN alone again
//	POST /app/api/device/push            where this phone is woken
//	POST /app/api/device/push/off        nowhere any more
//	POST /app/api/device/offline         a key for codes without a network
//	GET  /app/api/here/{id}              a sign-in in the browser of this phone
//	POST /app/api/here/{id}              approve it
//	GET  /app/api/requests?wait=SECONDS  open sign-in requests
//	POST /app/api/watch                  the same for all accounts of a phone
//	POST /app/api/requests/{id}/answer   approve, deny, "this was not me"
func (a *API) Mount(mux *http.ServeMux) {
	mux.Handle("POST /app/api/enrol", a.handle(a.enrol))
	mux.Handle("GET /app/api/device", a.signed(a.about))
	mux.Handle("POST /app/api/device/unlink", a.signed(a.unlink))
	mux.Handle("POST /app/api/device/pin", a.active(a.newPIN))
	mux.Handle("POST /app/api/device/biometrics/ask", a.active(a.askBiometrics))
	mux.Handle("POST /app/api/device/biometrics", a.active(a.setBiometrics))
	mux.Handle("POST /app/api/device/biometrics/off", a.active(a.dropBiometrics))
	mux.Handle("POST /app/api/device/push", a.active(a.subscribe))
	mux.Handle("POST /app/api/device/push/off", a.active(a.quiet))
	mux.Handle("POST /app/api/device/offline", a.active(a.offline))
	mux.Handle("GET /app/api/here/{id}", a.active(a.here))
	mux.Handle("POST /app/api/here/{id}", a.active(a.approveHere))
	mux.Handle("GET /app/api/requests", a.active(a.requests))
	mux.Handle("POST /app/api/watch", a.active(a.watch))
	mux.Handle("POST /app/api/requests/{id}/answer", a.active(a.answer))
	mux.Handle("/app/api/", a.handle(func(http.ResponseWriter, *http.Request) (any, error) { return nil, ErrNoCall }))
}

// call is a request of a known device, with the body that its signature covers.
type call struct {
	*http.Request
	device phone.Device
	body   []byte
}

func (c call) ctx() context.Context { return c.Request.Context() }

// signed admits devices that exist, also disabled ones.
func (a *API) signed(h func(http.ResponseWriter, call) (any, error)) http.Handler {
	return a.handle(func(w http.ResponseWriter, r *http.Request) (any, error) {
		m, err := a.read(w, r)
		if err != nil {
			return nil, err
		}
		d, err := a.device(r.Context(), m)
		if err != nil {
			return nil, err
		}
		return h(w, call{Request: r, device: d, body: m.body})
	})
}

// active admits devices that can be used.
func (a *API) active(h func(http.ResponseWriter, call) (any, error)) http.Handler {
	return a.signed(func(w http.ResponseWriter, c call) (any, error) {
		if c.device.Status != phone.Active {
			return nil, phone.ErrDeviceDisabled
		}
		return h(w, c)
	})
}
