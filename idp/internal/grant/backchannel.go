package grant

import (
	"context"
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/kv"
)

// BackchannelInterval is the least time between two polls (CIBA Core §7.3).
const BackchannelInterval = DeviceInterval

// backchannelKept is how much longer than its life a request is known, so that a late poll hears
// that it expired, and not that it never was.
const backchannelKept = 5 * time.Minute

// Backchannel is a request of a service that asks a person on the phone, without any browser (OpenID
// Connect Client-Initiated Backchannel Authentication Core 1.0).
type Backchannel struct {
	ID        string          `json:"id"` // digest of the auth_req_id
	Client    string          `json:"client"`
	Account   ident.AccountID `json:"account"`
	Scopes    []string        `json:"scopes"`
	Resources []string        `json:"resources,omitempty"`
	ACRs      []string        `json:"acr_values,omitempty"`
	Push      string          `json:"push"` // the request on the phone
	SID       string          `json:"sid"`  // of the session that it becomes, drawn once
	AskedAt   time.Time       `json:"asked_at"`
	Expires   time.Time       `json:"expires"`
	Pace
}

// NewBackchannelID draws an auth_req_id (CIBA Core §7.3: 128 bits at least).
func (s *Service) NewBackchannelID() string { return ident.NewToken(s.Random) }

// KeepBackchannel keeps a request under its auth_req_id.
func (s *Service) KeepBackchannel(ctx context.Context, id string, b Backchannel) error {
	b.ID, b.Pace = ident.Digest(id), Pace{Interval: BackchannelInterval}
	return kv.PutJSON(ctx, s.KV, backchannelKey(b.ID), b, b.Expires.Sub(b.AskedAt)+backchannelKept)
}

// PollBackchannel finds the request that a client asks about. Errors: ErrInvalid for one that is not
// there, was answered with tokens, or is another client's; ErrSlowDown; ErrExpired.
func (s *Service) PollBackchannel(ctx context.Context, id, client string) (Backchannel, error) {
	if !ident.IsToken(id) {
		return Backchannel{}, ErrInvalid
	}
	soon, now := false, s.Now()
	b, err := kv.Update(ctx, s.KV, backchannelKey(ident.Digest(id)), backchannelKept, func(b *Backchannel) error {
		if b.ID == "" || b.Client != client {
			return ErrInvalid
		}
		soon = b.early(now)
		return nil
	})
	switch {
	case err != nil:
		return Backchannel{}, err
	case soon:
		return Backchannel{}, ErrSlowDown
	case !now.Before(b.Expires):
		return Backchannel{}, ErrExpired
	}
	return b, nil
}

// TakeBackchannel uses a request up, once; ErrInvalid for all others that try.
func (s *Service) TakeBackchannel(ctx context.Context, b Backchannel) error {
	_, err := s.KV.Take(ctx, backchannelKey(b.ID))
	return absent(err, ErrInvalid)
}

// ReturnBackchannel puts a request back whose tokens could not be made because a store did not
// answer; nothing was given for it.
func (s *Service) ReturnBackchannel(ctx context.Context, b Backchannel) error {
	raw, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return s.KV.Swap(context.WithoutCancel(ctx), backchannelKey(b.ID), nil, raw, backchannelKept)
}

func backchannelKey(id string) string { return "backchannel:" + id }
