package api

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/signin"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/wire"
)

// API serves the calls; every field is required.
type API struct {
	Guard     *bearer.Guard
	People    *person.Service
	Access    *access.Service
	Profiles  *profile.Service
	Evaluator *access.Evaluator
	KV        kv.Store // answers to idempotency keys
	PageKey   []byte   // 32 bytes that sign page tokens
	BaseURL   string
	Now       func() time.Time
	Log       *slog.Logger
}

var errInvalid = fault.New(fault.Invalid, "api.invalid")

// What the calls want of a token.
var (
	look       = bearer.Need{Scope: "openid"}
	submitting = bearer.Need{Scope: "openid", ACR: signin.Enough(signin.ACRMedium), MaxAge: access.Fresh}
)

// Needs says what each method wants of the token. The directory is public and wants none.
var Needs = map[string]bearer.Need{
	cpmsv1.AccessRequests_ListMine_FullMethodName: look, cpmsv1.AccessRequests_ReadMine_FullMethodName: look,
	cpmsv1.AccessRequests_SaveDraft_FullMethodName: look, cpmsv1.AccessRequests_SubmitDraft_FullMethodName: submitting,
	cpmsv1.AccessRequests_Answer_FullMethodName: look, cpmsv1.AccessRequests_Withdraw_FullMethodName: look,
	cpmsv1.AccessRequests_ListQueue_FullMethodName: look, cpmsv1.AccessRequests_Review_FullMethodName: look,
	cpmsv1.AccessRequests_Decide_FullMethodName: submitting, cpmsv1.AccessRequests_Revoke_FullMethodName: submitting,
	cpmsv1.AccessRequests_GiveBack_FullMethodName: look, cpmsv1.AccessRequests_Extend_FullMethodName: look,
	cpmsv1.AccessRequests_DecideMany_FullMethodName: submitting, cpmsv1.AccessRequests_UndoMany_FullMethodName: submitting, cpmsv1.AccessRequests_NameDeputy_FullMethodName: submitting, cpmsv1.AccessRequests_EndDeputy_FullMethodName: look,
	cpmsv1.AccessRequests_ListRemarks_FullMethodName: look, cpmsv1.AccessRequests_WriteRemark_FullMethodName: look, cpmsv1.AccessRequests_ListReceipts_FullMethodName: look, cpmsv1.AccessRequests_ListDeputies_FullMethodName: look,
	cpmsv1.GuestProfiles_ReadProfile_FullMethodName: look, cpmsv1.GuestProfiles_SaveProfile_FullMethodName: look,
}

// public are the methods that want no token.
var public = []string{cpmsv1.Directory_ListNetworks_FullMethodName, cpmsv1.Directory_ListHospitals_FullMethodName}

// Allow lets these callers, by the names in their certificates, call in persons' names.
func Allow(callers []string) wire.Allow {
	out := wire.Allow{}
	for method := range Needs {
		out[method] = callers
	}
	for _, method := range public {
		out[method] = callers
	}
	return out
}

// Register adds the services to a server.
func (a *API) Register(srv grpc.ServiceRegistrar) {
	cpmsv1.RegisterAccessRequestsServer(srv, &requests{API: a})
	cpmsv1.RegisterGuestProfilesServer(srv, &profiles{API: a})
	cpmsv1.RegisterDirectoryServer(srv, &directory{API: a})
}

// Chain is what every call goes through, whichever way it comes, the outermost first.
func (a *API) Chain() []grpc.UnaryServerInterceptor {
	return []grpc.UnaryServerInterceptor{a.Guard.Unary(Needs), wire.Validated(errInvalid), a.once}
}

// person is who the token speaks for.
func (a *API) person(ctx context.Context) (person.Person, error) {
	t := bearer.From(ctx)
	return a.People.Get(ctx, t.Issuer, t.Subject)
}

// strength is how the person of the token is signed in.
func strength(ctx context.Context) (access.Strength, string) {
	t := bearer.From(ctx)
	return access.Strength{Medium: signin.Reaches(t.ACR, signin.ACRMedium), AuthTime: t.AuthTime}, t.ACR
}
