package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phonetest"
)

// What the phone approves in its last second can still be fetched, and the phone takes no answer that
// nobody could fetch: also with a life that the service chose (CIBA Core §7.1, requested_expiry).
func TestNoApprovalComesTooLate(t *testing.T) {
	d := newCallDesk(t, nil)
	for asked, life := range map[string]int{"": 120, "30": 30, "1": 30, "60": 60, "86400": 120} {
		id, rec := d.begin("desk", "requested_expiry", asked)
		if !strings.Contains(rec.Body.String(), `"expires_in":`+strconv.Itoa(life)+`,`) {
			t.Fatalf("%q: %d %s", asked, rec.Code, rec.Body)
		}
		d.pass(time.Duration(life-11) * time.Second)
		d.must(d.approve("42"))
		d.pass(10 * time.Second) // the last poll before expires_in
		if got, rec := d.ask("desk", id); got.Access == "" {
			t.Errorf("%q: approved in time, and %d %s", asked, rec.Code, rec.Body)
		}
		d.pass(time.Hour)
		d.begun("requested_expiry", asked)
		r := d.received()
		d.pass(time.Duration(life-10) * time.Second)
		if err := d.phones.Client.Approve(t.Context(), d.link, r, "42", phonetest.PIN); err == nil {
			t.Errorf("%q: the phone took an answer at the very end", asked)
		}
		d.pass(time.Hour)
	}
}

// A person is asked by one service at a time. Another waits until that is over; asking again oneself
// replaces.
func TestOneServiceAsksAPersonAtATime(t *testing.T) {
	d := newCallDesk(t, nil)
	if answer(d.authorize(ask("client_id", "stranger", "scope", "openid email"), d.signIn(true))).Get("code") == "" {
		t.Fatal("Anna cannot use the other service")
	}
	other := func(what string, code int) string {
		t.Helper()
		id, rec := d.begin("stranger", "binding_message", "77")
		if rec.Code != code || code == http.StatusTooManyRequests && rec.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %v %s", what, rec.Code, rec.Header(), rec.Body)
		}
		return id
	}
	for what, over := range map[string]func(){
		"denied":        func() { d.must(d.phones.Client.Deny(t.Context(), d.link, d.received(), false)) },
		"approved":      func() { d.must(d.approve("42")) },
		"expired":       func() { d.pass(phone.PushFor) },
		"wrong numbers": func() { _, _, _ = d.approve("11"), d.approve("12"), d.approve("13") },
	} {
		d.begun()
		id := d.begun() // replaces
		for range 5 {
			other("while the first asks", http.StatusTooManyRequests) // and costs no try
		}
		d.wants("the first", id, "authorization_pending")
		over()
		other("after it was "+what, http.StatusOK)
		d.pass(time.Hour)
	}
	var won atomic.Int64
	var wg sync.WaitGroup
	for _, as := range []string{"desk", "stranger"} {
		wg.Go(func() {
			if _, rec := d.begin(as); rec.Code == http.StatusOK {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("of two at once %d ask", won.Load())
	}
}

// Tokens of the phone are for the resources that were asked for, and no others.
func TestTokensOfThePhoneAreForTheResourcesAskedFor(t *testing.T) {
	api := "https://api.example/records"
	d := newCallDesk(t, map[string]any{"resources": []string{api}})
	d.register("api", map[string]any{"redirect_uris": []string{"https://api.example/cb"}, "resource_identifiers": []string{api}})
	id := d.begun("resource", api)
	d.must(d.approve("42"))
	got, rec := d.ask("desk", id)
	if got.Access == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if seen := d.introspected("api", got.Access); !slices.Equal(seen["aud"].([]any), []any{api}) {
		t.Errorf("the resource server hears %v", seen)
	}
	if d.userinfo(got.Access).Code != http.StatusUnauthorized {
		t.Error("a token for the API alone is good at userinfo")
	}
	d.signedIn("in her browser and on the phone", 2)
	id = d.begun()
	d.must(d.approve("42"))
	if got, _ := d.token(d.as("desk", url.Values{"grant_type": {ciba}, "auth_req_id": {id}, "resource": {api}})); got.Error != "invalid_target" {
		t.Errorf("a resource that the request did not name: %+v", got)
	}
	d.signedIn("nothing was given", 2)
}
