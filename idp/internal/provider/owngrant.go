package provider

import (
	"context"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
)

// ownGrants are the grants that the library's token endpoint does not know, by their grant_type. Each
// is in client.GrantTypes too.
var ownGrants = map[string]func(*server, context.Context, *client.Client, *http.Request) (*oidc.AccessTokenResponse, error){
	client.CIBA: (*server).backchannelToken,
}

// ownGrant answers at the token endpoint as the library does: the client authenticates, and must have
// registered the grant.
func (s *server) ownGrant(w http.ResponseWriter, r *http.Request, give func(*server, context.Context, *client.Client, *http.Request) (*oidc.AccessTokenResponse, error)) {
	c, err := s.authenticate(r.Context(), r)
	if err == nil && !c.Allows(r.PostForm.Get("grant_type")) {
		err = oidc.ErrUnauthorizedClient()
	}
	var answer *oidc.AccessTokenResponse
	if err == nil {
		answer, err = give(s, r.Context(), c, r)
	}
	if err != nil {
		op.WriteError(w, r, err, s.Log)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}
