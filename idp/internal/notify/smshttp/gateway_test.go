package smshttp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"eulogin.example/idp/internal/notify/smshttp"
	"eulogin.example/proto/kit/fault"
)

func TestSend(t *testing.T) {
	var got map[string]string
	var header http.Header
	status := http.StatusAccepted
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		_ = json.NewDecoder(r.Body).Decode(&got)
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	g, err := smshttp.New(server.URL, "secret-token")
	if err != nil {
		t.Fatal(err)
	}
	if err := g.SendSMS(t.Context(), "+32123456790", "code AB3-KX9-2MP", "ref-1"); err != nil {
		t.Fatal(err)
	}
	if got["to"] != "+32123456790" || got["ref"] != "ref-1" || header.Get("Idempotency-Key") != "ref-1" || header.Get("Authorization") != "Bearer secret-token" {
		t.Errorf("%v %v", got, header)
	}
	for code, want := range map[int]fault.Kind{
		400: fault.Invalid, 422: fault.Invalid, 408: fault.Unavailable, 429: fault.Unavailable, 500: fault.Unavailable, 302: fault.Unavailable,
	} {
		status = code
		err := g.SendSMS(t.Context(), "+32123456790", "code AB3-KX9-2MP", "ref-1")
		if fault.KindOf(err) != want || strings.Contains(err.Error(), "AB3") || strings.Contains(err.Error(), "secret-token") {
			t.Errorf("%d: %v", code, err)
		}
	}
	server.Close()
	if err := g.SendSMS(t.Context(), "+32123456790", "x", "r"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("no answer: %v", err)
	}
}

func TestAddressIsChecked(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://sms.example/send": true, "http://127.0.0.1:9/": true, "http://sms.example/": false, "ftp://x/": false, "": false,
	} {
		if _, err := smshttp.New(address, ""); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
