//go:build cgo

package pkcs11

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/pkcs11"

	"eulogin.example/idp/internal/signing"
)

// sessions is how many operations the token does at once; further ones wait.
const sessions = 8

// Token is an open token. It is safe for concurrent use.
type Token struct {
	ctx  *pkcs11.Ctx
	slot uint
	pin  string
	busy chan struct{}             // one for each session in use
	idle chan pkcs11.SessionHandle // logged in, with no operation under way
	can  map[uint]bool             // by mechanism
}

var _ signing.Keeper = (*Token)(nil)

// Open finds the token by its label and logs in.
func Open(c Config) (signing.Keeper, error) { return open(c) }

func open(c Config) (*Token, error) {
	ctx := pkcs11.New(c.Module)
	if ctx == nil {
		return nil, fmt.Errorf("pkcs11: %s is no module", c.Module)
	}
	if err := ctx.Initialize(); err != nil && !is(err, pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		return nil, fmt.Errorf("pkcs11: %s: %w", c.Module, err)
	}
	t := &Token{ctx: ctx, pin: c.PIN, busy: make(chan struct{}, sessions), idle: make(chan pkcs11.SessionHandle, sessions), can: map[uint]bool{}}
	if err := t.find(c.Token); err != nil {
		return nil, err
	}
	mechanisms, err := ctx.GetMechanismList(t.slot)
	if err != nil {
		return nil, fmt.Errorf("pkcs11: mechanisms: %w", err)
	}
	for _, m := range mechanisms {
		t.can[m.Mechanism] = true
	}
	return t, t.with(func(pkcs11.SessionHandle) error { return nil })
}

// find finds the slot in which the token is.
func (t *Token) find(label string) error {
	slots, err := t.ctx.GetSlotList(true)
	if err != nil {
		return fmt.Errorf("pkcs11: slots: %w", err)
	}
	for _, slot := range slots {
		info, err := t.ctx.GetTokenInfo(slot)
		if err == nil && strings.TrimRight(info.Label, " \x00") == label {
			t.slot = slot
			return nil
		}
	}
	return fmt.Errorf("pkcs11: there is no token with the label %q", label)
}

// with does something in a session that is logged in. Where the token was away in the meantime, it is
// done again in a new one.
func (t *Token) with(do func(pkcs11.SessionHandle) error) error {
	t.busy <- struct{}{}
	defer func() { <-t.busy }()
	err := t.once(do)
	for tries := 0; lost(err) && tries < sessions; tries++ { // each idle session may be lost as well
		err = t.once(do)
	}
	return err
}

func (t *Token) once(do func(pkcs11.SessionHandle) error) error {
	s, err := t.session()
	if err != nil {
		return err
	}
	if err := do(s); err != nil {
		_ = t.ctx.CloseSession(s) // it may have an operation under way
		return fmt.Errorf("pkcs11: %w", err)
	}
	t.idle <- s
	return nil
}

// session gives an idle session, or opens one.
func (t *Token) session() (pkcs11.SessionHandle, error) {
	select {
	case s := <-t.idle:
		return s, nil
	default:
	}
	s, err := t.ctx.OpenSession(t.slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return 0, fmt.Errorf("pkcs11: session: %w", err)
	}
	if err := t.ctx.Login(s, pkcs11.CKU_USER, t.pin); err != nil && !is(err, pkcs11.CKR_USER_ALREADY_LOGGED_IN) {
		_ = t.ctx.CloseSession(s)
		return 0, fmt.Errorf("pkcs11: login: %w", err)
	}
	return s, nil
}

// lost says that a session is gone, or what it knew of keys is.
func lost(err error) bool {
	for _, code := range []uint{
		pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED, pkcs11.CKR_USER_NOT_LOGGED_IN, pkcs11.CKR_DEVICE_REMOVED,
		pkcs11.CKR_KEY_HANDLE_INVALID, pkcs11.CKR_OBJECT_HANDLE_INVALID,
	} {
		if is(err, code) {
			return true
		}
	}
	return false
}

func is(err error, code uint) bool {
	var e pkcs11.Error
	return errors.As(err, &e) && uint(e) == code
}
