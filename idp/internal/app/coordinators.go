package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/proto/kit/fault"
)

// ready is one of the coordinators that the development profile makes ready.
type ready struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	PIN      string `json:"pin"`
	Phone    string `json:"phone"` // phonesim's state file
	id       ident.AccountID
	name     [2]string
}

// coordinators makes, at the first start, two accounts that can decide: one for ERN-EYE, one
// for all networks, each with a phone that phonesim plays. It ends when that is done; the
// process goes on.
func (a *app) coordinators(ctx context.Context) error {
	file := filepath.Join(a.DataDir, "coordinators.json")
	raw, err := os.ReadFile(file)
	var all map[string]ready
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if all, err = a.makeCoordinators(ctx, file); err != nil {
			a.log.ErrorContext(ctx, "the ready coordinators could not be made", "error", err)
		}
	case err == nil:
		err = json.Unmarshal(raw, &all)
	}
	if err == nil {
		for _, name := range []string{"ern-eye", "all"} {
			c := all[name]
			fmt.Fprintf(a.out, "coordinator for %-8s %s  password %s  PIN %s\n  the phone: bin/phonesim approve --state %s --pin %s --number NN\n", name, c.Email, c.Password, c.PIN, c.Phone, c.PIN)
		}
	}
	<-ctx.Done()
	return nil
}

func (a *app) makeCoordinators(ctx context.Context, file string) (map[string]ready, error) {
	all := map[string]ready{
		"ern-eye": {Email: "coordinator.eye@eulogin.example", id: "n00coordeye", name: [2]string{"Elena", "Eyre"}},
		"all":     {Email: "coordinator.all@eulogin.example", id: "n00coordall", name: [2]string{"Aleksander", "Allik"}},
	}
	for name, c := range all {
		c.PIN, c.Password = "7394", a.passwords.Samples()[0]
		c.Phone = filepath.Join(a.DataDir, "phone-"+name+".json")
		if err := a.makeCoordinator(ctx, c); err != nil {
			return nil, err
		}
		all[name] = c
	}
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, err
	}
	return all, os.WriteFile(file, raw, 0o600)
}

// makeCoordinator makes account and device. A start that was cut short is taken up again.
func (a *app) makeCoordinator(ctx context.Context, c ready) error {
	about := password.About{}
	hash, err := a.passwords.Hash(ctx, c.Password, about)
	if err != nil {
		return err
	}
	key, err := ident.EmailKey(c.Email)
	if err != nil {
		return err
	}
	err = a.store.Create(ctx, account.Account{
		ID: c.id, GivenName: c.name[0], FamilyName: c.name[1], Email: c.Email, EmailKey: key, MailLang: "en", Status: account.Active,
		Assurance: account.AssuranceSelfRegistered, PrivacyVersion: "development", CreatedAt: a.now(),
	}, hash, []audit.Event{audit.AccountCreated(c.id, "development", "development")}, nil)
	if fault.KindOf(err) == fault.Conflict {
		err = a.passwords.Set(ctx, c.id, c.Password, about, nil, nil)
	}
	if err != nil {
		return err
	}
	enrolment, secret, err := a.phone.Begin(ctx, c.id, phone.NewDevice{Name: "Simulator " + ident.NewTypedCode(rand.Reader, 4), PIN: c.PIN, Again: c.PIN})
	if err != nil {
		return err
	}
	return a.initialise(ctx, c, phoneclient.Code{Issuer: a.Issuer, ID: enrolment.ID, Secret: secret})
}

// initialise plays the phone over the real protocol, once the pages are up.
func (a *app) initialise(ctx context.Context, c ready, code phoneclient.Code) error {
	key, err := phoneclient.NewKey()
	if err != nil {
		return err
	}
	robot := &phoneclient.Client{HTTP: &http.Client{Timeout: 5 * time.Second}, Now: a.now}
	var link phoneclient.Link
	for range 50 {
		if link, err = robot.Enrol(ctx, code, key, c.PIN, "phonesim"); err == nil {
			return phoneclient.Memory{Links: []phoneclient.Link{link}}.Save(c.Phone)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return err
}
