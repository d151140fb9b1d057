package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const (
	wiki = "https://wiki.example/api"
	mail = "urn:example:mail"
)

// apis registers two resource servers, and rp as a client that may ask for both.
func apis(t testing.TB, changes ...any) *world {
	w := newWorld(t)
	for id, resource := range map[string]string{"wiki": wiki, "mail": mail} {
		w.register(id, map[string]any{"resource_identifiers": []string{resource}, "grant_types": []string{}, "response_types": []string{}, "scope": ""})
	}
	rp := map[string]any{
		"redirect_uris": []string{callback}, "scope": "openid email profile offline_access", "grant_types": []string{"authorization_code", "refresh_token", deviceGrant},
		"resources": []string{wiki, mail, "https://nobody.example"},
	}
	for i := 0; i < len(changes); i += 2 {
		rp[changes[i].(string)] = changes[i+1]
	}
	w.register("rp", rp)
	return w
}

// aimed is a good authorization request for these resources.
func aimed(resources ...string) url.Values {
	q := ask()
	q["resource"] = resources
	return q
}

// audience gives what a token is for, as its own client reads it; nil: it is not active.
func (w *world) audience(token string) []string {
	w.t.Helper()
	_, body := w.active("rp", token)
	var a struct {
		Audience []string `json:"aud"`
	}
	w.must(json.Unmarshal([]byte(body), &a))
	return a.Audience
}

// RFC 8707: however a request comes, the token is for the resources that it names; without any it is for
// the provider.
func TestATokenIsForTheResourcesOfTheRequest(t *testing.T) {
	w := apis(t)
	c := w.signIn(true)
	signed := func(resource any) url.Values {
		return url.Values{"client_id": {"rp"}, "request": {w.object(ask(), objectType, w.keys["rp"], map[string]any{"resource": resource})}}
	}
	uri, _ := w.push(w.as("rp", aimed(mail, wiki)))
	for name, tt := range map[string]struct {
		request url.Values
		want    []string
	}{
		"none":                     {ask(), []string{w.issuer}},
		"one without a value":      {aimed(""), []string{w.issuer}},
		"one":                      {aimed(wiki), []string{wiki}},
		"several, one of it twice": {aimed(wiki, mail, wiki), []string{wiki, mail}},
		"beside the provider":      {aimed(wiki, w.issuer), []string{wiki, w.issuer}},
		"pushed":                   {pulled(uri), []string{mail, wiki}},
		"signed":                   {signed(wiki), []string{wiki}},
		"several signed":           {signed([]string{wiki, mail}), []string{wiki, mail}},
	} {
		got := w.redeem(answer(w.authorize(tt.request, c)).Get("code"))
		if aud := w.audience(got.Access); !slices.Equal(aud, tt.want) {
			t.Errorf("%s: %q", name, aud)
		}
		// The audience of an ID token is the client, whatever the access token is for.
		if aud := w.claims(got.ID)["aud"]; aud != "rp" {
			t.Errorf("%s: ID token for %v", name, aud)
		}
	}
}

func TestADeviceNamesResources(t *testing.T) {
	w := apis(t)
	form := url.Values{"scope": {"openid"}, "resource": {wiki, mail}}
	rec := w.do("POST", "/oauth/device_authorization", w.as("rp", form))
	var b begun
	w.must(json.Unmarshal(rec.Body.Bytes(), &b))
	person := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	person.answer(person.typed(b.User), "allow")
	got, rec := w.token(w.as("rp", url.Values{"grant_type": {deviceGrant}, "device_code": {b.Device}, "resource": {mail}}))
	if got.Access == "" || !slices.Equal(w.audience(got.Access), []string{mail}) {
		t.Errorf("%d %s %q", rec.Code, rec.Body, w.audience(got.Access))
	}
	form = url.Values{"scope": {"openid"}, "resource": {"https://unknown.example"}}
	if rec := w.do("POST", "/oauth/device_authorization", w.as("rp", form)); rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), `"invalid_target"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// What is unknown, not registered for the client, or has no resource server is no target, and no other
// spelling of one that is.
func TestResourcesThatAreRefused(t *testing.T) {
	w := apis(t)
	w.register("other", map[string]any{"redirect_uris": []string{"https://other.example/cb"}})
	c := w.signIn(true)
	for _, bad := range []string{
		"https://unknown.example", "https://nobody.example", wiki + "/", wiki + "#x", wiki + "?x", wiki + "/../api", "HTTPS://wiki.example/api", "//wiki.example/api", "wiki", " ", " " + wiki, wiki + " " + mail, w.issuer + "/",
	} {
		if got := answer(w.authorize(aimed(wiki, bad), c)); got.Get("error") != "invalid_target" || got.Get("state") != "s1" || got.Get("code") != "" {
			t.Errorf("%q: %v", bad, got)
		}
		if got, rec := w.push(w.as("rp", aimed(bad))); got != "invalid_target" || rec.Code != http.StatusBadRequest {
			t.Errorf("pushed %q: %s", bad, got)
		}
	}
	q := aimed(wiki)
	q.Set("client_id", "other")
	q.Set("redirect_uri", "https://other.example/cb")
	if got := answer(w.authorize(q, c)); got.Get("error") != "invalid_target" {
		t.Errorf("another client: %v", got)
	}
	for _, bad := range []any{[]any{wiki, 7}, map[string]any{"a": wiki}, []string{wiki, "https://unknown.example"}, true} {
		object := w.object(ask(), objectType, w.keys["rp"], map[string]any{"resource": bad})
		if got := answer(w.authorize(url.Values{"client_id": {"rp"}, "redirect_uri": {callback}, "request": {object}}, c)); got.Get("code") != "" || got.Get("error") == "" {
			t.Errorf("signed %v: %v", bad, got)
		}
	}
}

// Security case 20: at the token endpoint resources narrow and never widen; a refresh token keeps what
// was approved.
func TestResourcesOnlyNarrow(t *testing.T) {
	w := apis(t)
	c := w.signIn(true)
	code := func(resources ...string) string { return answer(w.authorize(aimed(resources...), c)).Get("code") }
	redeem := func(code string, resources ...string) tokens {
		form := exchange(code)
		form["resource"] = resources
		got, _ := w.token(w.as("rp", form))
		return got
	}
	for name, got := range map[string]tokens{
		"another one":           redeem(code(wiki), mail),
		"one more":              redeem(code(wiki), wiki, mail),
		"one where none was":    redeem(code(), wiki),
		"the provider as well":  redeem(code(wiki), w.issuer),
		"one that is not there": redeem(code(wiki), wiki, "https://unknown.example"),
	} {
		if got.Error != "invalid_target" || got.Access != "" || got.Refresh != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	got := redeem(code(wiki, mail), mail)
	if aud := w.audience(got.Access); !slices.Equal(aud, []string{mail}) {
		t.Fatalf("%q", aud)
	}
	next := w.refresh(got.Refresh, "resource", wiki)
	if aud := w.audience(next.Access); !slices.Equal(aud, []string{wiki}) {
		t.Fatalf("the other one: %q", aud)
	}
	if no := w.refresh(next.Refresh, "resource", w.issuer); no.Error != "invalid_target" || no.Access != "" {
		t.Errorf("wider: %+v", no)
	}
	last := w.refresh(next.Refresh) // what was refused used nothing up
	if aud := w.audience(last.Access); !slices.Equal(aud, []string{wiki, mail}) {
		t.Errorf("all: %q", aud)
	}
}

// Security case 18: what a client may not ask for any more, and what nobody answers for, is not given.
func TestRefreshSeesWhichResourcesAreLeft(t *testing.T) {
	w := apis(t)
	got := w.redeem(answer(w.authorize(aimed(wiki, mail), w.signIn(true))).Get("code"))
	w.register("mail", map[string]any{"grant_types": []string{}, "response_types": []string{}, "scope": "", "resource_identifiers": []string{"urn:example:post"}})
	if no := w.refresh(got.Refresh, "resource", mail); no.Error != "invalid_target" {
		t.Errorf("%+v", no)
	}
	next := w.refresh(got.Refresh)
	if aud := w.audience(next.Access); !slices.Equal(aud, []string{wiki}) {
		t.Errorf("%q", aud)
	}
	w.register("wiki", map[string]any{"grant_types": []string{}, "response_types": []string{}, "scope": "", "resource_identifiers": []string{"urn:example:notes"}})
	if no := w.refresh(next.Refresh); no.Error != "invalid_target" || no.Access != "" {
		t.Errorf("nothing left: %+v", no)
	}
}

// Security case 24: a token is shown to its client, to the resource servers that it is for, and, where it
// names none, to whoever is registered to introspect its client; to all others it is not active.
func TestIntrospectionByAudience(t *testing.T) {
	w := apis(t)
	w.register("other", map[string]any{"redirect_uris": []string{"https://other.example/cb"}, "introspects": []string{"rp"}})
	c := w.signIn(true)
	for name, tt := range map[string]struct {
		resources []string
		readers   string
	}{
		"none":                {nil, "rp other"},
		"one":                 {[]string{wiki}, "rp wiki"},
		"both":                {[]string{wiki, mail}, "rp wiki mail"},
		"one and the issuer":  {[]string{mail, w.issuer}, "rp mail"},
		"the issuer, by name": {[]string{w.issuer}, "rp other"},
	} {
		token := w.redeem(answer(w.authorize(aimed(tt.resources...), c)).Get("code")).Access
		for _, reader := range []string{"rp", "wiki", "mail", "other"} {
			on, body := w.active(reader, token)
			if on != slices.Contains(strings.Fields(tt.readers), reader) {
				t.Errorf("%s: %s reads %s", name, reader, body)
			}
			if !on && strings.TrimSpace(body) != `{"active":false}` {
				t.Errorf("%s: %s learns %s", name, reader, body)
			}
		}
	}
	// A resource server that claims to be the provider itself reads nothing by that.
	w.register("wiki", map[string]any{"grant_types": []string{}, "response_types": []string{}, "scope": "", "resource_identifiers": []string{w.issuer}})
	if on, _ := w.active("wiki", w.redeem(w.code()).Access); on {
		t.Error("a resource server took the provider's place")
	}
}

// Userinfo is the provider's own resource: a token for others is none there.
func TestUserinfoIsAResource(t *testing.T) {
	w := apis(t)
	c := w.signIn(true)
	get := func(resources ...string) int {
		return w.userinfo(w.redeem(answer(w.authorize(aimed(resources...), c)).Get("code")).Access).Code
	}
	if a, b, no := get(), get(wiki, w.issuer), get(wiki); a != 200 || b != 200 || no != http.StatusUnauthorized {
		t.Errorf("%d %d %d", a, b, no)
	}
}
