package signin_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/login"
	"eulogin.example/proto/kit/fault"
)

// signsIn goes through the two pages by password alone, from wherever the visitor is asked.
func (v *visitor) signsIn(email, method string) *visitor {
	v.t.Helper()
	v.submit("/login/identify", "email", email).is(200)
	return v.submit("/login/password", "password", accounttest.Secret, "method", method)
}

// The guide: e-mail address, Next; then account, password, verification method, Sign in.
func TestTwoPages(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/account").is(200).sees("E-mail address", `autocomplete="username"`, "Next", "Create an account")
	flow := v.flow()
	v.submit("/login/identify", "email", "not an address").is(422).sees("Write a complete e-mail address", `value="not an address"`)
	v.submit("/login/identify", "email", " anna@example.org ").is(200)
	v.sees("anna@example.org", "(External)", "Choose your verification method", "EU Login Mobile App PIN Code",
		`autocomplete="current-password"`, "/password/lost?flow="+flow, "/register?flow="+flow, "Not you?")
	if got := v.choices(); got != "*password app_pin" {
		t.Fatalf("choices %q", got)
	}
	v.submit("/login/password", "password", "wrong secret 1", "method", "password").is(422).
		sees("do not belong together").misses("wrong secret 1", "second factor yet")
	v.submit("/login/password", "password", accounttest.Secret, "method", "password").is(200).sees("My account of anna@example.org")
	if v.at.Path != "/account" || v.at.RawQuery != "" {
		t.Fatalf("at %s", v.at)
	}
	v.get("/account").sees("My account of anna@example.org")
}

// A service asks for two factors: the number is shown, the page waits, and goes on.
func TestWithThePhone(t *testing.T) {
	w := newWorld(t)
	w.phone.give(w.anna.ID)
	v := w.visitor(t)
	v.get("/authorize?level=medium").sees("CPMS asks you to sign in")
	if csp := v.header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' "+rp) {
		t.Fatalf("the way back to the service is not allowed: %s", csp)
	}
	v.submit("/login/identify", "email", "anna@example.org").sees("CPMS accepts only methods with two factors")
	if got := v.choices(); got != "*app_pin" {
		t.Fatalf("choices %q", got)
	}
	v.submit("/login/password", "password", accounttest.Secret, "method", "app_pin").is(200)
	v.sees("Open the EU Login app", `id="match-number">42<`, `role="status"`, `aria-live="polite"`, `<noscript><meta http-equiv="refresh"`, "You are signing in to CPMS", "Send again")
	flow := v.flow()
	if w.phone.asked.ClientName != "CPMS" || w.phone.asked.Address != "192.0.2.7" || w.phone.asked.Browser == "" {
		t.Fatalf("the phone shows %+v", w.phone.asked)
	}
	if v.get("/login/wait?flow=" + flow); !waiting(t, v) {
		t.Fatal("not waiting")
	}
	w.phone.does(login.Proved)
	if v.get("/login/wait?flow=" + flow); waiting(t, v) {
		t.Fatal("still waiting")
	}
	v.get("/login?flow="+flow).is(200).sees(`refused=""`, string(w.anna.ID), "level=MEDIUM")
	v.get(v.at.Path + "?" + v.at.RawQuery).is(410) // the outcome was used
	v.get("/login?flow=" + flow).is(410)
}

func waiting(t *testing.T, v *visitor) bool {
	t.Helper()
	var answer struct{ Waiting bool }
	if err := json.Unmarshal([]byte(v.body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Waiting
}

func TestDenied(t *testing.T) {
	w := newWorld(t)
	w.phone.give(w.anna.ID)
	v := w.visitor(t)
	v.get("/authorize?level=medium").signsIn("anna@example.org", "app_pin")
	flow := v.flow()
	w.phone.does(login.Denied)
	v.get("/login?flow="+flow).sees("The sign-in was denied", "Back to CPMS")
	v.post("/login/method", "flow", flow, "method", "app_pin").is(409)
	v.get("/login/leave?flow=" + flow).sees(`refused="access_denied"`)
}

func TestExpiredAndTooMany(t *testing.T) {
	w := newWorld(t)
	w.phone.give(w.anna.ID)
	v := w.visitor(t)
	v.get("/authorize?level=medium").signsIn("anna@example.org", "app_pin")
	w.phone.does(login.Expired)
	v.get("/login?flow=" + v.flow()).sees("has expired")
	v.submit("/login/method", "method", "app_pin").sees("Open the EU Login app")
	w.phone.refuse = fault.New(fault.TooMany, "limit.reached").After(10 * time.Minute)
	v.submit("/login/method").is(429).sees("no further one is sent until 13:10", `id="match-number">42<`)
	if v.header.Get("Retry-After") != "600" {
		t.Fatalf("Retry-After %q", v.header.Get("Retry-After"))
	}
	v.submit("/login/cancel").sees(`refused="access_denied"`)
}

// Row 27: no phone yet. One is added on the way, and the same request goes on.
func TestFirstPhoneOnTheWay(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/authorize?level=medium").signsIn("anna@example.org", "app_pin").sees("you have not added a suitable one yet", "CPMS asks for a second factor")
	flow := v.flow()
	v.misses("Continue with the password only")
	v.submit("/login/enrol").is(200).sees("Add a device of anna@example.org")
	if v.at.Path != "/account/devices/add" || v.at.Query().Get("flow") != flow {
		t.Fatalf("at %s", v.at)
	}
	v.get("/login?flow=" + flow).sees("Add a mobile device") // came back without
	w.phone.give(w.anna.ID)
	v.get("/login?flow="+flow).sees("Verification method").submit("/login/method", "method", "app_pin")
	w.phone.does(login.Proved)
	v.get("/login?flow=" + flow).sees("level=MEDIUM")
}

// The app was chosen where it is not needed: the way on without it stays open.
func TestChoseTheAppWithoutHavingIt(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/authorize").signsIn("anna@example.org", "app_pin").sees("You chose a second factor")
	v.submit("/login/method").sees("level=BASIC")
}

// The second sign-in in a browser knows the method and says what is missing; a stranger's
// browser is told nothing.
func TestKnownBrowser(t *testing.T) {
	w := newWorld(t)
	const reason = "You have not added a second factor yet"
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password").sees("My account")
	v.post("/logout").sees("You are signed out")
	v.get("/account").submit("/login/identify", "email", "anna@example.org").sees(reason)
	w.phone.give(w.anna.ID)
	v.get("/login?flow=" + v.flow()).misses(reason)
	v.submit("/login/password", "password", accounttest.Secret, "method", "app_pin").sees("Open the EU Login app")
	w.phone.does(login.Proved)
	v.get("/login?flow=" + v.flow()).sees("My account")
	v.post("/logout")
	v.get("/account").submit("/login/identify", "email", "anna@example.org")
	if got := v.choices(); got != "password *app_pin" {
		t.Fatalf("choices %q", got)
	}
	bob := w.Person(t, "Bob", "bob@example.org")
	s := w.visitor(t)
	s.get("/account").submit("/login/identify", "email", bob.Email).misses(reason)
}

// Row 23, and security case 32: the pages of an unknown address are the same, byte by byte.
func TestUnknownAddressesLookTheSame(t *testing.T) {
	w := newWorld(t)
	var bodies [2][]string
	for i, email := range []string{"anna@example.org", "none@example.org"} {
		v := w.visitor(t)
		v.get("/account").submit("/login/identify", "email", email)
		flow := v.flow()
		see := func() {
			bodies[i] = append(bodies[i], http.StatusText(v.status)+strings.ReplaceAll(strings.ReplaceAll(v.body, flow, "FLOW"), email, "ADDRESS"))
		}
		see()
		for range 4 {
			v.submit("/login/password", "password", "wrong", "method", "password").is(422)
			see()
		}
		v.submit("/login/password", "password", "wrong", "method", "password").is(429).sees("try again at 13:15")
		see()
		v.submit("/login/password", "password", accounttest.Secret, "method", "password").is(429)
		see()
		if v.header.Get("Retry-After") != "900" {
			t.Fatalf("Retry-After %q", v.header.Get("Retry-After"))
		}
		w.Clock.Pass(0)
	}
	for i := range bodies[0] {
		if bodies[0][i] != bodies[1][i] {
			t.Errorf("page %d differs:\n%s\n---\n%s", i, bodies[0][i], bodies[1][i])
		}
	}
	if last := w.Last(t); last.To != "anna@example.org" || len(w.Sent(t)) != 1 {
		t.Errorf("mails on lock: %+v", w.Sent(t))
	}
}

// Every page in the three languages; ui_locales of the service until the person chooses.
func TestLanguages(t *testing.T) {
	w := newWorld(t)
	for lang, title := range map[string]string{"fr": "Adresse électronique", "de": "E-Mail-Adresse"} {
		v := w.visitor(t)
		v.get("/authorize?level=medium&ui_locales="+lang).sees(title, `lang="`+lang+`"`)
		v.signsIn("anna@example.org", "app_pin").sees(`<html lang="` + lang + `"`)
		v.get("/login?flow=" + v.flow() + "&lang=en").sees("Add a mobile device")
	}
}

// After an error the address is the form's: a reload or another language comes back to the
// step, and no script or link is needed for it.
func TestReloadAfterAnError(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/account").submit("/login/identify", "email", "nonsense").is(422)
	flow := v.flow()
	v.get("/login/identify?flow=" + flow).is(200).sees("E-mail address")
	v.submit("/login/identify", "email", "anna@example.org")
	form := v.find(func(n *html.Node) bool { return strings.HasPrefix(attr(n, "action"), "/login/password") })
	v.get(attr(form, "action")).is(200).sees("anna@example.org", "Choose your verification method")
	v.get("/login/nonsense?flow=" + flow).is(404)
	v.get("/login/password?flow=//evil.example").is(410)
}

func TestLoginHint(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/authorize?login_hint=anna@example.org").sees(`value="anna@example.org"`)
	v.get("/authorize?login_hint=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
	if strings.Contains(v.body, "<script>alert") || !strings.Contains(v.body, "alert(1)") {
		t.Fatal("a hint is markup") // security case 37
	}
}

// Row 27: a step-up says who asked, and why.
func TestStepUpSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.phone.give(w.anna.ID)
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password").sees("My account")
	v.get("/authorize?level=medium").sees("CPMS asks for a second factor", "So far you have shown only your password")
	v.get("/account/manage").sees("So far you have shown only your password")
	w.Clock.Pass(30 * time.Minute)
	v.get("/account/manage").sees("please show again that it is you", "So far you have shown only your password")
}
