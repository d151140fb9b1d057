package appapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"eulogin.example/idp/internal/phonetest"
)

func TestRequestsFromOutside(t *testing.T) {
	w := phonetest.New(t)
	for name, c := range map[string]struct {
		method, path, body string
		header             map[string]string
		status             int
		code               string
	}{
		"unsigned":               {"GET", "/app/api/device", "", nil, 401, "phone.signature_invalid"},
		"no such call":           {"GET", "/app/api/devices", "", nil, 404, "phone.no_such_call"},
		"wrong method":           {"DELETE", "/app/api/device", "", nil, 404, "phone.no_such_call"},
		"another site":           {"POST", "/app/api/enrol", "{}", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "phone.cross_origin"},
		"foreign origin":         {"POST", "/app/api/enrol", "{}", map[string]string{"Origin": "https://evil.test"}, 403, "phone.cross_origin"},
		"a megabyte":             {"POST", "/app/api/enrol", strings.Repeat("x", 1<<20), nil, 422, "phone.message_invalid"},
		"unsigned watch":         {"POST", "/app/api/watch", "{}", nil, 401, "phone.signature_invalid"},
		"GET of watch":           {"GET", "/app/api/watch", "", nil, 404, "phone.no_such_call"},
		"unsigned new PIN":       {"POST", "/app/api/device/pin", "{}", nil, 401, "phone.signature_invalid"},
		"GET of new PIN":         {"GET", "/app/api/device/pin", "", nil, 404, "phone.no_such_call"},
		"unsigned biometrics":    {"POST", "/app/api/device/biometrics", "{}", nil, 401, "phone.signature_invalid"},
		"GET of biometrics":      {"GET", "/app/api/device/biometrics", "", nil, 404, "phone.no_such_call"},
		"unsigned no biometrics": {"POST", "/app/api/device/biometrics/off", "{}", nil, 401, "phone.signature_invalid"},
		"GET of no biometrics":   {"GET", "/app/api/device/biometrics/off", "", nil, 404, "phone.no_such_call"},
		"unsigned push":          {"POST", "/app/api/device/push", "{}", nil, 401, "phone.signature_invalid"},
		"GET of push":            {"GET", "/app/api/device/push", "", nil, 404, "phone.no_such_call"},
		"unsigned answer":        {"POST", "/app/api/requests/0123456789abcdefghjkmnpqrs/answer", "{}", nil, 401, "phone.signature_invalid"},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		rec := httptest.NewRecorder()
		w.Mux.ServeHTTP(rec, r)
		var p struct {
			Code string
			Now  int64
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != c.status || p.Code != c.code || p.Now == 0 {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
		h := rec.Header()
		if h.Get("Cache-Control") != "no-store" || h.Get("Content-Type") != "application/problem+json" || h.Get("Set-Cookie") != "" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v", name, h)
		}
	}
}

// FuzzHeaders throws signature headers at a call that needs them.
func FuzzHeaders(f *testing.F) {
	w := phonetest.New(f)
	f.Add("sha-256=:AAAA:", `app=("@method" "@target-uri" "content-digest");created=1;nonce="aaaaaaaaaaaaaaaaaaaaaa";keyid="0123456789abcdefghjkmnpqrs";tag="eulogin-app/1"`, "app=:AAAA:", "GET")
	f.Add("", "app=", "app=::", "POST")
	f.Fuzz(func(t *testing.T, digest, input, sig, method string) {
		r := httptest.NewRequest("GET", "/app/api/device", nil)
		r.Method = method
		r.Header = http.Header{"Content-Digest": {digest}, "Signature-Input": {input}, "Signature": {sig}}
		rec := httptest.NewRecorder()
		w.Mux.ServeHTTP(rec, r)
		if rec.Code != 401 && rec.Code != 404 && rec.Code != 405 && rec.Code != 410 {
			t.Fatalf("status %d: %s", rec.Code, rec.Body)
		}
	})
}
