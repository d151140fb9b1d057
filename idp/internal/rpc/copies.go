package rpc

import (
	"context"
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/ident"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/fault"
)

// copyDeadline is how long a service may take for a copy.
const copyDeadline = 10 * time.Second

// Copies asks cpms for what it stores about a person (cpms.v1.Subjects).
type Copies struct {
	Client  cpmsv1.SubjectsClient
	Parties Parties
	Issuer  string
}

// Export gives it as JSON, nil when it stores nothing.
func (c Copies) Export(ctx context.Context, id ident.AccountID) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, copyDeadline)
	defer cancel()
	sub, _, err := c.Parties.told(ctx, access, id, "")
	if err != nil {
		return nil, err
	}
	r, err := c.Client.Export(ctx, &cpmsv1.ExportRequest{Issuer: c.Issuer, Subject: sub})
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return json.RawMessage(r.GetJson()), nil
}
