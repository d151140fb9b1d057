package access

import (
	"context"
	"strconv"
	"time"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/receipt"
)

// Receipts signs proofs of decisions; *receipt.Ring does.
type Receipts interface {
	Sign(receipt.Receipt) (string, error)
}

// Proof is the signed receipt of one decision, as it is kept.
type Proof struct {
	Version int64 // of the request that was looked at
	At      time.Time
	JWS     string
}

// word is what receipts call a decision.
func (u Ruling) word(d Decision) string {
	switch {
	case u.First:
		return "first_approval"
	case d.Do == AskMore:
		return "ask"
	}
	return string(d.Do)
}

// proof signs what is being decided about r: over the version and the content that was looked
// at, so that nobody can say later that something else was decided.
func (s *Service) proof(r Request, word, by, stands string, st Strength, acr string) (*Proof, error) {
	now := s.Now()
	jws, err := s.Receipts.Sign(receipt.Receipt{
		ACR: acr, At: receipt.Stamp(now), AuthTime: receipt.Stamp(st.AuthTime), By: by, Decision: word, For: stands, Issuer: s.BaseURL,
		Network: r.Network, Request: r.ID, Role: r.Role, Seen: Seen(r), Subject: r.PersonID, Version: r.Version,
	})
	return &Proof{Version: r.Version, At: now, JWS: jws}, err
}

// Seen digests what a request said when it was decided about.
func Seen(r Request) string {
	return receipt.Seen(r.Network, r.Country, r.Hospital, r.Role, r.Justification, r.SponsorName, r.SponsorEmail, strconv.Itoa(r.DurationDays), r.Question, r.Answer)
}

// Proofs gives the receipts of a request to the one who asked for access and to the desk of
// its network; for others there is none: ErrUnknown.
func (s *Service) Proofs(ctx context.Context, p person.Person, id string) ([]Proof, error) {
	if _, err := s.own(ctx, p, id); err != nil {
		if _, _, err := s.ForDesk(ctx, p, id); err != nil {
			return nil, err
		}
	}
	return s.Store.Proofs(ctx, id)
}
