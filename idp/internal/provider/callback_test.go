package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
)

func TestD4FlowFixationAndD5Once(t *testing.T) {
	w := newWorld(t)
	rec := w.authorize(ask())
	flow := answer(rec).Get("flow")
	if rec.Code != http.StatusSeeOther || flow == "" {
		t.Fatalf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
	own := rec.Result().Cookies()
	acc, err := w.store.ByID(t.Context(), anna)
	w.must(err)
	binding := own[0]
	r := httptest.NewRequest("GET", w.issuer+"/", nil)
	r.AddCookie(binding)
	b := ident.Digest(binding.Value)
	if _, err := w.login.Prove(t.Context(), flow, b, acc, policy.Proof{Method: policy.Password, At: w.now()}); err != nil {
		t.Fatal(err)
	}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, binding); rec.Code == http.StatusSeeOther {
		t.Fatal("an unfinished sign-in gave an answer")
	}
	done, err := w.login.Look(t.Context(), flow, b)
	w.must(err)
	if done.Step != "done" {
		t.Fatal(done.Step)
	}
	w.finish(flow, b)
	stranger := &http.Cookie{Name: binding.Name, Value: strings.Repeat("A", 43)}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, stranger); rec.Code != http.StatusForbidden || answer(rec).Get("code") != "" {
		t.Fatalf("another browser: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, binding); answer(rec).Get("code") == "" || answer(rec).Get("iss") != w.issuer {
		t.Fatalf("its own browser: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, binding); rec.Code != http.StatusGone {
		t.Fatalf("twice: %d", rec.Code)
	}
}

// A sign-in may take a quarter of an hour: what was registered when it began may be gone.
func TestAnswerGoesToAnAddressThatIsStillRegistered(t *testing.T) {
	w := newWorld(t)
	flow, binding := w.signedIn(ask())
	w.register("rp", map[string]any{"redirect_uris": []string{"https://rp.example/new"}})
	rec := w.do("GET", "/authorize/callback?id="+flow, nil, binding)
	if rec.Header().Get("Location") != "" || rec.Code != http.StatusUnprocessableEntity {
		t.Fatalf("%d to %s", rec.Code, rec.Header().Get("Location"))
	}
}

// The claims parameter may ask for one person; another one is not an answer to it.
func TestClaimsMayAskForOnePerson(t *testing.T) {
	w := newWorld(t)
	q := func(sub string) url.Values { return ask("claims", `{"id_token":{"sub":{"value":"`+sub+`"}}}`) }
	if a := answer(w.authorize(q(string(anna)), w.signIn(true))); a.Get("code") == "" {
		t.Errorf("she herself: %v", a)
	}
	silent := q("n00somebody")
	silent.Set("prompt", "none")
	if a := answer(w.authorize(silent, w.signIn(true))); a.Get("error") != "login_required" {
		t.Errorf("silently: %v", a)
	}
	flow, binding := w.signedIn(q("n00somebody"))
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, binding)); a.Get("error") != "login_required" || a.Get("iss") != w.issuer {
		t.Errorf("after a sign-in: %v", a)
	}
}

// signedIn begins a sign-in and brings it to its end.
func (w *world) signedIn(q url.Values) (flow string, binding *http.Cookie) {
	w.t.Helper()
	rec := w.authorize(q)
	flow = answer(rec).Get("flow")
	if flow == "" {
		w.t.Fatalf("no sign-in: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	binding = rec.Result().Cookies()[0]
	w.prove(flow, binding)
	return flow, binding
}

// prove types the password of a sign-in and ends it.
func (w *world) prove(flow string, binding *http.Cookie) {
	w.t.Helper()
	acc, err := w.store.ByID(w.t.Context(), anna)
	w.must(err)
	b := ident.Digest(binding.Value)
	_, err = w.login.Prove(w.t.Context(), flow, b, acc, policy.Proof{Method: policy.Password, At: w.now()})
	w.must(err)
	w.finish(flow, b)
}
