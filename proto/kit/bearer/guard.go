package bearer

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"eulogin.example/proto/kit/fault"
)

// Introspector asks the authorization server about a token. It gives ErrInvalid for one that
// is not active, and an error of the kind Unavailable when nothing could be learned: a
// service must not take an outage for a sign-out.
type Introspector interface {
	Introspect(ctx context.Context, handle string) (Token, error)
}

// Guard protects resources; every field is required.
type Guard struct {
	Introspector
	Realm string // names the resource server to people who read challenges
	Now   func() time.Time
	Log   *slog.Logger
}

// handleLimit is the longest token, in bytes, that is looked at.
const handleLimit = 4096

type key struct{}

// From gives the token that the guard put into the context; of no person without a guard.
func From(ctx context.Context) Token {
	t, _ := ctx.Value(key{}).(Token)
	return t
}

// admit reads a token from the value of the Authorization header and holds it against a need.
func (g *Guard) admit(ctx context.Context, headers []string, n Need) (context.Context, error) {
	if len(headers) == 0 {
		return ctx, ErrMissing
	}
	scheme, handle, ok := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || handle == "" || len(handle) > handleLimit || strings.ContainsAny(handle, " \t\r\n,") {
		return ctx, ErrInvalid
	}
	t, err := g.Introspect(ctx, handle)
	if err == nil {
		err = n.Check(t, g.Now())
	}
	if err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, key{}, t), nil
}

// Require lets only calls through whose token meets the need. Refusals are RFC 9457 problems
// with a challenge. A token counts in the header alone, never in an address or a body.
func (g *Guard) Require(n Need, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		ctx, err := g.admit(r.Context(), r.Header.Values("Authorization"), n)
		if err != nil {
			if c := n.Challenge(g.Realm, err); c != "" {
				w.Header().Set("WWW-Authenticate", c)
			}
			g.Problem(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// problem is the body of a refusal (RFC 9457).
type problem struct {
	Type   string            `json:"type"`
	Status int               `json:"status"`
	Code   string            `json:"code"`
	Fields map[string]string `json:"fields,omitempty"` // field -> key of what is wrong with it
}

// Problem answers with an error for programs: a stable code, the fields at fault, and no
// internal text.
func (g *Guard) Problem(w http.ResponseWriter, r *http.Request, err error) {
	p := problem{Type: "about:blank", Status: fault.HTTPStatus(err), Code: fault.CodeOf(err)}
	if e := fault.As(err); e != nil {
		for name, m := range e.Fields {
			if p.Fields == nil {
				p.Fields = map[string]string{}
			}
			p.Fields[name] = m.Key
		}
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
		}
	}
	if k := fault.KindOf(err); k == fault.Internal || k == fault.Unavailable {
		g.Log.ErrorContext(r.Context(), "call failed", "route", r.Pattern, "code", p.Code, "error", err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller may be gone
}

// Unary is the same for gRPC methods. The token is in the metadata "authorization", the
// challenge comes in the header "www-authenticate". A method without a need is left to the
// server's other rules.
func (g *Guard) Unary(needs map[string]Need) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		n, ok := needs[info.FullMethod]
		if !ok {
			return next(ctx, req)
		}
		ctx, err := g.admit(ctx, metadata.ValueFromIncomingContext(ctx, "authorization"), n)
		if err == nil {
			return next(ctx, req)
		}
		if c := n.Challenge(g.Realm, err); c != "" {
			if herr := grpc.SetHeader(ctx, metadata.Pairs("www-authenticate", c)); herr != nil {
				g.Log.WarnContext(ctx, "a challenge could not be sent", "error", herr)
			}
		}
		return nil, fault.ToGRPC(err)
	}
}
