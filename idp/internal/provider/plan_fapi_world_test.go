package provider_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// variant is how the plan's clients prove who they are, and what their tokens are bound to.
type variant interface {
	// call sends a form in the name of a client, of none where that is "", with what its tokens are bound to or
	// without.
	call(method, path, as string, form url.Values, bound bool) *httptest.ResponseRecorder
	// info asks userinfo by a scheme of the Authorization header, with what tokens of a client are bound to.
	info(as, scheme, access string) int
	// scheme is that of bound tokens.
	scheme() string
	// unbound is the error for who comes without what tokens are bound to.
	unbound() string
	// offered wants discovery to tell of the variant.
	offered(f *fapi)
	// renew replaces what tokens are bound to from now on.
	renew()
}

// fapi is a plan in a variant.
type fapi struct {
	*conforming
	variant
	h *holder // of the key of proofs; nil in a variant without
}

// fapiClients are the two clients of the plan, with their addresses.
var fapiClients = map[string]string{"rp": callback, "other": "https://other.example/cb"}

func fapiMetadata(redirect string, changes map[string]any) map[string]any {
	all := map[string]any{
		"redirect_uris": []string{redirect}, "grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid email profile phone offline_access",
		"profile": "fapi2", "require_pushed_authorization_requests": true,
	}
	maps.Copy(all, changes)
	return all
}

// pushed sends an authorization request, and gives the answer.
func (f *fapi) pushed(changes ...string) (string, *httptest.ResponseRecorder) {
	rec := f.call(http.MethodPost, "/oauth/par", "rp", ask(changes...), true)
	var out struct {
		URI string `json:"request_uri"`
	}
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	return out.URI, rec
}

// pushes wants a request to be taken.
func (f *fapi) pushes(changes ...string) string {
	f.t.Helper()
	uri, rec := f.pushed(changes...)
	f.wants(rec.Code == http.StatusCreated && uri != "", "%d %s", rec.Code, rec.Body)
	return uri
}

// refused wants a request to be refused where it is pushed.
func (f *fapi) refused(changes ...string) {
	f.t.Helper()
	_, rec := f.pushed(changes...)
	f.wants(rec.Code == http.StatusBadRequest, "%d %s", rec.Code, rec.Body)
}

// opened is the browser of a person with a pushed request.
func (f *fapi) opened(uri string, changes ...string) url.Values {
	return answer(f.authorize(pulled(uri, changes...), f.signIn(true)))
}

// coded gives the code of a request.
func (f *fapi) coded(changes ...string) string {
	f.t.Helper()
	code := f.opened(f.pushes(changes...)).Get("code")
	f.wants(code != "", "no code")
	return code
}

// grants asks the token endpoint.
func (f *fapi) grants(as string, form url.Values, bound bool) (t tokens, rec *httptest.ResponseRecorder) {
	rec = f.call(http.MethodPost, "/oauth/token", as, form, bound)
	_ = json.Unmarshal(rec.Body.Bytes(), &t)
	return t, rec
}

// tokens redeems a code.
func (f *fapi) tokens(code string, changes ...string) (tokens, *httptest.ResponseRecorder) {
	return f.grants("rp", exchange(code, changes...), true)
}

// whole runs a flow to userinfo and gives the ID token's claims.
func (f *fapi) whole(changes ...string) map[string]any {
	f.t.Helper()
	all, rec := f.tokens(f.coded(changes...))
	f.wants(all.ID != "", "%d %s", rec.Code, rec.Body)
	f.wants(f.info("rp", f.scheme(), all.Access) == http.StatusOK, "userinfo")
	return f.claims(all.ID)
}
