package keys_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/webauthntest"
)

// enrol gives a house in which Anna has one key.
func enrol(t *testing.T, a func(h *house) *webauthntest.Authenticator) (*house, *webauthntest.Authenticator) {
	t.Helper()
	h := newHouse(t, nil)
	key := a(h)
	v := h.visit()
	h.password(v, h.anna.Email, "/account/keys")
	is(t, h.add(v, "key", key), http.StatusOK, title)
	return h, key
}

func touched(h *house) *webauthntest.Authenticator {
	a := h.device()
	a.Flags = webauthntest.UP
	return a
}

func TestSecondFactor(t *testing.T) {
	h, a := enrol(t, touched)
	v := h.visit()
	p := v.Get(twoFactors).Send("/login/identify", map[string]string{"email": h.anna.Email})
	if strings.Contains(p.Body, webauthntest.Enc(a.ID)) {
		t.Error("the page before the password names a credential")
	}
	p = p.Send("/login/password", map[string]string{"password": "Correct Horse 7", "method": "security_key"})
	is(t, p, http.StatusOK, "Use your security key or passkey")
	if !strings.Contains(options(t, p), webauthntest.Enc(a.ID)) {
		t.Errorf("the browser is asked %s", options(t, p))
	}
	wrong := p.Send("/login/answer", map[string]string{"code": "{}"})
	is(t, wrong, http.StatusUnprocessableEntity, "Use your security key or passkey")
	says(t, wrong, "could not be read", "You are not signed in yet")
	if strings.Contains(wrong.Body, "data-auto") {
		t.Error("after an error the browser is asked again by itself")
	}
	is(t, p.Send("/login/answer", map[string]string{"code": a.Get(t, options(t, p))}), http.StatusOK, "Inside")
	is(t, v.Get(resistant), http.StatusOK, "Inside") // a touch after the password is phishing-resistant as well
}

func TestPasswordless(t *testing.T) {
	h, a := enrol(t, (*house).device)
	v := h.visit()
	p := v.Get(resistant)
	is(t, p, http.StatusOK, "Sign in")
	if got := p.Attr("input", "name", "email", "autocomplete"); got != "username webauthn" {
		t.Errorf("the field offers %q", got)
	}
	p = p.Send("/login/direct", map[string]string{"method": "security_key"})
	is(t, p, http.StatusOK, "Use your security key or passkey")
	if strings.Contains(options(t, p), "allowCredentials") {
		t.Errorf("the browser is asked %s", options(t, p))
	}
	back := p.Send("/login/indirect", nil)
	is(t, back, http.StatusOK, "Sign in")
	p = back.Send("/login/direct", map[string]string{"method": "security_key"})
	code := a.Get(t, options(t, p))
	is(t, p.Send("/login/answer", map[string]string{"code": code}), http.StatusOK, "Inside")
	says(t, v.Get(twoFactors), h.anna.Email)
	other := h.visit()
	q := other.Get(twoFactors).Send("/login/direct", map[string]string{"method": "security_key"})
	replayed := q.Send("/login/answer", map[string]string{"code": code})
	says(t, replayed, "not valid here")
}

// The field for the address offers passkeys: the challenge comes before anything is typed.
func TestAutofill(t *testing.T) {
	h, a := enrol(t, (*house).device)
	v := h.visit()
	p := v.Get(twoFactors)
	asked := ask(t, v, p)
	if again := ask(t, v, p); again != asked {
		t.Error("each look opens another challenge")
	}
	is(t, p.Send("/login/direct", map[string]string{"method": "security_key", "code": a.Get(t, asked)}), http.StatusOK, "Inside")
	w := h.visit()
	p = w.Get(twoFactors)
	old := ask(t, w, p)
	h.Clock.Pass(4*time.Minute + time.Second)
	if ask(t, w, p) == old {
		t.Error("a challenge that is nearly over is given again")
	}
	p = p.Send("/login/direct", map[string]string{"method": "security_key", "code": a.Get(t, old)})
	says(t, p, "not valid here")
	if p := h.visit().Post("/login/passkey", url.Values{"flow": {p.Value("flow")}}); p.Status != http.StatusForbidden {
		t.Errorf("another browser gets %d", p.Status)
	}
}

// ask does what the page's script does.
func ask(t *testing.T, v *browse.Visitor, p *browse.Page) string {
	t.Helper()
	got := v.Post("/login/passkey", url.Values{"flow": {p.Value("flow")}})
	var answer struct{ Options string }
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil || got.Status != http.StatusOK {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	return answer.Options
}

// Security case 32: known and unknown addresses are asked the same.
func TestNoCredentialIsNamedBeforeThePassword(t *testing.T) {
	h, a := enrol(t, (*house).device)
	for _, email := range []string{h.anna.Email, "nobody@example.org"} {
		v := h.visit()
		p := v.Get(twoFactors).Send("/login/identify", map[string]string{"email": email})
		direct := p.Send("/login/direct", map[string]string{"method": "security_key"})
		for _, body := range []string{p.Body, direct.Body, ask(t, v, direct)} {
			if strings.Contains(body, webauthntest.Enc(a.ID)) || strings.Contains(body, "allowCredentials") {
				t.Errorf("%s: a credential is named", email)
			}
		}
		wrong := direct.Send("/login/indirect", nil).Send("/login/password", map[string]string{"password": "wrong", "method": "security_key"})
		if wrong.Status != http.StatusUnprocessableEntity || strings.Contains(wrong.Body, "allowCredentials") {
			t.Errorf("%s: %d", email, wrong.Status)
		}
	}
}

func TestWhatDoesNotSignIn(t *testing.T) {
	h, a := enrol(t, (*house).device)
	weak := *a
	weak.Flags = webauthntest.UP
	direct := func(v *browse.Visitor, a *webauthntest.Authenticator) *browse.Page {
		p := v.Get(twoFactors).Send("/login/direct", map[string]string{"method": "security_key"})
		return p.Send("/login/answer", map[string]string{"code": a.Get(t, options(t, p))})
	}
	p := direct(h.visit(), &weak)
	is(t, p, http.StatusUnprocessableEntity, "Use your security key or passkey")
	says(t, p, "It did not check that it is you")
	fresh := p.Send("/login/direct", map[string]string{"method": "security_key"}) // "Try again"
	is(t, fresh, http.StatusOK, "Use your security key or passkey")
	if options(t, fresh) == options(t, p) || !strings.Contains(fresh.Body, "data-auto") {
		t.Error("trying again does not begin anew")
	}
	all, _ := h.keys.Credentials(t.Context(), h.anna.ID)
	check(t, h.keys.Remove(t.Context(), h.anna.ID, all[0].ID, true))
	says(t, direct(h.visit(), a), "not known here")
	if got := h.visit().Get("/login/answer"); got.Status == http.StatusOK && got.Text("h1") == "Inside" {
		t.Error("a GET answers")
	}
}

// A second factor that is too weak for what was asked asks on, and says so.
func TestAKeyOfAnotherAccountIsNone(t *testing.T) {
	h, _ := enrol(t, (*house).device)
	bert := h.Person(t, "Bert", "bert@example.org")
	berts := h.device()
	v := h.visit()
	h.password(v, bert.Email, "/account/keys")
	h.add(v, "Bert's", berts)
	w := h.visit()
	p := w.Get(twoFactors).Send("/login/identify", map[string]string{"email": h.anna.Email})
	p = p.Send("/login/password", map[string]string{"password": "Correct Horse 7", "method": "security_key"})
	p = p.Send("/login/answer", map[string]string{"code": berts.Get(t, options(t, p))})
	says(t, p, "not known here")
	if q := w.Get(twoFactors); q.Text("h1") == "Inside" {
		t.Error("Bert's key signs Anna in")
	}
}

// Somebody without a factor is led through adding a key, and back to the same sign-in.
func TestEnrolmentOnTheWay(t *testing.T) {
	h := newHouse(t, nil)
	v := h.visit()
	p := h.password(v, h.anna.Email, resistant)
	is(t, p, http.StatusOK, "Add a second factor")
	p = p.Send("/login/enrol", map[string]string{"method": "security_key"})
	is(t, p, http.StatusOK, "Add a Security Key")
	says(t, p, "Your sign-in goes on by itself")
	a := h.device()
	p = p.Send("/account/keys/add", map[string]string{"name": "key"})
	p = p.Send("/account/keys/browser", map[string]string{"code": a.Create(t, options(t, p))})
	is(t, p, http.StatusOK, "Verification method")
	p = p.Send("/login/method", map[string]string{"method": "security_key"})
	is(t, p.Send("/login/answer", map[string]string{"code": a.Get(t, options(t, p))}), http.StatusOK, "Inside")
}
