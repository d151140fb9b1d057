// Command goclient is a relying party on github.com/coreos/go-oidc, and asks the OIDC authenticator
// of kube-apiserver about its ID tokens. It takes its settings from the environment, as every relying
// party in this folder does: ISSUER, CLIENT_ID, CLIENT_KEY (a JWK with the private key), BASE, SCOPE.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	issuer, id, base := os.Getenv("ISSUER"), os.Getenv("CLIENT_ID"), os.Getenv("BASE")
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return err
	}
	key, err := readKey(os.Getenv("CLIENT_KEY"))
	if err != nil {
		return err
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		return err
	}
	kube, err := newCluster(ctx, issuer, id)
	if err != nil {
		return err
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	rp := &party{
		oauth:    oauth2.Config{ClientID: id, Endpoint: endpoint, RedirectURL: base + "/callback", Scopes: []string{oidc.ScopeOpenID, "email", oidc.ScopeOfflineAccess}},
		verifier: provider.Verifier(&oidc.Config{ClientID: id}), provider: provider, key: key, audience: issuer, bye: base + "/bye", endSession: more.EndSession, kube: kube,
	}
	server := &http.Server{Addr: os.Getenv("LISTEN"), Handler: rp.routes(), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
