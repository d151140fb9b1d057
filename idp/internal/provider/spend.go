package provider

import (
	"context"
	"net/http"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/proto/kit/kv"
)

// spend uses the jti of a client assertion up. Where the request goes on to a record that is read
// anyway, it is left to that trip: it is spent before anything is given for it (see leftover).
func (s *server) spend(ctx context.Context, m kv.Mark) error {
	if x := exchange(ctx); readsARecord(x.r) {
		x.mark = m
		return nil
	}
	return s.mark(ctx, m)
}

// readsARecord names the requests whose first record is read together with a mark: introspection, and
// the exchange of a code or of a token.
func readsARecord(r *http.Request) bool {
	return r.URL.Path == introspectPath || r.URL.Path == tokenPath && slices.Contains([]string{string(oidc.GrantTypeCode), client.TokenExchange}, r.PostForm.Get("grant_type"))
}

func (s *server) mark(ctx context.Context, m kv.Mark) error {
	return s.KV.Swap(ctx, m.Key, nil, []byte("1"), m.Life)
}

// left gives the mark that client authentication left, once; the zero mark is none.
func left(ctx context.Context) kv.Mark {
	x := exchange(ctx)
	m := x.mark
	x.mark = kv.Mark{}
	return m
}

// leftover spends what a request was answered without: it was refused before any record was read, and
// its assertion is good for no other.
func (s *server) leftover(x *request) {
	if x.mark == (kv.Mark{}) {
		return
	}
	ctx := context.WithoutCancel(x.r.Context())
	if err := s.mark(ctx, x.mark); err != nil && !wrong(err) {
		s.Log.WarnContext(ctx, "a client assertion of a refused request could not be used up", "error", err)
	}
}
