package recoverycodes_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/codetest"
	"eulogin.example/idp/internal/policy"
)

const root = "/account/recovery-codes"

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

var shape = regexp.MustCompile(`\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b`)

// get gets codes on the pages.
func get(t testing.TB, v *browse.Visitor) (*browse.Page, []string) {
	t.Helper()
	p := v.Get(root + "/new")
	shown := p.Send(root+"/new", nil)
	is(t, shown, http.StatusOK, "Your recovery codes")
	codes := shape.FindAllString(shown.Text("main"), -1)
	if len(codes) != 10 {
		t.Fatalf("%d codes", len(codes))
	}
	return p, codes
}

func TestCodesAreShownOnce(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	v := h.SignIn(t, anna.Email)
	if p := v.Get(root); !strings.Contains(p.Text("main"), "You have no recovery codes.") {
		t.Error(p.Text("main"))
	}
	form, codes := get(t, v)
	again := form.Send(root+"/new", nil) // the browser's "send again" after a reload
	if again.Status != http.StatusConflict || shape.MatchString(again.Body) {
		t.Errorf("sent twice: %d", again.Status)
	}
	if set, err := h.Codes.Current(t.Context(), anna.ID); err != nil || set.Left() != 10 {
		t.Errorf("%d left, %v", set.Left(), err)
	}
	for _, path := range []string{root, root + "/new", root + "/remove"} {
		if p := v.Get(path); p.Status != http.StatusOK || shape.MatchString(p.Body) {
			t.Errorf("%s shows codes, or is not there: %d", path, p.Status)
		}
	}
	for _, c := range codes {
		if strings.Contains(h.Log.String(), c) {
			t.Error("a code is in the log")
		}
	}
}

func TestTheFileHoldsTheCodes(t *testing.T) {
	h := codetest.New(t)
	v := h.SignIn(t, h.Anna(t).Email)
	p := v.Get(root+"/new").Send(root+"/new", nil)
	_, encoded, ok := strings.Cut(p.Attr("a", "download", "recovery-codes.txt", "href"), ";base64,")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		t.Fatalf("%q %v", encoded, err)
	}
	want := shape.FindAllString(p.Text("main"), -1)
	if got := shape.FindAllString(string(raw), -1); strings.Join(got, " ") != strings.Join(want, " ") || !strings.Contains(string(raw), "anna@example.org") {
		t.Errorf("%s", raw)
	}
}

// Ten codes, used one after the other to get to a page that wants a factor; from three left on
// the person is warned.
func TestUseThemUp(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	_, codes := get(t, h.SignIn(t, anna.Email))
	h.Add(t, anna, "Aegis") // from now on there is a factor, and it is lost
	for i, c := range codes {
		v := h.Visit(t)
		p := h.Password(v, anna.Email, root+"/new", policy.RecoveryCode)
		is(t, p, http.StatusOK, "Recovery code")
		p = p.Send("/login/answer", map[string]string{"code": c})
		is(t, p, http.StatusOK, "Get recovery codes")
		left := 10 - i - 1
		if warned := strings.Contains(v.Get(root).Text("main"), "Recovery codes left: "); warned != (left <= 3) {
			t.Errorf("%d left, warned: %v", left, warned)
		}
		if inside := v.Get(codetest.Guarded); inside.Text("h1") == "Inside" {
			t.Fatal("a recovery code opens a page that asks for two factors")
		}
	}
	v := h.Visit(t)
	p := h.Password(v, anna.Email, root+"/new", policy.RecoveryCode)
	if p.Text("h1") == "Recovery code" || p.Text("h1") == "Get recovery codes" {
		t.Errorf("without codes: %s", p.Text("main"))
	}
}

func TestRemoveCodes(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	v := h.SignIn(t, anna.Email)
	_, codes := get(t, v)
	is(t, v.Get(root+"/remove"), http.StatusOK, "Remove your recovery codes?")
	for _, other := range []string{"", "somebody else's"} {
		v.Post(root+"/remove", url.Values{"set": {other}})
		if set, _ := h.Codes.Current(t.Context(), anna.ID); set.Left() != 10 {
			t.Fatalf("%q removed Anna's", other)
		}
	}
	p := v.Get(root+"/remove").Send(root+"/remove", nil)
	is(t, p, http.StatusOK, "My recovery codes")
	if set, _ := h.Codes.Current(t.Context(), anna.ID); set.Left() != 0 || shape.MatchString(p.Body) || len(codes) != 10 {
		t.Error("they are still there")
	}
}

func TestPagesOfRecoveryCodesWantASignIn(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	for _, path := range []string{root, root + "/new", root + "/remove"} {
		if p := h.Visit(t).Get(path); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("GET %s: %s", path, p.Path)
		}
	}
	h.Add(t, anna, "Aegis")
	v := h.SignIn(t, anna.Email)
	is(t, v.Get(root), http.StatusOK, "My recovery codes")
	for _, path := range []string{"/new", "/remove"} {
		if p := v.Post(root+path, nil); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("POST %s with the password alone: %s", path, p.Path)
		}
	}
	if set, _ := h.Codes.Current(t.Context(), anna.ID); set.ID != "" {
		t.Error("codes were issued with the password alone")
	}
}
