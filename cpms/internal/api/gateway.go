package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"

	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/fault"
)

// Prefix is where the interface stands. Pages' rules (cookies, forms) do not apply below it.
const Prefix = "/api/v1/"

// bodyLimit is the longest body that is read, in bytes.
const bodyLimit = 64 << 10

var (
	errBody   = fault.New(fault.Invalid, "api.body")
	errNoCall = fault.New(fault.NotFound, "api.no_such_call")
)

// Mount adds the calls as JSON over HTTP, their OpenAPI document, and AuthZEN.
func (a *API) Mount(ctx context.Context, mux *http.ServeMux) error {
	l := &local{chain: a.Chain(), methods: map[string]served{}}
	a.Register(l)
	gate := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}}),
		runtime.WithIncomingHeaderMatcher(func(name string) (string, bool) {
			return keyName, strings.EqualFold(name, keyName)
		}),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithErrorHandler(a.refuse), runtime.WithRoutingErrorHandler(a.noCall),
	)
	if err := cpmsv1.RegisterAccessRequestsHandlerClient(ctx, gate, cpmsv1.NewAccessRequestsClient(l)); err != nil {
		return err
	}
	if err := cpmsv1.RegisterGuestProfilesHandlerClient(ctx, gate, cpmsv1.NewGuestProfilesClient(l)); err != nil {
		return err
	}
	if err := cpmsv1.RegisterDirectoryHandlerClient(ctx, gate, cpmsv1.NewDirectoryClient(l)); err != nil {
		return err
	}
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		// A call changes state only with a body that browsers' forms cannot send.
		if r.Method != http.MethodGet && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			a.Guard.Problem(w, r, errBody)
			return
		}
		gate.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET "+Prefix+"openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(cpmsv1.OpenAPI) // the caller may be gone
	})
	a.mountEvaluation(mux)
	return nil
}

// refuse answers with an error as RFC 9457 has it, and with the challenge, if there is one.
func (a *API) refuse(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if md, ok := runtime.ServerMetadataFromContext(ctx); ok {
		for _, c := range metadata.MD(md.HeaderMD).Get("www-authenticate") {
			w.Header().Set("WWW-Authenticate", c)
		}
	}
	told := fault.FromGRPC(err)
	if fault.KindOf(told) == fault.Invalid && fault.CodeOf(told) == "rpc.invalid" {
		told = errBody.Because(err) // the gateway could not read the message
	}
	a.Guard.Problem(w, r, told)
}

func (a *API) noCall(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
	a.Guard.Problem(w, r, errNoCall)
}
