package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/registration"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

// Invalid says that a message is not as its contract says.
var Invalid = fault.New(fault.Invalid, "rpc.invalid")

// Clients implements idp.v1.Clients.
type Clients struct {
	idpv1.UnimplementedClientsServer
	Registrar *registration.Service
}

func by(ctx context.Context) string { return "grpc " + wire.Caller(ctx) }

// RegisterClient registers a client, or says whether it could be.
func (s *Clients) RegisterClient(ctx context.Context, r *idpv1.RegisterClientRequest) (*idpv1.RegisterClientResponse, error) {
	raw := []byte(r.GetMetadataJson())
	if r.GetValidateOnly() {
		c, err := s.Registrar.Check(ctx, raw)
		if err != nil {
			return nil, explained(err)
		}
		metadata, err := json.Marshal(c)
		return &idpv1.RegisterClientResponse{Client: &idpv1.Client{ClientId: c.ID, MetadataJson: string(metadata), State: idpv1.ClientState_CLIENT_STATE_ACTIVE}}, err
	}
	made, err := s.Registrar.Register(ctx, by(ctx), raw)
	if err != nil {
		return nil, explained(err)
	}
	return &idpv1.RegisterClientResponse{Client: shown(made.Record), ClientSecret: made.Secret}, nil
}

// GetClient finds a client, of a file too.
func (s *Clients) GetClient(ctx context.Context, r *idpv1.GetClientRequest) (*idpv1.GetClientResponse, error) {
	c, err := s.Registrar.Get(ctx, r.GetClientId())
	if errors.Is(err, registration.ErrInFile) {
		known, kerr := s.Registrar.Clients.Known(ctx, r.GetClientId())
		if kerr != nil {
			return nil, kerr
		}
		return &idpv1.GetClientResponse{Client: ofFile(known)}, nil
	}
	if err != nil {
		return nil, err
	}
	return &idpv1.GetClientResponse{Client: shown(c)}, nil
}

// ListClients gives a page of the clients of both places.
func (s *Clients) ListClients(ctx context.Context, r *idpv1.ListClientsRequest) (*idpv1.ListClientsResponse, error) {
	after, err := place(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	size := sized(r.GetPageSize())
	stored, err := s.Registrar.List(ctx, after, size+1)
	if err != nil {
		return nil, err
	}
	var all []*idpv1.Client
	for _, c := range stored {
		all = append(all, shown(c))
	}
	for _, c := range s.Registrar.Clients.Files() {
		if c.ID > after {
			all = append(all, ofFile(c))
		}
	}
	slices.SortFunc(all, func(a, b *idpv1.Client) int { return strings.Compare(a.GetClientId(), b.GetClientId()) })
	out := &idpv1.ListClientsResponse{Clients: all[:min(len(all), size)]}
	if len(all) > size {
		out.NextPageToken = pageAfter(all[size-1].GetClientId())
	}
	return out, nil
}

// UpdateClient replaces the metadata of a version, or says whether it could.
func (s *Clients) UpdateClient(ctx context.Context, r *idpv1.UpdateClientRequest) (*idpv1.UpdateClientResponse, error) {
	raw := []byte(r.GetMetadataJson())
	if r.GetValidateOnly() {
		c, err := s.Registrar.CheckUpdate(ctx, r.GetVersion(), raw)
		if err != nil {
			return nil, explained(err)
		}
		return &idpv1.UpdateClientResponse{Client: shown(c)}, nil
	}
	made, err := s.Registrar.Update(ctx, by(ctx), r.GetVersion(), raw)
	if err != nil {
		return nil, explained(err)
	}
	return &idpv1.UpdateClientResponse{Client: shown(made.Record), ClientSecret: made.Secret}, nil
}

// RotateClientSecret gives a client a new secret.
func (s *Clients) RotateClientSecret(ctx context.Context, r *idpv1.RotateClientSecretRequest) (*idpv1.RotateClientSecretResponse, error) {
	overlap := registration.Overlap
	if r.GetOverlap() != nil {
		overlap = r.GetOverlap().AsDuration()
	}
	made, err := s.Registrar.RotateSecret(ctx, by(ctx), r.GetClientId(), overlap)
	if err != nil {
		return nil, err
	}
	return &idpv1.RotateClientSecretResponse{Client: shown(made.Record), ClientSecret: made.Secret}, nil
}

// DisableClient takes everything from a client.
func (s *Clients) DisableClient(ctx context.Context, r *idpv1.DisableClientRequest) (*idpv1.DisableClientResponse, error) {
	c, err := s.Registrar.Disable(ctx, by(ctx), r.GetClientId())
	if err != nil {
		return nil, err
	}
	return &idpv1.DisableClientResponse{Client: shown(c)}, nil
}

// EnableClient lets a client be served.
func (s *Clients) EnableClient(ctx context.Context, r *idpv1.EnableClientRequest) (*idpv1.EnableClientResponse, error) {
	c, err := s.Registrar.Enable(ctx, by(ctx), r.GetClientId(), r.GetVersion())
	if err != nil {
		return nil, err
	}
	return &idpv1.EnableClientResponse{Client: shown(c)}, nil
}

// RemoveClient ends a client for ever.
func (s *Clients) RemoveClient(ctx context.Context, r *idpv1.RemoveClientRequest) (*idpv1.RemoveClientResponse, error) {
	if err := s.Registrar.Remove(ctx, by(ctx), r.GetClientId()); err != nil {
		return nil, err
	}
	return &idpv1.RemoveClientResponse{}, nil
}

var states = map[client.State]idpv1.ClientState{
	client.Active: idpv1.ClientState_CLIENT_STATE_ACTIVE, client.Pending: idpv1.ClientState_CLIENT_STATE_PENDING, client.Disabled: idpv1.ClientState_CLIENT_STATE_DISABLED,
}

// shown is what callers see of a client. No secret is in it.
func shown(r registration.Record) *idpv1.Client {
	out := &idpv1.Client{
		ClientId: r.ID, MetadataJson: string(r.Metadata), State: states[r.State], Version: r.Version, CreatedAt: timestamppb.New(r.CreatedAt), CreatedBy: r.CreatedBy,
		ChangedAt: timestamppb.New(r.ChangedAt), InitialTokenId: r.Initial,
	}
	for _, secret := range r.Secrets {
		out.Secrets = append(out.Secrets, &idpv1.ClientSecret{CreatedAt: timestamppb.New(secret.Created), EndsAt: moment(secret.EndsAt)})
	}
	return out
}

func moment(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func ofFile(c *client.Client) *idpv1.Client {
	metadata, err := json.Marshal(c)
	if err != nil {
		metadata = nil // it was read from JSON
	}
	return &idpv1.Client{ClientId: c.ID, MetadataJson: string(metadata), State: idpv1.ClientState_CLIENT_STATE_ACTIVE, InFile: true}
}

// explained names the members at fault, with what is wrong with each.
func explained(err error) error {
	var faults *client.Faults
	if f := fault.As(err); !errors.As(err, &faults) && errors.Is(err, registration.ErrInvalid) && errors.Unwrap(f) != nil {
		return f.WithField("metadata_json", errors.Unwrap(f).Error()) // no metadata at all
	}
	if faults == nil {
		return err
	}
	texts := map[string][]string{}
	for _, f := range faults.List {
		texts[f.Member] = append(texts[f.Member], f.Text)
	}
	out := registration.ErrInvalid
	for member, all := range texts {
		out = out.WithField(strings.TrimSuffix("metadata_json."+member, "."), strings.Join(all, "; "))
	}
	return out.Because(err)
}
