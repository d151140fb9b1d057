package provider_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A module is one test of a published test plan of the OpenID Foundation's conformance suite, under
// the name it has there. Its run gives the reason why the suite would skip it at this provider, from
// discovery alone, or after "fails: " why it would fail there, or "".
type module struct {
	name string
	run  func(*conforming) string
}

// conforming is a provider with a client that a plan is run with.
type conforming struct {
	*world
	t        *testing.T
	metadata map[string]any // the discovery document
	mode     string         // response_mode of the plan; "" = the default
	verifier string         // of the last request, if it used PKCE
}

// asTheSuite are the metadata of a client that asks as the suite does: without PKCE, except in the
// module about it.
var asTheSuite = map[string]any{
	"redirect_uris": []string{callback}, "post_logout_redirect_uris": []string{"https://rp.example/bye"}, "backchannel_logout_uri": "https://rp.example/logout",
	"scope": "openid email profile phone offline_access", "grant_types": []string{"authorization_code", "refresh_token"}, "require_pkce": false,
}

// plan runs the modules and holds each outcome against the page that tells them to developers.
func plan(t *testing.T, name, mode string, modules []module) {
	t.Helper()
	w := newWorld(t)
	w.register("rp", asTheSuite)
	planIn(t, w, name, mode, modules)
}

// planIn is plan at a provider that has its clients.
func planIn(t *testing.T, w *world, name, mode string, modules []module) {
	t.Helper()
	told := toldOutcomes(t, name)
	for _, m := range modules {
		t.Run(m.name, func(t *testing.T) {
			before := w.t
			w.t = t
			defer func() { w.t = before }()
			c := &conforming{world: w, t: t, mode: mode}
			w.must(json.Unmarshal(w.do("GET", "/.well-known/openid-configuration", nil).Body.Bytes(), &c.metadata))
			outcome := "passes"
			switch why := m.run(c); {
			case strings.HasPrefix(why, "fails: "):
				outcome = why
			case why != "":
				outcome = "skipped: " + why
			}
			if told[m.name] != outcome {
				t.Errorf("the outcome is %q, docs/conformance.md says %q", outcome, told[m.name])
			}
			delete(told, m.name)
		})
	}
	if len(told) > 0 {
		t.Errorf("docs/conformance.md tells of modules that are not run: %v", told)
	}
}

var toldRow = regexp.MustCompile("(?m)^\\| `([a-zA-Z0-9_-]+)` \\| (.+) \\|$")

// toldOutcomes reads the table of one plan in docs/conformance.md.
func toldOutcomes(t *testing.T, plan string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(raw), "## "+plan+"\n")
	if !ok {
		t.Fatalf("docs/conformance.md has no section %q", plan)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	told := map[string]string{}
	for _, row := range toldRow.FindAllStringSubmatch(section, -1) {
		told[row[1]] = row[2]
	}
	return told
}

// supports reports whether discovery lists a value.
func (c *conforming) supports(list, value string) bool {
	values, _ := c.metadata[list].([]any)
	return slices.Contains(values, any(value))
}

// wants fails the module.
func (c *conforming) wants(ok bool, format string, args ...any) {
	c.t.Helper()
	if !ok {
		c.t.Fatalf(format, args...)
	}
}

// request is an authorization request of the plan.
func (c *conforming) request(changes ...string) url.Values {
	q := ask(append([]string{"response_mode", c.mode, "code_challenge", "", "code_challenge_method", ""}, changes...)...)
	c.verifier = ""
	if q.Has("code_challenge") {
		c.verifier = verifier
	}
	return q
}

// exchange redeems a code with what the request was made with.
func (c *conforming) exchange(code string) url.Values {
	form := exchange(code)
	if c.verifier == "" {
		form.Del("code_verifier")
	}
	return c.as("rp", form)
}

func (c *conforming) redeem(code string) tokens {
	c.t.Helper()
	got, rec := c.token(c.exchange(code))
	c.wants(got.Access != "", "no token: %d %s", rec.Code, rec.Body)
	return got
}

// answers sends the browser of a person to authorize and gives what the client receives.
func (c *conforming) answers(cookie *http.Cookie, changes ...string) url.Values {
	c.t.Helper()
	rec := c.authorize(c.request(changes...), cookie)
	got := answer(rec)
	if c.mode == "form_post" {
		got = posted(rec)
	}
	c.wants(got.Get("iss") == c.issuer || got.Has("flow"), "no iss: %d %s", rec.Code, rec.Header().Get("Location"))
	return got
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)"`)

// posted reads the form that the browser would send to the client.
func posted(rec *httptest.ResponseRecorder) url.Values {
	got := answer(rec)
	_, form, _ := strings.Cut(rec.Body.String(), `<form method="post" action="https://`)
	for _, f := range hidden.FindAllStringSubmatch(form, -1) {
		got.Set(f[1], html.UnescapeString(f[2]))
	}
	return got
}

// signed runs a whole flow and gives the ID token's claims and what the token endpoint said.
func (c *conforming) signed(cookie *http.Cookie, changes ...string) (map[string]any, tokens) {
	c.t.Helper()
	got := c.answers(cookie, changes...)
	c.wants(got.Get("code") != "", "no code: %v", got)
	c.wants(got.Get("state") == "s1", "state is %q", got.Get("state"))
	all := c.redeem(got.Get("code"))
	return c.claims(all.ID), all
}

// informed asks userinfo.
func (c *conforming) informed(token string) map[string]any {
	c.t.Helper()
	rec := c.userinfo(token)
	c.wants(rec.Code == http.StatusOK, "userinfo: %d", rec.Code)
	var info map[string]any
	c.must(json.Unmarshal(rec.Body.Bytes(), &info))
	return info
}

// shown reports whether a sign-in page is shown to the person.
func (c *conforming) shown(cookie *http.Cookie, changes ...string) bool {
	c.t.Helper()
	return c.answers(cookie, changes...).Has("flow")
}

// scope is a module that asks for one scope and finds its claims at userinfo.
func scope(name string, scopes string, want ...string) module {
	return module{name, func(c *conforming) string {
		for _, s := range strings.Fields(scopes) {
			if !c.supports("scopes_supported", s) {
				return fmt.Sprintf("`%s` is not offered", s)
			}
		}
		c.phone("+32470000001")
		_, all := c.signed(c.signIn(false), "scope", "openid "+scopes)
		info := c.informed(all.Access)
		for _, claim := range want {
			c.wants(info[claim] != nil, "%s: %v", claim, info)
		}
		return ""
	}}
}

// accepted is a module that adds a parameter which changes nothing.
func accepted(name string, changes ...string) module {
	return module{name, func(c *conforming) string {
		claims, _ := c.signed(c.signIn(false), changes...)
		c.wants(claims["sub"] == string(anna), "sub is %v", claims["sub"])
		return ""
	}}
}

// levels are all the acr values that discovery names.
func (c *conforming) levels() string {
	var all []string
	for _, v := range c.metadata["acr_values_supported"].([]any) {
		all = append(all, v.(string))
	}
	return strings.Join(all, " ")
}
