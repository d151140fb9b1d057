package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/session"
)

// Security case 2: an attacker's sign-in cannot be finished by a victim, nor a victim's by
// an attacker.
func TestFlowFixation(t *testing.T) {
	w := newWorld(t)
	attacker, victim := w.visitor(t), w.visitor(t)
	attacker.get("/authorize")
	flow := attacker.flow()
	victim.get("/login?flow=" + flow).is(403).sees("belongs to another browser")
	for _, step := range []string{"identify", "password", "method", "enrol", "cancel"} {
		victim.post("/login/"+step, "flow", flow, "email", "anna@example.org", "password", accounttest.Secret, "method", "password").is(403)
	}
	for _, path := range []string{"/login/wait?flow=", "/login/back?flow=", "/login/leave?flow=", "/authorize/callback?id="} {
		victim.get(path + flow).is(403)
	}
	attacker.get("/login?flow=" + flow).is(200).sees("E-mail address")
	if victim.cookie("session") != "" {
		t.Fatal("the victim is signed in")
	}
}

// Security cases 7 and 9: cookies cannot be changed, swapped or kept.
func TestCookies(t *testing.T) {
	w := newWorld(t)
	w.Person(t, "Bob", "bob@example.org")
	anna, bob := w.visitor(t), w.visitor(t)
	anna.get("/account").signsIn("anna@example.org", "password").sees("My account of anna")
	bob.get("/account").signsIn("bob@example.org", "password").sees("My account of bob")
	first := anna.cookie("session")
	for _, c := range anna.header.Values("Set-Cookie") {
		t.Errorf("a page sets a cookie again: %s", c)
	}
	sid, secret, _ := strings.Cut(first, ".")
	_, bobs, _ := strings.Cut(bob.cookie("session"), ".")
	for _, bad := range []string{sid, sid + ".", sid + "." + bobs, first[:len(first)-1], first + "A", strings.ToLower(first), secret} {
		v := w.visitor(t)
		v.setCookie("session", bad)
		v.get("/account").sees("E-mail address")
	}
	stolen := w.visitor(t)
	stolen.setCookie("session", first)
	stolen.get("/account").sees("My account of anna") // whoever has the cookie has the session
	w.phone.give(w.anna.ID)
	anna.get("/account/manage").submit("/login/method", "method", "app_pin")
	w.phone.does("proved")
	anna.get("/login?flow=" + anna.flow()).sees("Manage of anna")
	if anna.cookie("session") == first {
		t.Fatal("step-up kept the cookie")
	}
	stolen.get("/account").sees("E-mail address") // the step-up killed the stolen one
}

func TestCookieAttributes(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	v.get("/account")
	seen := map[string]bool{}
	check := func() {
		for _, raw := range v.header.Values("Set-Cookie") {
			c, err := http.ParseSetCookie(raw)
			if err != nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s %v", raw, err)
			}
			if c.Name == "eulogin_session" && (c.MaxAge != 0 || !c.Expires.IsZero()) {
				t.Errorf("the session outlives the browser: %s", raw)
			}
			seen[c.Name] = true
		}
	}
	check()
	flow := v.header.Get("Location")[len("/login?flow="):]
	v.post("/login/identify", "flow", flow, "email", "anna@example.org")
	v.post("/login/password", "flow", flow, "password", accounttest.Secret, "method", "password")
	check()
	v.get("/login?flow=" + flow)
	check()
	for _, name := range []string{"eulogin_browser", "eulogin_session", "eulogin_known", "eulogin_method"} {
		if !seen[name] {
			t.Errorf("%s was never set", name)
		}
	}
	w.browser.Secure = true
	v.get("/account")
	for _, raw := range v.header.Values("Set-Cookie") {
		if !strings.HasPrefix(raw, "__Host-eulogin_") || !strings.Contains(raw, "; Secure") {
			t.Errorf("over https: %s", raw)
		}
	}
}

// Row 25: an hour of silence, or twelve hours in all.
func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password").sees("My account")
	w.Clock.Pass(session.Idle + time.Minute)
	v.get("/account").sees("E-mail address").signsIn("anna@example.org", "password").sees("My account")
	for range 15 {
		w.Clock.Pass(45 * time.Minute)
		v.get("/account").sees("My account")
	}
	w.Clock.Pass(50 * time.Minute)
	v.get("/account").sees("E-mail address")
}

// Two tabs, and the back button: a step that is over says so and leads on.
func TestTwoTabsAndBack(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/authorize")
	flow := v.flow()
	v.submit("/login/identify", "email", "anna@example.org")
	v.get("/login/back?flow="+flow).sees("E-mail address").submit("/login/identify", "email", "other@example.org").sees("other@example.org")
	v.get("/login/back?flow="+flow).submit("/login/identify", "email", "anna@example.org")
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	v.submit("/login/password", "password", accounttest.Secret, "method", "password").is(303)
	v.client.CheckRedirect = nil
	v.post("/login/password", "flow", flow, "password", accounttest.Secret, "method", "password").is(409).sees("already past this step", `href="/login?flow=`+flow)
	v.get("/login?flow=" + flow).sees("level=BASIC")
	v.post("/login/identify", "flow", flow, "email", "anna@example.org").is(410)
}

// kill -9 while the answer with the cookie was on its way: the reload brings another one.
func TestTheCookieThatNeverArrived(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	v.get("/account")
	login := v.header.Get("Location")
	flow := login[len("/login?flow="):]
	v.post("/login/identify", "flow", flow, "email", "anna@example.org")
	v.post("/login/password", "flow", flow, "password", accounttest.Secret, "method", "password")
	v.get(login).is(303)
	v.setCookie("session", "")
	v.get(login).is(303)
	v.client.CheckRedirect = nil
	v.get("/account").sees("My account of anna")
	if l, err := w.sessions.List(t.Context(), w.anna.ID); err != nil || len(l) != 1 {
		t.Fatalf("%d sessions, %v", len(l), err)
	}
	if a, err := w.Store.Attempts(t.Context(), w.anna.ID, 10); err != nil || len(a) != 1 || a[0].Outcome != "signed_in" || a[0].Methods != "password" || a[0].Level != "BASIC" {
		t.Fatalf("%+v %v", a, err)
	}
}

// Security case 10: two people at one computer.
func TestTwoPeopleAtOneComputer(t *testing.T) {
	w := newWorld(t)
	w.Person(t, "Bob", "bob@example.org")
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password")
	annas := v.cookie("session")
	v.get("/authorize") // anna's session would do
	v.sees(string(w.anna.ID))
	v.get("/account/manage").sees("anna@example.org")
	v.get("/login/back?flow=" + strings.TrimPrefix(v.at.RawQuery, "flow="))
	v.submit("/login/identify", "email", "bob@example.org").submit("/login/password", "password", accounttest.Secret, "method", "app_pin").sees("Add a mobile device")
	v.get("/account").sees("My account of anna") // not finished: she is still here
	v.get("/authorize")
	v.post("/logout").sees("You are signed out")
	old := w.visitor(t)
	old.setCookie("session", annas)
	old.get("/account").sees("E-mail address")
	binding := v.cookie("browser")
	v.get("/account").signsIn("bob@example.org", "password").sees("My account of bob")
	if v.cookie("browser") == binding && binding != "" {
		t.Error("the binding outlived the sign-out")
	}
	// without signing out: the next sign-in ends the one before
	bobs := v.cookie("session")
	v.get("/account/manage")
	v.get("/login/back?flow=" + strings.TrimPrefix(v.at.RawQuery, "flow="))
	w.phone.give(w.anna.ID)
	v.submit("/login/identify", "email", "anna@example.org").submit("/login/password", "password", accounttest.Secret, "method", "app_pin")
	w.phone.does("proved")
	v.get("/login?flow=" + v.flow()).sees("Manage of anna")
	old.setCookie("session", bobs)
	old.get("/account").sees("E-mail address")
	if len(w.ended.sids) != 2 {
		t.Fatalf("ended %v", w.ended.sids)
	}
}

// Security case 43: a form of another site does nothing.
func TestCrossSite(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password")
	v.site = "cross-site"
	v.post("/logout").is(403)
	v.site = "same-origin"
	v.get("/account").sees("My account")
	v.get("/logout").is(405)
}

// Security case 14: no address leads away.
func TestNoOpenRedirect(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/account?x=//evil.example", "/account//evil.example", "//evil.example/account", "/account?to=https://evil.example", "/%5cevil.example", "/account/%2f%2fevil.example"} {
		v := w.visitor(t)
		v.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host != v.base.Host {
				t.Errorf("%s leads to %s", path, r.URL)
				return http.ErrUseLastResponse
			}
			return nil
		}
		v.get(path)
		if v.status == http.StatusOK {
			v.signsIn("anna@example.org", "password")
		}
	}
	v := w.visitor(t)
	v.post("/account/manage").sees("E-mail address") // a form that has to be sent again
	w.phone.give(w.anna.ID)
	v.signsIn("anna@example.org", "app_pin")
	w.phone.does("proved")
	v.get("/login?flow=" + v.flow()).sees("Manage of anna")
}

// Security case 8: nothing that is secret stands on a page.
func TestNoSecretOnAPage(t *testing.T) {
	w := newWorld(t)
	w.phone.give(w.anna.ID)
	v := w.visitor(t)
	v.get("/authorize?level=medium").signsIn("anna@example.org", "app_pin")
	for _, name := range []string{"browser", "session", "known"} {
		if c := v.cookie(name); c != "" {
			v.misses(c)
		}
	}
	v.misses(accounttest.Secret, w.phone.last, string(w.anna.ID))
}
