package app

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/notify/devsink"
	"eulogin.example/idp/internal/notify/smshttp"
	"eulogin.example/idp/internal/provider"
	"eulogin.example/idp/internal/rpc"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/mail"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/page"
	"eulogin.example/proto/kit/wire"
)

// noSMS is the gateway of an operator who sends no text messages.
type noSMS struct{}

// SendSMS refuses: nothing may wait for a gateway that is not there.
func (noSMS) SendSMS(context.Context, string, string, string) error {
	return fault.New(fault.Invalid, "sms.off")
}

// messages makes the outbox: mails, text messages, account events, logout tokens.
func (a *app) messages(context.Context) error {
	sender, err := mail.NewSMTP(a.SMTP, a.MailFrom, a.MailPlain)
	if err != nil {
		return err
	}
	var gateway notify.SMSGateway = noSMS{}
	if a.SMSURL != "" {
		if gateway, err = smshttp.New(a.SMSURL, a.SMSToken); err != nil {
			return err
		}
	}
	if a.Development {
		if err := a.startSink(); err != nil {
			return err
		}
		if a.SMSURL == "" {
			gateway = a.sink
		}
	}
	renderer, err := notify.NewRenderer(notify.RenderConfig{
		Catalogue: a.site, Product: a.Product, Demo: a.Development,
		Moment: func(lang string, at time.Time) string { return page.DateTime(lang, at.In(a.site.Location)) },
	})
	if err != nil {
		return err
	}
	if err := a.devTLS(); err != nil {
		return err
	}
	if a.cpms, err = wire.Dial(a.CPMSGRPC, "cpms", a.TLS); err != nil {
		return err
	}
	deliver := map[string]outbox.Deliver{
		sqlstore.AccountEventKind: rpc.DeliverEvents(cpmsv1.NewAccountEventsClient(a.cpms), a.parties(), a.Issuer),
		phone.WakeKind:            a.deliverPush(),
		phone.WordKind:            a.pinger().Deliver,
		signout.OutboxKind:        rpc.DeliverLogouts(a.clients, a.logoutToken, rpc.Outward(a.Development)),
	}
	for kind, d := range notify.Deliveries(renderer, sender, gateway) {
		deliver[kind] = d
	}
	a.outbox = outbox.NewWorker(a.db, a.now, a.log, deliver)
	a.group.Add("outbox", a.outbox.Run)
	return nil
}

// pinger tells services that asked people on their phones.
func (a *app) pinger() rpc.Pinger {
	return rpc.Pinger{
		Clients: a.clients, Poll: a.phone.Poll, Post: rpc.Outward(a.Development), Now: a.now,
		Open: func(w phone.Word) (string, string, error) {
			p, err := provider.OpenPing(a.box, w)
			return p.ID, p.Token, err
		},
	}
}

func (a *app) logoutToken(c *client.Client, n signout.Notice, id string) (string, error) {
	return provider.LogoutToken(provider.Config{Issuer: a.Issuer, Now: a.now, Ring: a.ring, Subjects: a.subjects, Remote: a.remote}, c, n.Subject, n.SID, id)
}

// parties are the services that speak gRPC with us.
func (a *app) parties() rpc.Parties { return rpc.Parties{Clients: a.clients, Subjects: a.subjects} }

// startSink opens the port where development mails arrive.
func (a *app) startSink() error {
	a.sink = &devsink.Sink{DB: a.db, Now: a.now, Log: a.log}
	l, err := a.listen()
	if err != nil {
		return err
	}
	a.group.Add("smtp sink", func(ctx context.Context) error { return a.sink.Serve(ctx, l) })
	return nil
}

// grpc makes the edge that other services call.
func (a *app) grpc(context.Context) error {
	srv, _, err := wire.NewServer(wire.Config{TLS: a.TLS, Allow: rpc.Allow, Log: a.log, Inner: []grpc.UnaryServerInterceptor{wire.Validated(rpc.Invalid)}})
	if err != nil {
		return err
	}
	idpv1.RegisterAccountsServer(srv, &rpc.Accounts{Parties: a.parties(), People: a.store, Factors: a.login})
	idpv1.RegisterSessionsServer(srv, &rpc.Sessions{Parties: a.parties(), People: a.store, Living: a.sessions, Ender: a.signout, Now: a.now})
	idpv1.RegisterClientsServer(srv, &rpc.Clients{Registrar: a.registrar})
	return a.group.AddGRPC("grpc", a.GRPCAddr, srv)
}
