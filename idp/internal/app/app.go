// Package app is the only place of idp that knows all others: it builds the service from its
// settings and runs it.
package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"

	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/clientkeys"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/journal"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/notify/devsink"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/webpush"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/page"
	"eulogin.example/proto/kit/server"
	"eulogin.example/proto/kit/sqldb"
	"eulogin.example/proto/kit/telemetry"
	"eulogin.example/proto/kit/wire"
)

// app is a service being put together.
type app struct {
	Config
	out    io.Writer
	tel    *telemetry.Telemetry
	log    *slog.Logger
	now    func() time.Time
	group  *server.Group
	checks map[string]server.Check

	db      *sqldb.DB
	kv      kv.Store
	store   *sqlstore.Store
	devices *sqlstore.Devices
	numbers *sqlstore.Numbers
	site    *page.Site
	outbox  *outbox.Worker
	box     *seal.Box
	sink    *devsink.Sink

	clients   *client.Registry
	remote    *clientkeys.Keys
	registrar *registration.Service
	certs     *certificates // of clients; nil: they come without
	limits    *limit.Limits
	sessions  *session.Service
	passwords *password.Service
	pool      *password.Pool
	phone     *phone.Service
	pushes    *webpush.Sender // nil: nobody is woken
	totp      *totp.Service
	recovery  *recovery.Service
	keys      *webauthn.Service
	login     *login.Service
	browser   *browser.Browser
	grants    *grant.Service
	ring      *signing.Ring
	subjects  *pairwise.Subjects
	nonceKey  []byte // seals the nonces of DPoP
	signout   *signout.Service
	check     *check.Service
	consents  *consent.Service
	journal   journal.Journal
	cpms      *grpc.ClientConn // to cpms, opened when it is needed first
	lost      *lostfactor.Service
}

// Run runs idp until the context ends.
func Run(ctx context.Context, c Config, version string, out io.Writer) error {
	tel, err := telemetry.Setup(ctx, telemetry.Config{Service: "idp", Version: version, OTLPEndpoint: c.OTLP, LogFormat: c.LogFormat, Out: out, Reference: page.Reference})
	if err != nil {
		return err
	}
	defer func() { _ = tel.Shutdown(context.WithoutCancel(ctx)) }()
	slog.SetDefault(tel.Log)
	a := &app{Config: c, out: out, tel: tel, log: tel.Log, now: time.Now, group: &server.Group{Log: tel.Log}}
	if !c.Development {
		a.group.Drain = 2 * time.Second
	}
	for _, step := range []func(context.Context) error{a.stores, a.texts, a.domain, a.messages, a.certificates, a.web, a.grpc} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	defer func() { _ = a.db.Close() }()
	if err := a.group.AddHTTP("operations", c.OpsAddr, a.group.Ops(a.checks, tel.Metrics)); err != nil {
		return err
	}
	a.group.Add("keys", every(15*time.Second, a.log, a.ring.Refresh))
	a.group.Add("new algorithms", every(2*time.Second, a.log, a.ring.Prepare))
	a.group.Add("clients of files", every(time.Minute, a.log, func(context.Context) error { return a.clients.Reload() }))
	unserved := a.unserved()
	if err := unserved(ctx); err != nil {
		return err
	}
	a.group.Add("clients whose certificates are not let in", every(time.Minute, a.log, unserved))
	a.group.Add("clients", every(2*time.Second, a.log, a.clients.Refresh))
	a.group.Add("retention", every(time.Hour, a.log, a.retention))
	fmt.Fprintf(out, "idp is at %s\n", c.Issuer)
	if c.Development {
		fmt.Fprintf(out, "mails and text messages arrive at %s/dev/outbox\n", c.Issuer)
		a.group.Add("coordinators", a.coordinators)
	}
	return a.group.Run(ctx)
}

// stores opens the two stores and brings the schema up to date.
func (a *app) stores(ctx context.Context) (err error) {
	if a.db, err = sqldb.Open(ctx, a.Database); err != nil {
		return err
	}
	sets := []fs.FS{kv.Migrations(), outbox.Migrations(), sqlstore.Migrations()}
	if a.Development {
		sets = append(sets, devsink.Migrations())
	}
	if err := sqldb.Migrate(ctx, a.db, sets...); err != nil {
		return err
	}
	a.store = sqlstore.New(a.db)
	a.store.NumbersSignIn = a.SMSMethod
	a.devices, a.numbers = sqlstore.NewDevices(a.store, a.store), sqlstore.NewNumbers(a.store, a.store)
	a.checks = map[string]server.Check{"database": a.db.Ping}
	if a.Expiring == "embedded" {
		embedded := kv.NewEmbedded(a.db, a.now)
		a.kv = embedded
		a.group.Add("sweep", every(time.Minute, a.log, embedded.Sweep))
		return nil
	}
	redis, err := kv.NewRedis(a.Expiring, "idp")
	if err != nil {
		return err
	}
	a.kv, a.checks["expiring"] = redis, redis.Ping
	return nil
}

// retention forgets what is kept for a time only: the sign-in history for 90 days, refresh
// families that ended, and factors that can no longer be brought back.
func (a *app) retention(ctx context.Context) error {
	old := a.now().AddDate(0, 0, -90)
	removed := a.now().Add(-factor.KeptFor)
	return errors.Join(a.store.ForgetAttempts(ctx, old), a.store.ForgetFamilies(ctx, old), a.store.ForgetRemovedCodes(ctx, removed), a.store.ForgetKeys(ctx, removed),
		a.devices.ForgetRemoved(ctx, removed), a.store.ForgetChanges(ctx, removed), a.store.ForgetEmails(ctx, removed), a.store.ForgetLosses(ctx, old))
}

// sealKey gives the key-encryption key; in development it is made once in the data folder.
func (c Config) sealKey() ([]byte, error) {
	if c.KeyEncryptionKey != nil {
		return c.KeyEncryptionKey, nil
	}
	file := filepath.Join(c.DataDir, "key-encryption-key")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		raw := make([]byte, 32)
		if _, err := rand.Read(raw); err != nil {
			return nil, err
		}
		text = []byte(base64.StdEncoding.EncodeToString(raw))
		if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
			return nil, err
		}
		return raw, os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
}

// listen opens the development SMTP sink's port.
func (a *app) listen() (net.Listener, error) { return net.Listen("tcp", a.SinkAddr) }

// devTLS makes the development CA when no certificate files are set.
func (a *app) devTLS() error {
	if a.Development && a.TLS == wire.DevFiles(a.PKIDir, "idp") {
		return wire.EnsureDevPKI(a.PKIDir, a.now(), "idp", "cpms", "operator")
	}
	return nil
}

func every(d time.Duration, log *slog.Logger, do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				if err := do(ctx); err != nil && ctx.Err() == nil {
					log.WarnContext(ctx, "background work", "error", err)
				}
			}
		}
	}
}
