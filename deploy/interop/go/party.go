package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// party is one relying party with one person in front of it: enough for a test.
type party struct {
	oauth           oauth2.Config
	provider        *oidc.Provider
	verifier        *oidc.IDTokenVerifier
	key             clientKey
	audience        string
	endSession, bye string
	kube            cluster

	state, nonce, pkce string
	token              *oauth2.Token
	raw                string // the ID token
}

func (p *party) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("GET /login", p.login)
	mux.HandleFunc("GET /callback", p.guard(p.callback))
	mux.HandleFunc("GET /refresh", p.guard(p.refresh))
	mux.HandleFunc("GET /api", p.guard(p.asAPI))
	mux.HandleFunc("GET /kube", p.guard(p.askCluster))
	mux.HandleFunc("GET /logout", p.logout)
	mux.HandleFunc("GET /bye", func(w http.ResponseWriter, _ *http.Request) { show(w, "goodbye") })
	return mux
}

// guard shows errors.
func (p *party) guard(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(w, r); err != nil {
			w.WriteHeader(http.StatusBadGateway)
			show(w, "error: "+err.Error())
		}
	}
}

func show(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, "<!doctype html><html lang=en><title>go-oidc</title><body><p>%s</p></body></html>", html.EscapeString(text))
}

func (p *party) home(w http.ResponseWriter, _ *http.Request) {
	if p.raw == "" {
		show(w, "nobody is signed in")
		return
	}
	show(w, p.raw)
}

func (p *party) login(w http.ResponseWriter, r *http.Request) {
	p.state, p.nonce, p.pkce = rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	options := []oauth2.AuthCodeOption{oidc.Nonce(p.nonce), oauth2.S256ChallengeOption(p.pkce)}
	if acr := r.URL.Query().Get("acr"); acr != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", acr))
	}
	http.Redirect(w, r, p.oauth.AuthCodeURL(p.state, options...), http.StatusFound)
}

func (p *party) callback(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("state") != p.state || r.URL.Query().Get("iss") != p.audience {
		return errors.New("state or iss")
	}
	assertion, err := p.key.assert(p.oauth.ClientID, p.audience)
	if err != nil {
		return err
	}
	token, err := p.oauth.Exchange(r.Context(), r.URL.Query().Get("code"), append(assertion, oauth2.VerifierOption(p.pkce))...)
	if err != nil {
		return err
	}
	return p.take(w, r, token, p.nonce)
}

// take verifies what the token endpoint gave, asks userinfo with it, and shows both.
func (p *party) take(w http.ResponseWriter, r *http.Request, token *oauth2.Token, nonce string) error {
	raw, _ := token.Extra("id_token").(string)
	id, err := p.verifier.Verify(r.Context(), raw)
	if err != nil {
		return err
	}
	if nonce != "" && id.Nonce != nonce {
		return errors.New("nonce")
	}
	if err := id.VerifyAccessToken(token.AccessToken); id.AccessTokenHash != "" && err != nil {
		return err
	}
	info, err := p.provider.UserInfo(r.Context(), oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	var claims struct {
		ACR string `json:"acr"`
	}
	if err := id.Claims(&claims); err != nil {
		return err
	}
	if info.Subject != id.Subject {
		return errors.New("userinfo speaks of somebody else")
	}
	p.token, p.raw = token, raw
	show(w, fmt.Sprintf("sub=%s acr=%s email=%s", id.Subject, claims.ACR, info.Email))
	return nil
}

// refresh redeems the refresh token, which must give another one.
func (p *party) refresh(w http.ResponseWriter, r *http.Request) error {
	assertion, err := p.key.assert(p.oauth.ClientID, p.audience)
	if err != nil {
		return err
	}
	// oauth2.TokenSource takes no assertion, so the exchange is told which grant it is
	options := append(assertion, oauth2.SetAuthURLParam("grant_type", "refresh_token"), oauth2.SetAuthURLParam("refresh_token", p.token.RefreshToken))
	old := p.token
	token, err := p.oauth.Exchange(r.Context(), "", options...)
	if err != nil {
		return err
	}
	if token.AccessToken == old.AccessToken || token.RefreshToken == old.RefreshToken {
		return errors.New("nothing was renewed")
	}
	return p.take(w, r, token, "")
}

// asAPI verifies the access token as a resource server does that knows the key set alone (RFC 9068 §4), and
// makes sure that it passes for no ID token.
func (p *party) asAPI(w http.ResponseWriter, r *http.Request) error {
	raw := p.token.AccessToken
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[0])
	if err != nil {
		return err
	}
	var kind struct {
		Type string `json:"typ"`
	}
	if err := json.Unmarshal(header, &kind); err != nil || kind.Type != "at+jwt" {
		return fmt.Errorf("typ %q: %v", kind.Type, err)
	}
	token, err := p.provider.Verifier(&oidc.Config{ClientID: p.audience}).Verify(r.Context(), raw)
	if err != nil {
		return err
	}
	if _, err := p.verifier.Verify(r.Context(), raw); err == nil {
		return errors.New("the access token passes for an ID token")
	}
	var claims struct {
		Client string `json:"client_id"`
		Scope  string `json:"scope"`
	}
	if err := token.Claims(&claims); err != nil {
		return err
	}
	show(w, fmt.Sprintf("access token of client=%s sub=%s scope=%s", claims.Client, token.Subject, claims.Scope))
	return nil
}

func (p *party) askCluster(w http.ResponseWriter, r *http.Request) error {
	user, err := p.kube.who(r.Context(), p.raw)
	if err != nil {
		return err
	}
	show(w, "kubernetes user "+user)
	return nil
}

func (p *party) logout(w http.ResponseWriter, r *http.Request) {
	q := url.Values{"id_token_hint": {p.raw}, "post_logout_redirect_uri": {p.bye}, "state": {"s"}}
	p.raw, p.token = "", nil
	http.Redirect(w, r, p.endSession+"?"+q.Encode(), http.StatusFound)
}
