package rpc

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

// access is the service that is told of accounts over gRPC and asked for copies.
const access = "cpms"

// errParty says that a caller is no registered client: no sub means anything to it.
var errParty = fault.New(fault.Denied, "rpc.not_a_client")

// Parties are the services at the other end of a connection. Each is the registered client whose client_id is the
// name in its certificate, and knows persons and sessions as that client does (OpenID Connect Core §8).
type Parties struct {
	Clients  *client.Registry
	Subjects *pairwise.Subjects
}

// caller gives the client that calls; one that operators let do nothing is refused here too.
func (p Parties) caller(ctx context.Context) (*client.Client, error) {
	c, err := p.Clients.ByID(ctx, wire.Caller(ctx))
	if errors.Is(err, client.ErrUnknown) {
		return nil, errParty.Because(err)
	}
	return c, err
}

// person gives the client that calls, and the account that it knows by a sub; account.ErrUnknown when there is none.
func (p Parties) person(ctx context.Context, people account.Reader, sub string) (*client.Client, account.Account, error) {
	c, err := p.caller(ctx)
	if err != nil {
		return nil, account.Account{}, err
	}
	acc, err := people.ByID(ctx, p.Subjects.Account(c, sub))
	return c, acc, err
}

// told gives the sub and the sid by which a service is told of an account and a session. A disabled one is told too,
// and the failure for one that is not registered is none of its own: what it is to hear waits.
func (p Parties) told(ctx context.Context, service string, id ident.AccountID, sid string) (sub, session string, err error) {
	c, err := p.Clients.Known(ctx, service)
	if err != nil {
		return "", "", err
	}
	return p.Subjects.Subject(c, id), p.Subjects.Session(c, sid), nil
}
