package rpc

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

// Ender ends all sessions of an account.
type Ender interface {
	Revoke(ctx context.Context, id ident.AccountID, why string) (int, error)
}

// Living lists the living sessions of an account.
type Living interface {
	List(ctx context.Context, id ident.AccountID) ([]session.Session, error)
}

// Sessions implements idp.v1.Sessions.
type Sessions struct {
	idpv1.UnimplementedSessionsServer
	Parties
	People account.Reader
	Living Living
	Ender  Ender
	Now    func() time.Time
}

// List gives the sessions that the caller takes part in.
func (s *Sessions) List(ctx context.Context, r *idpv1.ListRequest) (*idpv1.ListResponse, error) {
	after, err := place(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	c, acc, err := s.person(ctx, s.People, r.GetSubject())
	if err != nil {
		return nil, err
	}
	living, err := s.Living.List(ctx, acc.ID)
	if err != nil {
		return nil, err
	}
	var all []*idpv1.Session
	for _, sess := range living {
		if sid := s.Subjects.Session(c, sess.ID); slices.Contains(sess.Clients, c.ID) && sid > after {
			all = append(all, seen(c, sid, sess, s.Now()))
		}
	}
	slices.SortFunc(all, func(a, b *idpv1.Session) int { return strings.Compare(a.GetSid(), b.GetSid()) })
	size := sized(r.GetPageSize())
	out := &idpv1.ListResponse{Sessions: all[:min(len(all), size)]}
	if len(all) > size {
		out.NextPageToken = pageAfter(all[size-1].GetSid())
	}
	return out, nil
}

// seen is what a client is told of a session: what its proofs amount to for this client now.
func seen(c *client.Client, sid string, sess session.Session, now time.Time) *idpv1.Session {
	req, _ := policy.Require(policy.Asked{Minimum: c.Minimum(), At: now}) // it fails for essential values alone
	d := policy.Evaluate(sess.Proofs, req, now)
	return &idpv1.Session{Sid: sid, Acr: d.ACR, Amr: d.AMR, AuthTime: moment(d.AuthTime), LastUsedAt: timestamppb.New(sess.Seen)}
}

// errReason says that the reason is no short word.
var errReason = fault.New(fault.Invalid, "rpc.reason")

// Revoke ends all sessions of a person.
func (s *Sessions) Revoke(ctx context.Context, r *idpv1.RevokeRequest) (*idpv1.RevokeResponse, error) {
	if len(r.GetReason()) == 0 || len(r.GetReason()) > 50 {
		return nil, errReason
	}
	_, acc, err := s.person(ctx, s.People, r.GetSubject())
	if err != nil {
		return nil, err
	}
	n, err := s.Ender.Revoke(ctx, acc.ID, wire.Caller(ctx)+": "+r.GetReason())
	return &idpv1.RevokeResponse{Sessions: uint32(n)}, err
}
