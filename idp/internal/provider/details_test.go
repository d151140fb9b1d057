package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/session"
)

// edit is a type of details of the wiki, and post one of the mail service.
var (
	edit = map[string]any{"type": "wiki_edit", "title": map[string]string{"en": "Edit pages", "fr": "Modifier des pages"}, "fields": []any{
		map[string]any{"name": "space", "kind": "text", "label": map[string]string{"en": "Space"}, "required": true},
		map[string]any{"name": "actions", "kind": "texts", "label": map[string]string{"en": "Actions"}, "values": []string{"read", "write", "delete"}},
		map[string]any{"name": "days", "kind": "number", "label": map[string]string{"en": "Days"}},
	}}
	post = map[string]any{"type": "https://mail.example/send", "title": map[string]string{"en": "Send mail"}, "fields": []any{}}
)

// detailed registers two resource servers with their types, and rp as a client that may ask for both.
func detailed(t testing.TB, changes ...any) *world {
	w := apis(t, append(changes, "authorization_details_types", []string{"wiki_edit", "https://mail.example/send"})...)
	w.define("wiki", wiki, edit)
	w.define("mail", mail, post)
	return w
}

func (w *world) define(id, resource string, types ...any) {
	w.register(id, map[string]any{
		"resource_identifiers": []string{resource}, "grant_types": []string{}, "response_types": []string{}, "scope": "", "authorization_details_definitions": types,
	})
}

const (
	editing = `[{"type":"wiki_edit","space":"HR","actions":["read","write"],"days":30}]`
	both    = `[{"type":"wiki_edit","space":"HR","actions":["read","write"],"days":30},{"type":"https://mail.example/send"}]`
)

// asks sends a request to a person who is signed in, and gives the sign-in that it leads to.
func (w *world) asks(q url.Values) (flow string, binding *http.Cookie, v login.View) {
	w.t.Helper()
	rec := w.authorize(q, w.signIn(true))
	if flow = answer(rec).Get("flow"); flow == "" {
		w.t.Fatalf("nobody is asked: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	binding = rec.Result().Cookies()[0]
	v, err := w.login.Look(w.t.Context(), flow, ident.Digest(binding.Value))
	w.must(err)
	return flow, binding, v
}

// agreed lets the person agree, and gives the code.
func (w *world) agreed(q url.Values) string {
	w.t.Helper()
	flow, binding, _ := w.asks(q)
	b := ident.Digest(binding.Value)
	_, err := w.login.Reviewed(w.t.Context(), flow, b, []string{consent.Offline})
	w.must(err)
	_, err = w.login.Finish(w.t.Context(), flow, b, "", session.Meta{})
	w.must(err)
	code := answer(w.do("GET", "/authorize/callback?id="+flow, nil, binding)).Get("code")
	if code == "" {
		w.t.Fatal("no code")
	}
	return code
}

// detailsIn reads the details that an answer holds.
func (w *world) detailsIn(raw string) string {
	w.t.Helper()
	var a struct {
		Details json.RawMessage `json:"authorization_details"`
	}
	w.must(json.Unmarshal([]byte(raw), &a))
	return string(a.Details)
}

const kept = `[{"actions":["read","write"],"days":30,"space":"HR","type":"wiki_edit"}]`

// RFC 9396: nothing of the kind is given before the person saw it and agreed, whatever she agreed to before.
func TestDetailsAreShownBeforeTheyAreGiven(t *testing.T) {
	w := detailed(t)
	for range 2 { // agreeing once is not agreeing always
		if a := answer(w.authorize(ask("authorization_details", editing, "prompt", "none"), w.signIn(true))); a.Get("error") != "consent_required" {
			t.Errorf("silently: %v", a)
		}
		flow, binding, v := w.asks(ask("authorization_details", editing))
		if v.Step != login.Review {
			t.Fatalf("%s", v.Step)
		}
		want := consent.Detail{At: "Service wiki", Title: map[string]string{"en": "Edit pages", "fr": "Modifier des pages"}, Facts: []consent.Fact{
			{Label: map[string]string{"en": "Space"}, Values: []string{"HR"}}, {Label: map[string]string{"en": "Actions"}, Values: []string{"read", "write"}}, {Label: map[string]string{"en": "Days"}, Values: []string{"30"}},
		}}
		got, _ := json.Marshal(v.Flow.Request.Release.Details)
		if shown, _ := json.Marshal([]consent.Detail{want}); string(got) != string(shown) {
			t.Errorf("shown is %s", got)
		}
		if _, err := w.login.Finish(t.Context(), flow, ident.Digest(binding.Value), "", session.Meta{}); err == nil {
			t.Fatal("it ended without an answer")
		}
		if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, binding)); a.Get("code") != "" {
			t.Fatal("a code came before the answer")
		}
		_, rec := w.token(w.as("rp", exchange(w.agreed(ask("authorization_details", editing)))))
		if details := w.detailsIn(rec.Body.String()); details != kept {
			t.Errorf("given is %s", details)
		}
	}
	flow, binding, _ := w.asks(ask("authorization_details", editing))
	_, err := w.login.Cancel(t.Context(), flow, ident.Digest(binding.Value))
	w.must(err)
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, binding)); a.Get("error") != "access_denied" {
		t.Errorf("after a no: %v", a)
	}
}

// However it comes, each resource server reads its own part (RFC 9396 §9), and the token is for them.
func TestWhoReadsDetails(t *testing.T) {
	for _, format := range []string{"opaque", "jwt"} {
		w := detailed(t, "access_token_format", format)
		uri, _ := w.push(w.as("rp", ask("authorization_details", both)))
		var inside any
		w.must(json.Unmarshal([]byte(both), &inside))
		signed := w.object(ask(), objectType, w.keys["rp"], map[string]any{"authorization_details": inside})
		for name, q := range map[string]url.Values{"plain": ask("authorization_details", both), "pushed": pulled(uri), "signed": {"client_id": {"rp"}, "request": {signed}}} {
			got := w.redeem(w.agreed(q))
			if aud := w.audience(got.Access); !slices.Equal(aud, []string{wiki, mail}) && !slices.Equal(aud, []string{mail, wiki}) {
				t.Errorf("%s: for %q", name, aud)
			}
			_, all := w.active("rp", got.Access)
			_, its := w.active("wiki", got.Access)
			_, others := w.active("mail", got.Access)
			if w.detailsIn(all) != strings.TrimSuffix(kept, "]")+`,{"type":"https://mail.example/send"}]` || w.detailsIn(its) != kept || w.detailsIn(others) != `[{"type":"https://mail.example/send"}]` {
				t.Errorf("%s: %s, %s, %s", name, w.detailsIn(all), w.detailsIn(its), w.detailsIn(others))
			}
			if format == "jwt" && len(w.claims(got.Access)["authorization_details"].([]any)) != 2 {
				t.Errorf("%s: %v", name, w.claims(got.Access))
			}
			if rec := w.userinfo(got.Access); rec.Code != http.StatusUnauthorized {
				t.Errorf("%s: userinfo %d", name, rec.Code)
			}
		}
	}
}

func TestDetailsThatAreRefused(t *testing.T) {
	w := detailed(t)
	w.define("mail", mail, post, map[string]any{"type": "mail_read", "title": map[string]string{"en": "Read mail"}, "fields": []any{}})
	c := w.signIn(true)
	for name, raw := range map[string]string{
		"no list": `{"type":"wiki_edit","space":"HR"}`, "nothing": `[]`, "no object": `["wiki_edit"]`, "no type": `[{"space":"HR"}]`, "an unknown type": `[{"type":"wiki"}]`,
		"a type that is not registered for the client": `[{"type":"mail_read"}]`, "a field that is missing": `[{"type":"wiki_edit"}]`, "an unknown field": `[{"type":"wiki_edit","space":"HR","more":1}]`,
		"another spelling": `[{"type":"wiki_edit","Space":"HR"}]`, "a field twice": `[{"type":"wiki_edit","space":"HR","space":"IT"}]`, "another kind": `[{"type":"wiki_edit","space":["HR"]}]`,
		"null": `[{"type":"wiki_edit","space":"HR","days":null}]`, "a fraction": `[{"type":"wiki_edit","space":"HR","days":1.5}]`, "another value": `[{"type":"wiki_edit","space":"HR","actions":["own"]}]`,
		"an empty list": `[{"type":"wiki_edit","space":"HR","actions":[]}]`, "an empty text": `[{"type":"wiki_edit","space":" "}]`, "two lines": `[{"type":"wiki_edit","space":"HR\nIT"}]`,
		"text that turns round": `[{"type":"wiki_edit","space":"\u202eRH"}]`, "a long text": `[{"type":"wiki_edit","space":"` + strings.Repeat("x", 201) + `"}]`, "one wrong among two": `[{"type":"wiki_edit","space":"HR"},{"type":"x"}]`,
		"six": `[` + strings.TrimSuffix(strings.Repeat(`{"type":"https://mail.example/send"},`, 6), ",") + `]`, "nonsense": `[{`, "too long": `[` + strings.Repeat(" ", 9000) + `]`,
	} {
		if a := answer(w.authorize(ask("authorization_details", raw), c)); a.Get("error") != "invalid_authorization_details" || a.Get("state") != "s1" {
			t.Errorf("%s: %v", name, a)
		}
		if got, rec := w.push(w.as("rp", ask("authorization_details", raw))); got != "invalid_authorization_details" || rec.Code != http.StatusBadRequest {
			t.Errorf("pushed, %s: %s", name, got)
		}
	}
	// The resource server of a type is among the resources, or nobody is named.
	q := aimed(mail)
	q.Set("authorization_details", editing)
	if a := answer(w.authorize(q, c)); a.Get("error") != "invalid_authorization_details" {
		t.Errorf("for another resource: %v", a)
	}
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "authorization_details_types": []string{"wiki_edit"}, "resources": []string{mail}})
	if a := answer(w.authorize(ask("authorization_details", editing, "scope", "openid"), c)); a.Get("error") != "invalid_target" {
		t.Errorf("a resource that is not registered for the client: %v", a)
	}
}

// Where no person is asked, details are refused and not left out in silence.
func TestDetailsAreTakenWhereAPersonIsAsked(t *testing.T) {
	w := detailed(t)
	for path, form := range map[string]url.Values{
		"/oauth/device_authorization": {"scope": {"openid"}},
		"/oauth/token":                {"grant_type": {"client_credentials"}},
		"/oauth/introspect":           {"token": {"x"}},
	} {
		form.Set("authorization_details", editing)
		if rec := w.do("POST", path, w.as("rp", form)); rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), `"invalid_authorization_details"`) {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}

// RFC 9396 §6: at the token endpoint details only narrow; a refresh token keeps what was agreed to.
func TestDetailsOnlyNarrowAtTheTokenEndpoint(t *testing.T) {
	w := detailed(t)
	redeem := func(code, details string, resources ...string) (tokens, *httptest.ResponseRecorder) {
		form := exchange(code, "authorization_details", details)
		form["resource"] = resources
		return w.token(w.as("rp", form))
	}
	code := func() string { return w.agreed(ask("authorization_details", both)) }
	for name, more := range map[string]string{
		"another space":  `[{"type":"wiki_edit","space":"IT","actions":["read"],"days":30}]`,
		"another action": `[{"type":"wiki_edit","space":"HR","actions":["delete"],"days":30}]`,
		"more days":      `[{"type":"wiki_edit","space":"HR","actions":["read"],"days":31}]`,
		"any action":     `[{"type":"wiki_edit","space":"HR","days":30}]`,
		"one too many":   `[{"type":"https://mail.example/send"},{"type":"wiki_edit","space":"IT"}]`,
	} {
		if got, _ := redeem(code(), more); got.Error != "invalid_authorization_details" || got.Access != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, _ := redeem(w.agreed(ask("authorization_details", editing)), `[{"type":"https://mail.example/send"}]`); got.Error != "invalid_authorization_details" {
		t.Errorf("another type: %+v", got)
	}
	if got, _ := w.token(w.as("rp", exchange(w.code(), "authorization_details", editing))); got.Error != "invalid_authorization_details" {
		t.Errorf("where none were agreed to: %+v", got)
	}
	got, rec := redeem(code(), `[{"type":"wiki_edit","space":"HR","actions":["read"],"days":30}]`)
	if details := w.detailsIn(rec.Body.String()); details != `[{"actions":["read"],"days":30,"space":"HR","type":"wiki_edit"}]` {
		t.Errorf("fewer actions: %s", rec.Body)
	}
	next := w.refresh(got.Refresh, "resource", wiki)
	if _, body := w.active("rp", next.Access); w.detailsIn(body) != kept {
		t.Errorf("of one resource server: %s", body)
	}
	w.define("wiki", wiki)
	last := w.refresh(next.Refresh)
	if _, body := w.active("rp", last.Access); w.detailsIn(body) != `[{"type":"https://mail.example/send"}]` {
		t.Errorf("what nobody defines any more: %s", body)
	}
}

// The metadata follow what is registered, and their tag with them.
// Security case 18: a refresh gives no details of a type that the client may not ask for any more.
func TestRefreshSeesWhichDetailsAreLeft(t *testing.T) {
	w := detailed(t)
	got := w.redeem(w.agreed(ask("authorization_details", both)))
	w.register("rp", map[string]any{
		"redirect_uris": []string{callback}, "scope": "openid email profile offline_access", "grant_types": []string{"authorization_code", "refresh_token"},
		"resources": []string{wiki, mail}, "authorization_details_types": []string{"https://mail.example/send"},
	})
	_, rec := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}}))
	if left := w.detailsIn(rec.Body.String()); rec.Code != http.StatusOK || left != `[{"type":"https://mail.example/send"}]` {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestMetadataNameTheTypesOfDetails(t *testing.T) {
	w := newWorld(t)
	look := func() (types []string, tag string) {
		rec := w.do("GET", "/.well-known/openid-configuration", nil)
		var doc struct {
			Types []string `json:"authorization_details_types_supported"`
		}
		w.must(json.Unmarshal(rec.Body.Bytes(), &doc))
		return doc.Types, rec.Header().Get("ETag")
	}
	none, before := look()
	w.define("wiki", wiki, edit)
	one, after := look()
	again, same := look()
	if len(none) != 0 || none == nil || !slices.Equal(one, []string{"wiki_edit"}) || !slices.Equal(again, one) || before == after || after != same {
		t.Errorf("%v %s, %v %s, %v %s", none, before, one, after, again, same)
	}
}
