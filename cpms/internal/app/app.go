// Package app is the only place of cpms that knows all others: it builds the service from its
// settings and runs it.
package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"google.golang.org/grpc"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/admin"
	"eulogin.example/cpms/internal/api"
	"eulogin.example/cpms/internal/assurance"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/jobs"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/rpc"
	"eulogin.example/cpms/internal/session"
	"eulogin.example/cpms/internal/signin"
	"eulogin.example/cpms/internal/signoff"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/cpms/internal/web"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/home"
	profilepages "eulogin.example/cpms/internal/web/profile"
	"eulogin.example/cpms/internal/web/referee"
	"eulogin.example/cpms/internal/web/request"
	rightspages "eulogin.example/cpms/internal/web/rights"
	termspages "eulogin.example/cpms/internal/web/terms"
	"eulogin.example/cpms/internal/web/trail"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/mail"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/page"
	"eulogin.example/proto/kit/server"
	"eulogin.example/proto/kit/sqldb"
	"eulogin.example/proto/kit/telemetry"
	"eulogin.example/proto/kit/wire"
)

// Metadata gives the client registration of this cpms.
func Metadata(c Config) ([]byte, error) {
	key, err := clientKey(c)
	if err != nil {
		return nil, err
	}
	return signin.Metadata(c.BaseURL, key, c.APIClients)
}

// Run runs cpms until the context ends.
func Run(ctx context.Context, c Config, version string, out io.Writer) error {
	tel, err := telemetry.Setup(ctx, telemetry.Config{Service: "cpms", Version: version, OTLPEndpoint: c.OTLP, LogFormat: c.LogFormat, Out: out, Reference: page.Reference})
	if err != nil {
		return err
	}
	defer func() { _ = tel.Shutdown(context.WithoutCancel(ctx)) }()
	slog.SetDefault(tel.Log)
	a := &app{Config: c, tel: tel, log: tel.Log, now: time.Now, group: &server.Group{Log: tel.Log}}
	if !c.Development {
		a.group.Drain = 2 * time.Second
	}
	if err := a.stores(ctx); err != nil {
		return err
	}
	defer func() { _ = a.db.Close() }()
	for _, step := range []func(context.Context) error{a.peer, a.seed, a.desk, a.outgoing, a.pages, a.grpc} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := a.group.AddHTTP("operations", c.OpsAddr, a.group.Ops(a.checks, tel.Metrics)); err != nil {
		return err
	}
	fmt.Fprintf(out, "cpms is at %s/screen/home\n", c.BaseURL)
	return a.group.Run(ctx)
}

// app is a service being put together.
type app struct {
	Config
	tel    *telemetry.Telemetry
	log    *slog.Logger
	now    func() time.Time
	group  *server.Group
	checks map[string]server.Check

	db       *sqldb.DB
	kv       kv.Store
	store    *sqlstore.Store
	idp      *grpc.ClientConn
	site     *page.Site
	sessions *session.Service
	receipts *receipt.Ring
	admin    *admin.Service
	api      *api.API
	rights   *rights.Service
	pageKey  []byte // signs page tokens of the interface
	outbox   *outbox.Worker
}

// stores opens the two stores and brings the schema up to date.
func (a *app) stores(ctx context.Context) (err error) {
	if a.db, err = sqldb.Open(ctx, a.Database); err != nil {
		return err
	}
	if err := sqldb.Migrate(ctx, a.db, kv.Migrations(), outbox.Migrations(), sqlstore.Migrations()); err != nil {
		return err
	}
	a.store = sqlstore.New(a.db)
	if err := a.store.IndexNames(ctx); err != nil {
		return err
	}
	a.checks = map[string]server.Check{"database": a.db.Ping}
	if a.Expiring == "embedded" {
		embedded := kv.NewEmbedded(a.db, a.now)
		a.kv = embedded
		a.group.Add("sweep", every(time.Minute, a.log, embedded.Sweep))
	} else {
		redis, err := kv.NewRedis(a.Expiring, "cpms")
		if err != nil {
			return err
		}
		a.kv = redis
		a.checks["expiring"] = redis.Ping
	}
	a.sessions = &session.Service{KV: a.kv, Now: a.now, Random: rand.Reader}
	return nil
}

// peer makes the connection to idp, which is opened when it is needed first.
func (a *app) peer(context.Context) (err error) {
	if a.Development && a.TLS.Cert == wire.DevFiles(a.PKIDir, "cpms").Cert {
		if err := wire.EnsureDevPKI(a.PKIDir, a.now(), "idp", "cpms"); err != nil {
			return err
		}
	}
	a.idp, err = wire.Dial(a.IDPGRPC, "idp", a.TLS)
	return err
}

// seed gives the development coordinators their role.
func (a *app) seed(ctx context.Context) error {
	operator := &access.Operator{Store: a.store, Now: a.now}
	for sub, network := range a.Coordinators {
		if err := operator.GrantRole(ctx, a.Issuer, sub, access.CoordinatorRole, network); err != nil {
			return err
		}
	}
	return nil
}

// outgoing makes pages' texts, mails and the clock's work.
func (a *app) outgoing(context.Context) (err error) {
	secure := a.BaseURL[:5] == "https"
	a.site, err = page.New(page.Config{
		Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: a.Product, CookiePrefix: "cpms_", Demo: a.Development, Secure: secure,
		FormAction: []string{a.Issuer}, Home: "/screen/home", Nav: a.nav, Log: a.log,
		Footer: []page.Link{{Key: "terms.title.terms", Href: "/terms"}, {Key: "kit.footer.privacy", Href: "/privacy"}, {Key: "kit.footer.cookies", Href: "/cookies"}, {Key: "kit.footer.accessibility", Href: "/accessibility"}},
	})
	if err != nil {
		return err
	}
	sender, err := mail.NewSMTP(a.SMTP, a.MailFrom, a.MailPlain)
	if err != nil {
		return err
	}
	renderer := &notify.Renderer{Texts: a.site, Product: a.Product, Location: a.site.Location, HomeURL: a.BaseURL + "/screen/home"}
	a.outbox = outbox.NewWorker(a.db, a.now, a.log, map[string]outbox.Deliver{
		notify.OutboxKind:  notify.Deliver(renderer, sender),
		signoff.OutboxKind: signoff.Deliver(a.sessions, idpv1.NewSessionsClient(a.idp)),
	})
	a.group.Add("outbox", a.outbox.Run)
	clock := &jobs.Jobs{Store: a.store, Now: a.now, Log: a.log, BaseURL: a.BaseURL, Every: time.Minute}
	a.group.Add("clock", clock.Run)
	return nil
}

// pages makes the web edge.
func (a *app) pages(ctx context.Context) error {
	key, err := clientKey(a.Config)
	if err != nil {
		return err
	}
	client := &http.Client{
		Timeout: 10 * time.Second, Transport: otelhttp.NewTransport(http.DefaultTransport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	rp, err := signin.New(signin.Config{Issuer: a.Issuer, Internal: a.IDPInternal, BaseURL: a.BaseURL, Key: key, KV: a.kv, HTTP: client, Now: a.now, Random: rand.Reader})
	if err != nil {
		return err
	}
	a.rights = &rights.Service{Store: a.store, Sessions: a.sessions, Now: a.now}
	people := &person.Service{Store: a.store, Now: a.now, Random: rand.Reader}
	profiles := &profile.Service{Store: a.store, Now: a.now}
	known := assurance.Client{Accounts: idpv1.NewAccountsClient(a.idp)}
	requests := &access.Service{Store: a.store, Assurance: known, Shown: &assurance.Recent{Of: known, Now: a.now}, Now: a.now, Random: rand.Reader, BaseURL: a.BaseURL, Receipts: a.receipts, RefereeRequired: a.RefereeRequired}
	g := &guard.Guard{
		Site: a.site, SignIn: rp, Sessions: a.sessions, People: people, Secure: a.site.Secure, Issuer: a.Issuer, Random: rand.Reader, Now: a.now, Lift: a.store.LiftSuspensions,
	}
	mux := http.NewServeMux()
	g.Mount(mux)
	a.forDesk(mux, g, requests, profiles)
	(&home.Pages{Site: a.site, Guard: g, Profiles: profiles, Access: requests, Now: a.now, IDP: a.Issuer}).Mount(mux)
	(&profilepages.Pages{Site: a.site, Guard: g, Profiles: profiles, People: a.store}).Mount(mux)
	(&request.Pages{Site: a.site, Guard: g, Access: requests, Profiles: profiles}).Mount(mux)
	(&referee.Pages{Site: a.site, Access: requests, Now: a.now}).Mount(mux)
	(&rightspages.Pages{Site: a.site, Guard: g, Rights: a.rights}).Mount(mux)
	(&termspages.Pages{Site: a.site, Now: a.now}).Mount(mux)
	(&trail.Pages{Site: a.site, Guard: g, Access: requests, People: a.store, Now: a.now}).Mount(mux)
	guarded := &bearer.Guard{Introspector: rp, Realm: "cpms", Now: a.now, Log: a.log}
	a.api = &api.API{
		Guard: guarded, People: people, Access: requests, Profiles: profiles, Evaluator: &access.Evaluator{Store: a.store, Now: a.now},
		KV: a.kv, PageKey: a.pageKey, BaseURL: a.BaseURL, Now: a.now, Log: a.log,
	}
	if err := a.api.Mount(ctx, mux); err != nil {
		return err
	}
	a.common(mux)
	measured, err := server.Measure(a.tel.Registry, mux, a.site.Middleware(a.kicking(mux)))
	if err != nil {
		return err
	}
	return a.group.AddHTTP("pages", a.HTTPAddr, otelhttp.NewHandler(measured, "cpms", otelhttp.WithSpanNameFormatter(server.SpanName(mux))))
}

// kicking wakes the outbox after every write, so that mails leave at once.
func (a *app) kicking(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method == http.MethodPost {
			a.outbox.Kick()
		}
	})
}

// grpc makes the edge that idp calls.
func (a *app) grpc(context.Context) error {
	allow := api.Allow(a.APICallers)
	maps.Copy(allow, rpc.Allow)
	maps.Copy(allow, rpc.AllowGrants(a.GrantCallers))
	srv, _, err := wire.NewServer(wire.Config{TLS: a.TLS, Allow: allow, Log: a.log, Inner: a.api.Chain()})
	if err != nil {
		return err
	}
	a.api.Register(srv)
	cpmsv1.RegisterGrantsServer(srv, &rpc.Grants{Evaluator: a.api.Evaluator, Feed: a.store, Issuer: a.Issuer})
	cpmsv1.RegisterSubjectsServer(srv, &rpc.Subjects{People: a.store, Rights: a.rights})
	cpmsv1.RegisterAccountEventsServer(srv, &rpc.Server{Inbox: &inbox.Service{Store: a.store, Sessions: a.sessions, Issuer: a.Issuer, Now: a.now}})
	return a.group.AddGRPC("grpc", a.GRPCAddr, srv)
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
