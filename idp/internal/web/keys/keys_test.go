package keys_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/webauthntest"
)

const title = "Manage my Security Keys, Trusted Platforms and Passkeys"

// The guide's steps: add, name, Submit, browser; then rename and remove.
func TestManageKeys(t *testing.T) {
	h := newHouse(t, nil)
	v := h.visit()
	p := h.password(v, h.anna.Email, "/account/keys")
	is(t, p, http.StatusOK, title)
	says(t, p, "You have not added any")
	p = v.Get("/account/keys/add")
	is(t, p, http.StatusOK, "Add a Security Key")
	p = p.Send("/account/keys/add", map[string]string{"name": "Blue key"})
	is(t, p, http.StatusOK, "Follow your browser")
	says(t, p, "“Blue key”", "13:05", "JavaScript is switched off")
	if again := v.Get(p.Path); options(t, again) != options(t, p) {
		t.Error("loading the page again asks something else")
	}
	p = p.Send("/account/keys/browser", map[string]string{"code": h.device().Create(t, options(t, p))})
	is(t, p, http.StatusOK, title)
	says(t, p, "“Blue key” was added", "sign in with it alone", "Instead of the password", "not yet")
	all, _ := h.keys.Credentials(t.Context(), h.anna.ID)
	action := "/account/keys/" + all[0].ID
	if w := v.Get(action + "/rename"); w.Text("h1") == "Change the name" {
		t.Fatal("the password alone changes keys although there is a second factor")
	}
	h.Clock.Pass(11 * time.Minute)
	if w := v.Get(p.Path); strings.Contains(w.Text("main"), "was added") {
		t.Error("it is greeted for ever")
	}
}

// Once there is a key, changes want it, fresh (domain.md row 17).
func TestChangesWantTheKey(t *testing.T) {
	h := newHouse(t, nil)
	v := h.visit()
	a := h.device()
	h.password(v, h.anna.Email, "/account/keys")
	h.add(v, "Blue key", a)
	all, _ := h.keys.Credentials(t.Context(), h.anna.ID)
	action := "/account/keys/" + all[0].ID
	p := v.Get(action+"/rename").Send("/login/method", map[string]string{"method": "security_key"})
	is(t, p, http.StatusOK, "Use your security key or passkey")
	p = p.Send("/login/answer", map[string]string{"code": a.Get(t, options(t, p))})
	is(t, p, http.StatusOK, "Change the name")
	bad := p.Send(action+"/rename", map[string]string{"name": " "})
	if bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.Error("name"), "1 to 50 characters") {
		t.Errorf("%d %q", bad.Status, bad.Error("name"))
	}
	p = p.Send(action+"/rename", map[string]string{"name": "Old key"})
	says(t, p, "The new name is saved", "Old key")
	p = v.Get(action + "/remove")
	is(t, p, http.StatusOK, "Remove this security key or passkey?")
	p = p.Send(action+"/remove", nil)
	says(t, p, "It was removed", "You have not added any")
	if again := v.Post(action+"/remove", nil); again.Status != http.StatusOK {
		t.Errorf("a second click: %d", again.Status)
	}
	h.add(v, "again", h.device())
	h.Clock.Pass(21 * time.Minute)
	if p := v.Get("/account/keys/add"); !strings.HasPrefix(p.Path, "/login") {
		t.Errorf("after 21 minutes: %s", p.Path)
	}
}

func TestWhatCanGoWrongWhileAdding(t *testing.T) {
	h := newHouse(t, nil)
	v := h.visit()
	h.password(v, h.anna.Email, "/account/keys")
	form := v.Get("/account/keys/add").Send("/account/keys/add", map[string]string{"name": strings.Repeat("x", 51)})
	if form.Status != http.StatusUnprocessableEntity || !strings.Contains(form.Error("name"), "1 to 50 characters") || form.Value("name") == "" {
		t.Errorf("%d %q", form.Status, form.Error("name"))
	}
	begin := v.Get("/account/keys/add").Send("/account/keys/add", map[string]string{"name": "key"})
	evil := h.device()
	evil.Origin = "https://evil.example"
	p := begin.Send("/account/keys/browser", map[string]string{"code": evil.Create(t, options(t, begin))})
	is(t, p, http.StatusUnprocessableEntity, "Follow your browser")
	says(t, p, "The answer of the browser is not valid here", "Nothing was added")
	if p.Has("form", "data-auto", "") && strings.Contains(p.Body, " data-auto") {
		t.Error("after an error the browser is asked again by itself")
	}
	for range webauthn.AnswerTries - 1 {
		p = v.Post("/account/keys/browser", url.Values{"c": {p.Value("c")}, "code": {"{}"}})
	}
	is(t, p, http.StatusGone, "This took too long")
	h.Clock.Pass(webauthn.ChallengeFor)
	is(t, v.Get(begin.Path), http.StatusGone, "This took too long")
	for _, c := range []string{"", "x", strings.Repeat("0", 26)} {
		is(t, v.Get("/account/keys/browser?c="+c), http.StatusGone, "This took too long")
	}
	if log := h.log.String(); strings.Contains(log, options(t, begin)) {
		t.Error("the challenge is in the log")
	}
}

func TestKeysOfOthersAreNotThere(t *testing.T) {
	h := newHouse(t, nil)
	bert := h.Person(t, "Bert", "bert@example.org")
	annas := h.visit()
	h.password(annas, h.anna.Email, "/account/keys")
	begun := annas.Get("/account/keys/add").Send("/account/keys/add", map[string]string{"name": "Anna's"})
	h.add(annas, "key", h.device())
	all, _ := h.keys.Credentials(t.Context(), h.anna.ID)
	berts := h.visit()
	h.password(berts, bert.Email, "/account/keys")
	is(t, berts.Get(begun.Path), http.StatusGone, "This took too long")
	for _, path := range []string{"/rename", "/remove"} {
		if p := berts.Get("/account/keys/" + all[0].ID + path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	berts.Post("/account/keys/"+all[0].ID+"/rename", url.Values{"name": {"mine"}})
	berts.Post("/account/keys/"+all[0].ID+"/remove", nil)
	if now, err := h.keys.Credential(t.Context(), h.anna.ID, all[0].ID); err != nil || now.Name != "key" {
		t.Errorf("%+v, %v", now, err)
	}
	if p := h.visit().Get("/account/keys"); !strings.HasPrefix(p.Path, "/login") {
		t.Errorf("a stranger sees %s", p.Path)
	}
}

// Where a person came from is where she goes on to, by a link, and never another site.
func TestTheWayOn(t *testing.T) {
	h := newHouse(t, nil)
	for to, leads := range map[string]bool{
		"/oauth/authorize/callback?id=1": true, "//evil.example/": false, "https://evil.example": false, "/\\evil.example": false, "": false,
	} {
		v := h.visit()
		a := h.device()
		a.Flags = webauthntest.UP
		who := h.Person(t, "P", "p"+webauthntest.Enc([]byte(to))+"@example.org")
		h.password(v, who.Email, "/account/keys")
		p := v.Get("/account/keys/add?to="+url.QueryEscape(to)).Send("/account/keys/add", map[string]string{"name": "key"})
		if cancel := p.Has("a", "href", to); cancel != leads {
			t.Errorf("%q: cancelling leads there: %v", to, cancel)
		}
		p = p.Send("/account/keys/browser", map[string]string{"code": a.Create(t, options(t, p))})
		is(t, p, http.StatusOK, title)
		says(t, p, "“key” was added")
		if p.Has("a", "href", to) != leads || strings.Contains(p.Body, "evil.example") {
			t.Errorf("%q: %s", to, p.Body)
		}
	}
}
