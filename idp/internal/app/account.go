package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// Account lets an operator close, open or erase an account: args are the verb and the e-mail
// address or the identifier. It may run beside the service, which looks at the account at each
// use and tells other services. The verb group has verbs of its own.
func Account(ctx context.Context, c Config, args []string, out io.Writer) error {
	if len(args) != 2 && (len(args) < 2 || args[0] != "group") {
		return fmt.Errorf("account: disable, enable or erase, and an e-mail address or identifier; receipt and its number; or group and its verbs")
	}
	db, err := sqldb.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	store := sqlstore.New(db)
	switch args[0] {
	case "receipt":
		return receipt(ctx, store, args[1], out)
	case "group":
		return groups(ctx, store, args[1:], out)
	}
	a, err := whose(ctx, store, args[1])
	if err != nil {
		return fmt.Errorf("account %q: %w", args[1], err)
	}
	at := time.Now()
	switch args[0] {
	case "disable":
		err = store.SetStatus(ctx, at, a.ID, account.Disabled, audit.AccountDisabled(a.ID))
	case "enable":
		err = store.SetStatus(ctx, at, a.ID, account.Active, audit.AccountEnabled(a.ID))
	case "erase":
		err = store.Erase(ctx, at, a.ID, audit.AccountErased(a.ID))
	default:
		return fmt.Errorf("account: unknown verb %q", args[0])
	}
	if err == nil && args[0] != "enable" {
		err = endSessions(ctx, c, db, store, a.ID, args[0]+"d")
	}
	if err == nil {
		fmt.Fprintf(out, "account %s: %sd\n", a.ID, args[0])
	}
	return err
}

// receipt says what became of the erasure with this number.
func receipt(ctx context.Context, store *sqlstore.Store, number string, out io.Writer) error {
	e, err := store.ErasureByID(ctx, number)
	if err != nil {
		return fmt.Errorf("receipt %q: %w", number, err)
	}
	fmt.Fprintf(out, "erasure %s: %s, asked %s", e.ID, e.State, e.AskedAt.Format(time.RFC3339))
	if !e.EndedAt.IsZero() {
		fmt.Fprintf(out, ", ended %s", e.EndedAt.Format(time.RFC3339))
	}
	fmt.Fprintln(out)
	return nil
}

// endSessions ends what the person has open; services that listen are told by the running
// service.
func endSessions(ctx context.Context, c Config, db *sqldb.DB, store *sqlstore.Store, id account.ID, why string) error {
	var expiring kv.Store = kv.NewEmbedded(db, time.Now)
	if c.Expiring != "embedded" {
		redis, err := kv.NewRedis(c.Expiring, "idp")
		if err != nil {
			return err
		}
		expiring = redis
	}
	kek, err := c.sealKey()
	if err != nil {
		return err
	}
	registrar, err := c.registrar(ctx, store, kek, time.Now, slog.Default())
	if err != nil {
		return err
	}
	ender := &signout.Service{
		Sessions: session.New(expiring, time.Now, rand.Reader), Store: store, Now: time.Now, Kick: func() {},
		Listens: func(name string) bool {
			known, err := registrar.Clients.Known(ctx, name)
			return err == nil && known.BackchannelLogout != ""
		},
	}
	_, err = ender.Revoke(ctx, id, why)
	return err
}

// whose finds an account by address or by identifier.
func whose(ctx context.Context, store account.Reader, who string) (account.Account, error) {
	if !strings.Contains(who, "@") {
		return store.ByID(ctx, account.ID(who))
	}
	key, err := ident.EmailKey(who)
	if err != nil {
		return account.Account{}, err
	}
	return store.ByEmailKey(ctx, key)
}
