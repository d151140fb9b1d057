package provider_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"net/http/httptest"
	"net/url"
	"testing"
)

// The bound that the endpoints are held against: one ES256 signature and one verification.
func BenchmarkBareES256(b *testing.B) {
	w := newWorld(b)
	key, sum := w.keys["rp"], sha256.Sum256([]byte("x"))
	for b.Loop() {
		sig, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
		if err != nil || !ecdsa.VerifyASN1(&key.PublicKey, sum[:], sig) {
			b.Fatal(err)
		}
	}
}

// Authorize with a living session: the hot path of single sign-on.
func BenchmarkAuthorizeWithSession(b *testing.B) {
	w := newWorld(b)
	cookie, q := w.signIn(true), ask()
	b.ReportAllocs()
	for b.Loop() {
		if answer(w.authorize(q, cookie)).Get("code") == "" {
			b.Fatal("no code")
		}
	}
}

// Code exchange with private_key_jwt, the making of code and assertion not counted.
func BenchmarkCodeExchange(b *testing.B) {
	w := newWorld(b)
	cookie, q := w.signIn(true), ask("scope", "openid email")
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		form := w.as("rp", exchange(answer(w.authorize(q, cookie)).Get("code")))
		b.StartTimer()
		if got, rec := w.token(form); got.ID == "" {
			b.Fatal(rec.Body)
		}
	}
}

func BenchmarkIntrospection(b *testing.B) {
	w := newWorld(b)
	got := w.redeem(w.code())
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		form := w.as("rp", url.Values{"token": {got.Access}})
		b.StartTimer()
		if rec := w.do("POST", "/oauth/introspect", form); rec.Code != 200 {
			b.Fatal(rec.Body)
		}
	}
}

func BenchmarkUserinfo(b *testing.B) {
	w := newWorld(b)
	got := w.redeem(w.code())
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("GET", w.issuer+"/oauth/userinfo", nil)
		r.Header.Set("Authorization", "Bearer "+got.Access)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != 200 {
			b.Fatal(rec.Body)
		}
	}
}

func BenchmarkJWKS(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		if w.do("GET", "/oauth/keys", nil).Code != 200 {
			b.Fatal("no keys")
		}
	}
}
