package appapi

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
)

func TestDecodeWantsOneKnownObject(t *testing.T) {
	for name, c := range map[string]struct {
		kind, body string
		want       bool
	}{
		"good":          {"application/json", `{"decision":"deny","time":1,"signature":""}`, true},
		"charset":       {"application/json; charset=utf-8", `{}`, true},
		"unknown":       {"application/json", `{"admin":true}`, false},
		"two":           {"application/json", `{}{}`, false},
		"behind":        {"application/json", `{} x`, false},
		"other type":    {"text/plain", `{}`, false},
		"no type":       {"", `{}`, false},
		"wrong type":    {"application/json", `{"time":"1"}`, false},
		"huge time":     {"application/json", `{"time":99999999999999999999}`, false},
		"list":          {"application/json", `[]`, false},
		"empty":         {"application/json", ``, false},
		"deeply nested": {"application/json", strings.Repeat("[", 8000), false},
	} {
		var in answerIn
		r := &http.Request{Header: http.Header{"Content-Type": {c.kind}}}
		if err := decode(r, []byte(c.body), &in); (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzEnrolBody(f *testing.F) {
	f.Add([]byte(`{"id":"a","secret":"b","key":{"kty":"EC","crv":"P-256","x":"","y":""},"pin":"4711","system":""}`))
	f.Add([]byte(`{"key":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in enrolIn
		r := &http.Request{Header: http.Header{"Content-Type": {"application/json"}}}
		if decode(r, body, &in) != nil {
			return
		}
		if key, err := phone.ParseKey(in.Key); err == nil && len(key.Thumbprint()) != 43 {
			t.Fatal("a key without a name")
		}
	})
}

func FuzzReadParams(f *testing.F) {
	good := sigLabel + "=" + sigComponents + `;created=1795435200;nonce="aaaaaaaaaaaaaaaaaaaaaa";keyid="0123456789abcdefghjkmnpqrs";tag="eulogin-app/1"`
	f.Add(good)
	f.Add(strings.Replace(good, "created=1", "created=+1", 1))
	f.Add(strings.Replace(good, "created=1", "created=01", 1))
	f.Fuzz(func(t *testing.T, input string) {
		sig, err := readParams(input)
		if err != nil {
			return
		}
		if input != sigLabel+"="+sig.Params || !urlSafe(sig.KeyID) || !urlSafe(sig.Nonce) || bytes.ContainsAny([]byte(input), "\r\n") {
			t.Fatalf("%q was read as %+v", input, sig)
		}
	})
}
