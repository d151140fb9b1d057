package bearer_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// server is an authorization server in one map.
type server map[string]bearer.Token

func (s server) Introspect(_ context.Context, handle string) (bearer.Token, error) {
	if handle == "down" {
		return bearer.Token{}, fault.New(fault.Unavailable, "test.down")
	}
	t, ok := s[handle]
	if !ok {
		return bearer.Token{}, bearer.ErrInvalid
	}
	return t, nil
}

var tokens = server{
	"good":    {Subject: "anna", Scopes: []string{"access"}, ACR: "medium", AuthTime: noon.Add(-time.Minute)},
	"strong":  {Subject: "anna", Scopes: []string{"access"}, ACR: "high", AuthTime: noon.Add(-15 * time.Minute)},
	"weak":    {Subject: "anna", Scopes: []string{"access"}, ACR: "basic", AuthTime: noon},
	"old":     {Subject: "anna", Scopes: []string{"access"}, ACR: "medium", AuthTime: noon.Add(-15*time.Minute - 1)},
	"ageless": {Subject: "anna", Scopes: []string{"access"}, ACR: "medium"},
	"future":  {Subject: "anna", Scopes: []string{"access"}, ACR: "medium", AuthTime: noon.Add(2 * time.Minute)},
	"narrow":  {Subject: "anna", Scopes: []string{"other"}, ACR: "medium", AuthTime: noon},
	"program": {Subject: "robot", ClientID: "robot", Scopes: []string{"access"}, ACR: "medium", AuthTime: noon},
	"nobody":  {Scopes: []string{"access"}, ACR: "medium", AuthTime: noon},
}

var need = bearer.Need{Scope: "access", ACR: []string{"medium", "high"}, MaxAge: 15 * time.Minute}

func guard() *bearer.Guard {
	return &bearer.Guard{Introspector: tokens, Realm: "cpms", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)}
}

const stepUp = `Bearer realm="cpms", error="insufficient_user_authentication", error_description="a stronger or a newer sign-in is needed", acr_values="medium high", max_age="900"`

var calls = map[string]struct {
	header    []string
	status    int
	grpc      codes.Code
	challenge string
}{
	"good":            {[]string{"Bearer good"}, 200, codes.OK, ""},
	"stronger":        {[]string{"bearer strong"}, 200, codes.OK, ""},
	"none":            {nil, 401, codes.Unauthenticated, `Bearer realm="cpms"`},
	"unknown":         {[]string{"Bearer nonsense"}, 401, codes.Unauthenticated, `Bearer realm="cpms", error="invalid_token"`},
	"another scheme":  {[]string{"Basic good"}, 401, codes.Unauthenticated, `Bearer realm="cpms", error="invalid_token"`},
	"two":             {[]string{"Bearer good", "Bearer good"}, 401, codes.Unauthenticated, `Bearer realm="cpms", error="invalid_token"`},
	"list":            {[]string{"Bearer good, Bearer good"}, 401, codes.Unauthenticated, `Bearer realm="cpms", error="invalid_token"`},
	"long":            {[]string{"Bearer " + strings.Repeat("x", 5000)}, 401, codes.Unauthenticated, `Bearer realm="cpms", error="invalid_token"`},
	"nobody":          {[]string{"Bearer nobody"}, 401, codes.Unauthenticated, `Bearer realm="cpms", error="invalid_token"`},
	"program":         {[]string{"Bearer program"}, 401, codes.Unauthenticated, `Bearer realm="cpms", error="invalid_token"`},
	"another scope":   {[]string{"Bearer narrow"}, 403, codes.PermissionDenied, `Bearer realm="cpms", error="insufficient_scope", scope="access"`},
	"too weak":        {[]string{"Bearer weak"}, 401, codes.Unauthenticated, stepUp},
	"too old":         {[]string{"Bearer old"}, 401, codes.Unauthenticated, stepUp},
	"no time at all":  {[]string{"Bearer ageless"}, 401, codes.Unauthenticated, stepUp},
	"from the future": {[]string{"Bearer future"}, 401, codes.Unauthenticated, stepUp},
	"outage":          {[]string{"Bearer down"}, 503, codes.Unavailable, ""},
}

func TestChallengesOverHTTP(t *testing.T) {
	h := guard().Require(need, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if bearer.From(r.Context()).Subject != "anna" {
			t.Error("the token is not in the context")
		}
	}))
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/x?access_token=good", nil)
			r.Header["Authorization"] = c.header
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			if rec.Code != c.status || rec.Header().Get("WWW-Authenticate") != c.challenge || rec.Header().Get("Cache-Control") != "no-store" {
				t.Fatalf("%d %q", rec.Code, rec.Header())
			}
			if c.status == 200 {
				return
			}
			var p map[string]any
			if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || p["code"] == "" || rec.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%s %v", rec.Body, err)
			}
		})
	}
}

func TestChallengesOverGRPC(t *testing.T) {
	const method = "/grpc.health.v1.Health/Check"
	srv := grpc.NewServer(grpc.UnaryInterceptor(guard().Unary(map[string]bearer.Need{method: need})))
	healthpb.RegisterHealthServer(srv, health.NewServer())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			for _, h := range c.header {
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", h)
			}
			var header metadata.MD
			_, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{}, grpc.Header(&header))
			got := ""
			if v := header.Get("www-authenticate"); len(v) > 0 {
				got = v[0]
			}
			if status.Code(err) != c.grpc || got != c.challenge {
				t.Fatalf("%v %q", err, got)
			}
		})
	}
	if _, err := healthpb.NewHealthClient(conn).List(t.Context(), &healthpb.HealthListRequest{}); err != nil {
		t.Errorf("a method without a need: %v", err)
	}
}

// What a challenge quotes cannot leave its quotes.
func FuzzChallenge(f *testing.F) {
	f.Add("cpms", "access", "medium")
	f.Add("a\"b", "\\", "x\r\nSet-Cookie: y")
	f.Fuzz(func(t *testing.T, realm, scope, acr string) {
		n := bearer.Need{Scope: scope, ACR: []string{acr}}
		for _, err := range []error{bearer.ErrMissing, bearer.ErrInvalid, bearer.ErrScope, bearer.ErrAuthentication} {
			c := n.Challenge(realm, err)
			if strings.ContainsAny(c, "\r\n\\") || strings.Count(c, `"`)%2 != 0 || strings.Count(c, `"`) != 2*strings.Count(c, `="`) && !strings.Contains(realm+scope+acr, "=") {
				t.Fatalf("%q", c)
			}
		}
	})
}
