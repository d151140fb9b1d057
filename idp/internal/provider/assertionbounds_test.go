package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What a stranger can send costs little, a jti is its client's own, and it is remembered for as long as the assertion
// could come again.
func TestAssertionsAreBounded(t *testing.T) {
	w := newWorld(t)
	if w.authenticates(w.assertion("rp", map[string]any{"note": strings.Repeat("x", 9<<10)})) || w.authenticates(w.assertion("rp", map[string]any{"jti": strings.Repeat("x", 257)})) {
		t.Error("an assertion or a jti without end")
	}
	same := map[string]any{"jti": "same"}
	if !w.authenticates(w.assertion("rp", same)) || !w.authenticates(w.assertion("other", same)) {
		t.Error("a client used the jti of another one up")
	}
	late := w.assertion("rp", map[string]any{"iat": nil, "exp": w.now().Add(5*time.Minute + 29*time.Second).Unix()})
	if !w.authenticates(late) {
		t.Fatal("a clock that is half a minute ahead")
	}
	w.pass(5*time.Minute + 50*time.Second)
	if w.authenticates(late) {
		t.Error("the replay outlives the memory of it")
	}
}

// Security case 23: a header that authenticates by a secret is refused beside whatever else authenticates.
func TestNoSecretInAHeader(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest("POST", w.issuer+"/oauth/introspect", strings.NewReader(w.as("rp", url.Values{"token": {"x"}}).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("rp", "secret")
	rec := httptest.NewRecorder()
	if w.handler.ServeHTTP(rec, r); rec.Code != http.StatusUnauthorized {
		t.Errorf("%d", rec.Code)
	}
}
