package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/claims"
)

// in puts Anna into groups, and takes her out of all others.
func (w *world) in(groups ...string) {
	w.t.Helper()
	a, err := w.store.ByID(w.t.Context(), anna)
	w.must(err)
	a.Groups, err = account.Joined(nil, groups...)
	w.must(err)
	w.must(w.store.SetGroups(w.t.Context(), w.now(), a, audit.GroupsChanged(anna, groups, nil)))
}

// domain.md §1.5: a service hears of the groups that it registered, and of no others.
func TestAServiceHearsOfItsGroups(t *testing.T) {
	w := newWorld(t)
	w.in("board", "guests", "staff")
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid email groups", "groups": []string{"staff", "board", "sailors"}})
	all := w.redeem(w.code("scope", "openid groups"))
	want := []any{"board", "staff"}
	if got := w.claims(all.ID)[claims.Groups]; !slices.Equal(got.([]any), want) {
		t.Errorf("the ID token says %v", got)
	}
	if info := w.userinfo(all.Access).Body.String(); !strings.Contains(info, `["board","staff"]`) {
		t.Errorf("userinfo says %s", info)
	}
	if all := w.redeem(w.code("scope", "openid email")); w.claims(all.ID)[claims.Groups] != nil {
		t.Error("groups were told without being asked for")
	}
	w.in("staff")
	if info := w.userinfo(all.Access).Body.String(); !strings.Contains(info, `["staff"]`) {
		t.Errorf("after she left one: %s", info)
	}
	w.in()
	if info := w.userinfo(all.Access).Body.String(); strings.Contains(info, claims.Groups) {
		t.Errorf("after she left all: %s", info)
	}
}

// A service for members of groups: nobody else gets in, at any entrance, and whoever leaves the groups
// is out at once (security case 18).
func TestAServiceForMembersOnly(t *testing.T) {
	w := newWorld(t)
	metadata := map[string]any{
		"redirect_uris": []string{callback}, "scope": "openid email offline_access", "grant_types": []string{"authorization_code", "refresh_token"}, "allowed_groups": []string{"staff"}, "contacts": []string{"board@rp.example"},
	}
	w.register("rp", metadata)
	c := w.signIn(true)
	if a := answer(w.authorize(ask("prompt", "none"), c)); a.Get("error") != "access_denied" || a.Get("code") != "" {
		t.Errorf("a stranger, silently: %v", a)
	}
	begun := w.authorize(ask(), c)
	shown := w.do("GET", begun.Header().Get("Location"), nil, append(begun.Result().Cookies(), c)...)
	if body := shown.Body.String(); !strings.Contains(body, "This account may not use Service rp") || !strings.Contains(body, "mailto:board@rp.example") {
		t.Errorf("a stranger sees %d %s", shown.Code, body)
	}
	w.in("staff")
	flow, binding := w.signedIn(ask())
	w.in("guests")
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, binding)); a.Get("error") != "access_denied" || len(w.given("rp")) > 0 {
		t.Errorf("she left at the end of the sign-in: %v, and it may know %v", a, w.given("rp"))
	}
	w.in("staff")
	all := w.redeem(w.code())
	code := w.code()
	w.in("guests")
	if rec := w.userinfo(all.Access); rec.Code != http.StatusUnauthorized {
		t.Errorf("userinfo after she left: %d", rec.Code)
	}
	if active, _ := w.active("rp", all.Access); active {
		t.Error("the token lives on")
	}
	if got, _ := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" {
		t.Errorf("a code from before: %+v", got)
	}
	if got, _ := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {all.Refresh}})); got.Error != "invalid_grant" {
		t.Errorf("a refresh token from before: %+v", got)
	}
	w.register("rp", map[string]any{"redirect_uris": []string{callback}})
	if answer(w.authorize(ask(), c)).Get("code") == "" {
		t.Error("a service for everybody does not let her in")
	}
}

func TestMembersOnlyOnThePhoneAndOnADevice(t *testing.T) {
	d := newCallDesk(t, nil)
	d.register("desk", map[string]any{
		"redirect_uris": []string{callback}, "grant_types": []string{"authorization_code", ciba}, "scope": "openid email", "backchannel_token_delivery_mode": "poll", "allowed_groups": []string{"staff"},
	})
	if _, rec := d.begin("desk"); !strings.Contains(rec.Body.String(), "unknown_user_id") {
		t.Errorf("a stranger is asked: %d %s", rec.Code, rec.Body)
	}
	d.in("staff")
	id := d.begun()
	d.must(d.approve("42"))
	d.in()
	d.wants("she left after she approved", id, "access_denied")
	d.signedIn("she left after she approved", 1)
	w := tv(t)
	w.register("meter", map[string]any{
		"grant_types": []string{deviceGrant, "refresh_token"}, "response_types": []string{}, "scope": "openid email offline_access", "token_endpoint_auth_method": "none", "allowed_groups": []string{"staff"},
	})
	begun := w.beginDevice("meter")
	b := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	to := b.typed(begun.User)
	for _, rec := range []*httptest.ResponseRecorder{b.send("GET", to, nil), b.answer(to, "allow")} {
		if rec.Code != http.StatusForbidden || !strings.Contains(rec.Body.String(), "This account may not use the service") {
			t.Errorf("a stranger lets a device in: %d %s", rec.Code, rec.Body)
		}
	}
	w.in("staff")
	if rec := b.answer(to, "allow"); rec.Code != http.StatusOK {
		t.Errorf("a member: %d %s", rec.Code, rec.Body)
	}
	w.in()
	if e, _ := w.poll("meter", begun.Device); e != "access_denied" && e != "invalid_grant" && e != "expired_token" {
		t.Errorf("she left before the device asked: %q", e)
	}
}

// exchanging is a world of token exchange in which rp, to which people sign in, is for the staff, and hears who of
// them is in it.
func exchanging(t *testing.T) *world {
	w := delegating(t)
	w.register("rp", map[string]any{
		"redirect_uris": []string{callback}, "scope": allScopes + " groups", "grant_types": []string{"authorization_code", exchangeGrant}, "resources": []string{wiki, mail},
		"allowed_groups": []string{"staff"}, "groups": []string{"staff", "sailors"},
	})
	w.in("board", "staff")
	return w
}

// Security cases 18 and 19: whoever leaves the groups of a service is out also of what others got for its tokens, and
// a service for members acts for nobody else.
func TestNobodyGetsRoundTheGroupsByAnExchange(t *testing.T) {
	w := exchanging(t)
	second, _ := w.trade("wiki", w.shown(allScopes, wiki, mail).Access)
	third, _ := w.trade("mail", second, "resource", mail)
	for _, token := range []string{second, third} {
		if on, body := w.active("mail", token); !on {
			t.Fatalf("before she left: %s", body)
		}
	}
	w.in("board")
	for _, token := range []string{second, third} {
		if on, _ := w.active("mail", token); on {
			t.Error("a token lives on after she left")
		}
	}
	if token, answer := w.trade("mail", second, "resource", mail); token != "" {
		t.Errorf("exchanged after she left: %v", answer)
	}
	w.in("board", "staff")
	w.acts("wiki", map[string]any{"redirect_uris": []string{callback}, "response_types": []string{"code"}, "grant_types": []string{"authorization_code", exchangeGrant}, "access_token_format": "jwt", "allowed_groups": []string{"sailors"}})
	shown := w.shown(allScopes, wiki, mail).Access
	if token, answer := w.trade("wiki", shown, "resource", mail); token != "" || answer["error"] != "invalid_request" {
		t.Errorf("a service for others acts for her: %v", answer)
	}
	w.in("sailors", "staff")
	if token, answer := w.trade("wiki", shown, "resource", mail); token == "" {
		t.Errorf("a service for her: %v", answer)
	}
}

// RFC 8693: an exchange gives nothing that the token before did not, groups neither: the person was shown those of
// the service that she signed in to.
func TestAnExchangedTokenTellsNoMoreGroups(t *testing.T) {
	w := exchanging(t)
	for name, tt := range map[string]struct {
		groups []string
		want   string
	}{
		"a group of both":        {[]string{"board", "staff"}, `["staff"]`},
		"groups of the acting's": {[]string{"board"}, ""},
	} {
		w.acts("gateway", map[string]any{"resource_identifiers": nil, "exchanges": []string{"rp"}, "scope": "openid groups", "resources": nil, "groups": tt.groups})
		token, answer := w.trade("gateway", w.shown("openid groups").Access)
		var info map[string]any
		w.must(json.Unmarshal(w.userinfo(token).Body.Bytes(), &info))
		if told, there := info[claims.Groups]; info["sub"] == nil || there != (tt.want != "") || there && asJSON(told) != tt.want {
			t.Errorf("%s: %v, for %v", name, info, answer)
		}
	}
	w.acts("gateway", map[string]any{"resource_identifiers": nil, "exchanges": []string{"rp"}, "scope": "openid email", "resources": nil})
	token, _ := w.trade("gateway", w.shown("openid email").Access)
	for _, scope := range []string{"openid email", "openid"} {
		w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": scope})
		if rec := w.userinfo(token); rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "anna@") != (scope == "openid email") {
			t.Errorf("what rp itself may ask for is %s: %d %s", scope, rec.Code, rec.Body)
		}
	}
}
