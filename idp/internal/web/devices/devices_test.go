package devices_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/phonetest/house"
)

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

var form = map[string]string{"name": "Anna's phone", "pin": phonetest.PIN, "pin_again": phonetest.PIN}

var codeText = regexp.MustCompile(`http://[^ "<]+/app#enrol\.[0-9a-z]{26}\.[0-9a-z]{26}`)

// code reads the code that stands under the QR code.
func code(t testing.TB, p *browse.Page) phoneclient.Code {
	t.Helper()
	c, err := phoneclient.ParseCode(codeText.FindString(p.Text("main")))
	if err != nil {
		t.Fatalf("no code on %s: %s", p.Path, p.Text("main"))
	}
	return c
}

// The guide's steps: add, name and PIN, QR code, scan, PIN, initialised.
func TestAddAMobileDevice(t *testing.T) {
	h := house.New(t)
	h.Anna(t)
	v := h.SignIn(t, "anna@example.org")
	p := v.Get("/account/devices")
	is(t, p, http.StatusOK, "Manage my mobile devices")
	p = v.Get("/account/devices/add")
	is(t, p, http.StatusOK, "Add a mobile device")
	p = p.Send("/account/devices/add", form)
	is(t, p, http.StatusOK, "Initialise the app")
	if !p.Has("svg", "role", "img") || !strings.Contains(p.Text("svg"), "QR code for the app") || !strings.Contains(p.Body, `http-equiv="refresh"`) {
		t.Error("no QR code with a name, or no way on without scripts")
	}
	scanned := code(t, p)
	if again := v.Get(p.Path); code(t, again) != scanned {
		t.Error("loading the page again shows another code")
	}
	state := strings.TrimSuffix(p.Path, "/qr") + "/state"
	if got := v.Get(state).Body; !strings.Contains(got, `"waiting":true`) {
		t.Errorf("state %s", got)
	}
	if _, err := h.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "Android"); err != nil {
		t.Fatal(err)
	}
	if got := v.Get(state).Body; !strings.Contains(got, `"waiting":false`) {
		t.Errorf("state %s", got)
	}
	p = v.Get(p.Path)
	is(t, p, http.StatusOK, "Manage my mobile devices")
	for _, want := range []string{"Your mobile device has been initialised", "Anna's phone", "Android", "Active", "one lost phone away"} {
		if !strings.Contains(p.Text("main"), want) {
			t.Errorf("%q is missing in %s", want, p.Text("main"))
		}
	}
	if log := h.Log.String(); strings.Contains(log, scanned.Secret) || strings.Contains(log, phonetest.PIN) {
		t.Error("secret or PIN in the log")
	}
}

func TestTheFormSaysWhatIsWrong(t *testing.T) {
	h := house.New(t)
	h.Anna(t)
	v := h.SignIn(t, "anna@example.org")
	for name, c := range map[string]struct {
		typed map[string]string
		field string
		want  string
	}{
		"no name":    {map[string]string{"name": "", "pin": "4711", "pin_again": "4711"}, "name", "1 to 50 characters"},
		"common PIN": {map[string]string{"name": "x", "pin": "1234", "pin_again": "1234"}, "pin", "easy to guess"},
		"long PIN":   {map[string]string{"name": "x", "pin": "4711081", "pin_again": "4711081"}, "pin", "4 to 6 digits"},
		"other PIN":  {map[string]string{"name": "x", "pin": "4711", "pin_again": "4712"}, "pin_again", "not the PIN that you entered above"},
	} {
		p := v.Get("/account/devices/add").Send("/account/devices/add", c.typed)
		if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Error(c.field), c.want) {
			t.Errorf("%s: %d %q", name, p.Status, p.Error(c.field))
		}
		if p.Value("name") != c.typed["name"] || p.Value("pin") != "" || p.Value("pin_again") != "" {
			t.Errorf("%s: the form keeps %q %q %q", name, p.Value("name"), p.Value("pin"), p.Value("pin_again"))
		}
	}
}

func TestShowTheQRAgain(t *testing.T) {
	h := house.New(t)
	h.Anna(t)
	one, two := h.SignIn(t, "anna@example.org"), h.SignIn(t, "anna@example.org")
	p := one.Get("/account/devices/add").Send("/account/devices/add", form)
	old := code(t, p)
	other := two.Get(p.Path)
	if codeText.MatchString(other.Body) || strings.Contains(other.Body, "<svg class=\"qr\"") {
		t.Fatal("another browser shows the code")
	}
	list := two.Get("/account/devices")
	if !strings.Contains(list.Text("main"), "Waiting to be initialised") {
		t.Fatalf("%s", list.Text("main"))
	}
	fresh := code(t, list.Send("/account/devices/"+old.ID+"/qr", nil))
	if fresh.Secret == old.Secret {
		t.Error("the secret is the same")
	}
	if again := one.Get(p.Path); codeText.MatchString(again.Body) {
		t.Error("the first browser still shows a code")
	}
	if _, err := h.Client.Enrol(t.Context(), old, phonetest.Key(t), phonetest.PIN, ""); err == nil {
		t.Error("the old code works")
	}
	if _, err := h.Client.Enrol(t.Context(), fresh, phonetest.Key(t), phonetest.PIN, ""); err != nil {
		t.Error(err)
	}
}

func TestTheCodePageTellsWhatHappened(t *testing.T) {
	h := house.New(t)
	h.Anna(t)
	v := h.SignIn(t, "anna@example.org")
	p := v.Get("/account/devices/add").Send("/account/devices/add", form)
	scanned := code(t, p)
	for range phone.EnrolPINs {
		_, _ = h.Client.Enrol(t.Context(), scanned, phonetest.Key(t), "9753", "")
	}
	dead := v.Get(p.Path)
	is(t, dead, http.StatusOK, "Initialise the app")
	if !strings.Contains(dead.Text("main"), "A wrong PIN was entered 5 times") || codeText.MatchString(dead.Body) {
		t.Errorf("%s", dead.Text("main"))
	}
	h.Clock.Pass(phone.EnrolFor + time.Second)
	is(t, v.Get(p.Path), http.StatusGone, "This QR code is no longer valid")
	if got := v.Get(strings.TrimSuffix(p.Path, "/qr") + "/state").Body; !strings.Contains(got, `"waiting":false`) {
		t.Errorf("state %s", got)
	}
	if strings.Contains(v.Get("/account/devices").Text("main"), "Waiting to be initialised") {
		t.Error("the expired device is still listed")
	}
}

func TestDelete(t *testing.T) {
	h := house.New(t)
	anna, bert := h.Anna(t), h.Person(t, "Bert", "bert@example.org")
	v := h.SignIn(t, "anna@example.org")
	begun := h.Begin(t, anna, "waiting one")
	action := "/account/devices/" + begun.ID + "/delete"
	is(t, v.Get(action), http.StatusOK, "Delete this mobile device?")
	p := v.Get(action).Send(action, nil)
	if !strings.Contains(p.Text("main"), "The device was deleted.") || strings.Contains(p.Text("main"), "waiting one") {
		t.Errorf("%s", p.Text("main"))
	}
	link := h.Initialise(t, anna, "phone")
	berts := h.Initialise(t, bert, "Bert's")
	action = "/account/devices/" + link.DeviceID + "/delete"
	w := withPhone(t, h, "bert@example.org", berts)
	if p := w.Get(action); p.Status != http.StatusGone {
		t.Errorf("Bert asks to delete Anna's: %d %s", p.Status, p.Text("h1"))
	}
	for _, page := range []string{"/qr", "/state"} {
		if p := w.Get("/account/devices/" + link.DeviceID + page); p.Status == http.StatusOK && !strings.Contains(p.Body, `"waiting":false`) {
			t.Errorf("Bert sees Anna's %s: %s", page, p.Path)
		}
	}
	w.Post(action, nil)
	if on, _ := h.Phone.Enrolled(t.Context(), anna.ID); !on {
		t.Fatal("Bert deleted Anna's device")
	}
	p = withPhone(t, h, "anna@example.org", link).Get(action)
	if !strings.Contains(p.Text("main"), "It is your only second factor") {
		t.Errorf("%s", p.Text("main"))
	}
	p = p.Send(action, nil) // the page after it asks for a sign-in no more than before
	is(t, p, http.StatusOK, "Manage my mobile devices")
	if got := h.Resets.All(); len(got) != 1 || got[0] != anna.ID {
		t.Errorf("factors reset: %v", got)
	}
}
