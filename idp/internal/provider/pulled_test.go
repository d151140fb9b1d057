package provider_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/login"
)

// opened loads a pushed request in a browser without a session; it gives the sign-in that began, and
// the cookie that it is bound to.
func (w *world) opened(uri string, cookies ...*http.Cookie) (flow string, binding *http.Cookie, rec *httptest.ResponseRecorder) {
	rec = w.authorize(pulled(uri), cookies...)
	if set := rec.Result().Cookies(); len(set) > 0 {
		binding = set[0]
	} else if len(cookies) > 0 {
		binding = cookies[0]
	}
	return answer(rec).Get("flow"), binding, rec
}

// finished types a password and gives what the callback answers.
func (w *world) finished(flow string, binding *http.Cookie) *httptest.ResponseRecorder {
	w.t.Helper()
	w.prove(flow, binding)
	return w.do("GET", "/authorize/callback?id="+flow, nil, binding)
}

// refusedPage wants the page that says that a request_uri is no longer good.
func refusedPage(t *testing.T, what string, rec *httptest.ResponseRecorder) {
	t.Helper()
	if rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Location") != "" || !strings.Contains(rec.Body.String(), "no longer good") {
		t.Errorf("%s: %d %s", what, rec.Code, rec.Header().Get("Location"))
	}
}

// RFC 9126 §7.3, and the modules par-ensure-reused-request-uri-prior-to-auth-completion-succeeds and
// par-attempt-reuse-request_uri of FAPI 2.0's plan: a reload before the sign-in is over is no replay,
// everything after its answer is.
func TestAPushedRequestSurvivesAReload(t *testing.T) {
	w := newWorld(t)
	uri, _ := w.push(w.as("rp", ask()))
	first, binding, _ := w.opened(uri)
	again, _, rec := w.opened(uri, binding)
	if first == "" || again == "" || first == again {
		t.Fatalf("reloaded: %q %q %d", first, again, rec.Code)
	}
	got := answer(w.finished(again, binding))
	if got.Get("code") == "" || got.Get("state") != "s1" {
		t.Fatalf("%v", got)
	}
	refusedPage(t, "after the code", w.authorize(pulled(uri), binding))
	refusedPage(t, "after the code, signed in", w.authorize(pulled(uri), binding, w.signIn(true)))
	refusedPage(t, "the sign-in of the other window", w.finished(first, binding))
	if w.redeem(got.Get("code")).ID == "" {
		t.Error("the one code is not good")
	}
}

// Security case 2: the browser in which the sign-in began is the only one that can go on with it,
// also when another one is signed in already.
func TestAPushedRequestStaysInItsBrowser(t *testing.T) {
	w := newWorld(t)
	uri, _ := w.push(w.as("rp", ask()))
	flow, binding, _ := w.opened(uri)
	stranger := &http.Cookie{Name: binding.Name, Value: strings.Repeat("A", 43)}
	for name, cookies := range map[string][]*http.Cookie{"without a cookie": nil, "with its own": {stranger}, "signed in": {stranger, w.signIn(true)}} {
		refusedPage(t, name, w.authorize(pulled(uri), cookies...))
	}
	if answer(w.finished(flow, binding)).Get("code") == "" {
		t.Error("the first browser was disturbed")
	}
}

// A request can be opened for five minutes; a sign-in that began in time may take longer.
func TestAPushedRequestExpires(t *testing.T) {
	w := newWorld(t)
	uri, _ := w.push(w.as("rp", ask()))
	flow, binding, _ := w.opened(uri)
	w.pass(5*time.Minute - time.Second)
	if late, _, rec := w.opened(uri, binding); late == "" {
		t.Errorf("just in time: %d", rec.Code)
	}
	w.pass(time.Second)
	refusedPage(t, "too late", w.authorize(pulled(uri), binding))
	w.pass(login.TTL - 6*time.Minute)
	if answer(w.finished(flow, binding)).Get("code") == "" {
		t.Error("the sign-in ended with the request")
	}
}

// An error is an answer too.
func TestAPushedRequestThatIsRefusedIsUsedUp(t *testing.T) {
	w := newWorld(t)
	uri, _ := w.push(w.as("rp", ask("prompt", "none")))
	if got := answer(w.authorize(pulled(uri))); got.Get("error") != "login_required" {
		t.Fatalf("%v", got)
	}
	refusedPage(t, "after the error", w.authorize(pulled(uri), w.signIn(true)))
}

// A hundred windows of one browser whose sign-ins are all over come at once: one gets a code.
func TestOneOfAHundredWindowsIsAnswered(t *testing.T) {
	w := newWorld(t)
	uri, _ := w.push(w.as("rp", ask()))
	_, binding, _ := w.opened(uri)
	flows := make([]string, 100)
	for i := range flows {
		flows[i], _, _ = w.opened(uri, binding)
		w.prove(flows[i], binding)
	}
	var codes atomic.Int64
	var wg sync.WaitGroup
	for _, flow := range flows {
		wg.Go(func() {
			if answer(w.do("GET", "/authorize/callback?id="+flow, nil, binding)).Get("code") != "" {
				codes.Add(1)
			}
		})
	}
	wg.Wait()
	if codes.Load() != 1 {
		t.Errorf("%d codes", codes.Load())
	}
}

// An outage uses nothing up.
func TestAPushedRequestSurvivesAnOutage(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	uri, _ := w.push(w.as("rp", ask()))
	for _, down := range []func(bool){w.kv.down.Store, w.lasting.down.Store} {
		down(true)
		if rec := w.authorize(pulled(uri), c); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
			t.Fatalf("%d", rec.Code)
		}
		down(false)
	}
	if got := answer(w.authorize(pulled(uri), c)); got.Get("code") == "" {
		t.Errorf("%v", got)
	}
}

// A request is its client's alone, also where another one has the same redirect address.
func TestAPushedRequestIsOfItsClient(t *testing.T) {
	w := newWorld(t)
	w.register("twin", map[string]any{"redirect_uris": []string{callback}, "scope": "openid email profile phone"})
	uri, _ := w.push(w.as("rp", ask()))
	refusedPage(t, "another client", w.authorize(pulled(uri, "client_id", "twin"), w.signIn(true)))
	if answer(w.authorize(pulled(uri), w.signIn(true))).Get("code") == "" {
		t.Error("it was used up")
	}
}

// Security case 13: between the push and its answer an operator takes the address off the list. Neither a
// code nor an error goes there.
func TestAPushedRequestGoesToNoFormerAddress(t *testing.T) {
	w := newWorld(t)
	for name, cookies := range map[string][]*http.Cookie{"a code": {w.signIn(true)}, "an error": nil} {
		w.registerAll()
		w.must(w.clients.Reload())
		uri, _ := w.push(w.as("rp", ask("prompt", "none")))
		w.register("rp", map[string]any{"redirect_uris": []string{"https://rp.example/new"}})
		if rec := w.authorize(pulled(uri), cookies...); rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Location") != "" {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Header().Get("Location"))
		}
	}
}
