package rpc

import (
	"context"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/rights"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// People finds people by their key at idp.
type People interface {
	PersonByKey(ctx context.Context, issuer, subject string) (person.Person, error)
}

// Subjects implements cpms.v1.Subjects.
type Subjects struct {
	cpmsv1.UnimplementedSubjectsServer
	People People
	Rights *rights.Service
}

// Export gives everything that is stored about a person.
func (s *Subjects) Export(ctx context.Context, r *cpmsv1.ExportRequest) (*cpmsv1.ExportResponse, error) {
	p, err := s.People.PersonByKey(ctx, r.GetIssuer(), r.GetSubject())
	if err != nil {
		return nil, err
	}
	c, err := s.Rights.ExportFor(ctx, p)
	if err != nil {
		return nil, err
	}
	raw, err := c.JSON()
	return &cpmsv1.ExportResponse{Json: raw}, err
}
