// Package rpc is idp's gRPC edge: it answers idp.v1, and it delivers account events and
// logout tokens to other services from the outbox.
package rpc

import (
	"context"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/wire"
)

// Allow says who may call what; everything else is denied.
var Allow = wire.Allow{
	idpv1.Accounts_GetAssurance_FullMethodName: {"cpms"},
	idpv1.Sessions_List_FullMethodName:         {"cpms"},
	idpv1.Sessions_Revoke_FullMethodName:       {"cpms"},

	idpv1.Clients_RegisterClient_FullMethodName: operators, idpv1.Clients_GetClient_FullMethodName: operators, idpv1.Clients_ListClients_FullMethodName: operators,
	idpv1.Clients_UpdateClient_FullMethodName: operators, idpv1.Clients_RotateClientSecret_FullMethodName: operators, idpv1.Clients_DisableClient_FullMethodName: operators,
	idpv1.Clients_EnableClient_FullMethodName: operators, idpv1.Clients_RemoveClient_FullMethodName: operators,
}

// operators are the names of certificates with which clients are registered and changed.
var operators = []string{"operator"}

// Factors lists what an account could prove as second factor now.
type Factors interface {
	Proofs(ctx context.Context, id ident.AccountID) ([]policy.Method, error)
}

// Accounts implements idp.v1.Accounts.
type Accounts struct {
	idpv1.UnimplementedAccountsServer
	Parties
	People  account.Reader
	Factors Factors
}

var levels = map[policy.Level]idpv1.Level{
	policy.Basic: idpv1.Level_LEVEL_BASIC, policy.Medium: idpv1.Level_LEVEL_MEDIUM, policy.High: idpv1.Level_LEVEL_HIGH,
}

var statuses = map[account.Status]idpv1.AccountStatus{
	account.Active: idpv1.AccountStatus_ACCOUNT_STATUS_ACTIVE, account.Disabled: idpv1.AccountStatus_ACCOUNT_STATUS_DISABLED, account.Erased: idpv1.AccountStatus_ACCOUNT_STATUS_ERASED,
}

// GetAssurance says how well we know a person, and how strongly the person could sign in.
func (s *Accounts) GetAssurance(ctx context.Context, r *idpv1.GetAssuranceRequest) (*idpv1.GetAssuranceResponse, error) {
	_, acc, err := s.person(ctx, s.People, r.GetSubject())
	if err != nil {
		return nil, err
	}
	out := &idpv1.GetAssuranceResponse{
		Subject: r.GetSubject(), Status: statuses[acc.Status], AssuranceLevel: uint32(acc.Assurance), HighestLevel: idpv1.Level_LEVEL_BASIC,
		Methods: []string{string(policy.Password)}, Email: acc.Email, EmailVerified: true, MailLanguage: acc.MailLang,
	}
	proofs, err := s.Factors.Proofs(ctx, acc.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range proofs {
		out.Methods = append(out.Methods, string(m))
		out.HighestLevel = max(out.HighestLevel, levels[policy.Reaches(m)])
	}
	return out, nil
}
