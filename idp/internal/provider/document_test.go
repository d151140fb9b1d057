package provider_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Metadata and keys are kept for five minutes, and asked for again at the cost of their tag. The type
// is the one that every client expects (RFC 7517 §8.5.1 registers another and does not require it).
func TestDocumentsAreAskedForByTheirTag(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/keys"} {
		first := w.do("GET", path, nil)
		tag := first.Header().Get("ETag")
		if first.Code != http.StatusOK || len(tag) < 20 || first.Header().Get("Content-Type") != "application/json" || first.Header().Get("Cache-Control") != "public, max-age=300" || first.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", path, first.Code, first.Header())
		}
		for have, want := range map[string]int{tag: 304, `"other", ` + tag: 304, "W/" + tag: 304, "*": 304, `"other"`: 200, tag[1 : len(tag)-1]: 200, "": 200} {
			r := httptest.NewRequest("GET", w.issuer+path, nil)
			r.Header.Set("If-None-Match", have)
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			if rec.Code != want || rec.Header().Get("ETag") != tag || rec.Header().Get("Cache-Control") != "public, max-age=300" || (want == 304) != (rec.Body.Len() == 0) {
				t.Errorf("%s for those who have %s: %d, %d bytes, %v", path, have, rec.Code, rec.Body.Len(), rec.Header())
			}
		}
		if rec := w.do("HEAD", path, nil); rec.Code != http.StatusOK || rec.Body.Len() != 0 || rec.Header().Get("ETag") != tag {
			t.Errorf("HEAD %s: %d, %d bytes", path, rec.Code, rec.Body.Len())
		}
	}
}

// The tag of the key set changes with the set, in every process to the same.
func TestTheTagFollowsTheKeys(t *testing.T) {
	w := newWorld(t)
	tag := func() string { return w.do("GET", "/oauth/keys", nil).Header().Get("ETag") }
	before := tag()
	w.must(w.ring.Refresh(t.Context()))
	if tag() != before {
		t.Error("the same keys have another tag")
	}
	w.pass(29 * 24 * time.Hour) // the next key is published
	w.must(w.ring.Refresh(t.Context()))
	if tag() == before {
		t.Error("other keys have the same tag")
	}
}
