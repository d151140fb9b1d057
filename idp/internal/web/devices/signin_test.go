package devices_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/phonetest/house"
	"eulogin.example/idp/internal/policy"
)

// withPhone opens a browser and signs in with password and app; the phone is a robot.
func withPhone(t *testing.T, h *house.House, email string, link phoneclient.Link) *browse.Visitor {
	t.Helper()
	v := h.Visit(t)
	p := v.Get(house.Guarded).Send("/login/identify", map[string]string{"email": email})
	p = p.Send("/login/password", map[string]string{"password": accounttest.Secret, "method": string(policy.AppPIN)})
	is(t, approve(t, h, v, p, link), http.StatusOK, "Inside")
	return v
}

// approve answers on the phone what a waiting page asks, and goes on in the browser.
func approve(t *testing.T, h *house.House, v *browse.Visitor, waiting *browse.Page, link phoneclient.Link) *browse.Page {
	t.Helper()
	shown := regexp.MustCompile(`id="match-number">(\d\d)<`).FindStringSubmatch(waiting.Body)
	if shown == nil {
		t.Fatalf("%s shows no number: %s", waiting.Path, waiting.Text("main"))
	}
	if err := h.Client.Approve(t.Context(), link, h.Received(t, link), shown[1], phonetest.PIN); err != nil {
		t.Fatal(err)
	}
	return v.Get(waiting.Path)
}

// A service asks for two factors and the person has none: password, add the device, and the
// same sign-in goes on (domain.md row 27).
func TestASignInWithoutAFactorLeadsThroughEnrolmentAndBack(t *testing.T) {
	h := house.New(t)
	anna := h.Anna(t)
	v := h.Visit(t)
	p := v.Get(house.Guarded).Send("/login/identify", map[string]string{"email": anna.Email})
	p = p.Send("/login/password", map[string]string{"password": accounttest.Secret})
	p = p.Send("/login/enrol", nil)
	is(t, p, http.StatusOK, "Add a mobile device")
	if !strings.Contains(p.Text("main"), "Your sign-in goes on by itself") {
		t.Errorf("%s", p.Text("main"))
	}
	p = p.Send("/account/devices/add", map[string]string{"name": "phone", "pin": "1234", "pin_again": "1234"})
	p = p.Send("/account/devices/add", form)
	is(t, p, http.StatusOK, "Initialise the app")
	link, err := h.Client.Enrol(t.Context(), code(t, p), phonetest.Key(t), phonetest.PIN, "")
	if err != nil {
		t.Fatal(err)
	}
	p = v.Get(p.Path)
	if !strings.HasPrefix(p.Path, "/login?flow=") {
		t.Fatalf("after the device: %s %s", p.Path, p.Text("main"))
	}
	p = p.Send("/login/method", map[string]string{"method": string(policy.AppPIN)})
	is(t, approve(t, h, v, p, link), http.StatusOK, "Inside")
}

// With a device, changing wants the device; without a sign-in nothing is shown.
func TestPagesWantASignIn(t *testing.T) {
	h := house.New(t)
	anna := h.Anna(t)
	stranger := h.Visit(t)
	id := h.Begin(t, anna, "waiting").ID
	changes := []string{"/account/devices/add", "/account/devices/" + id + "/delete"}
	for _, path := range append([]string{"/account/devices", "/account/devices/" + id + "/qr", "/account/devices/" + id + "/state"}, changes...) {
		if p := stranger.Get(path); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("GET %s: %s", path, p.Path)
		}
	}
	v := h.SignIn(t, anna.Email)
	is(t, v.Get(changes[0]), http.StatusOK, "Add a mobile device")
	h.Clock.Pass(21 * time.Minute)
	for _, path := range changes {
		if p := v.Get(path); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("GET %s with an old sign-in: %s", path, p.Path)
		}
	}
	link := h.Initialise(t, anna, "phone")
	v = h.SignIn(t, anna.Email) // fresh, with the password alone
	is(t, v.Get("/account/devices"), http.StatusOK, "Manage my mobile devices")
	for path, typed := range map[string]url.Values{
		"/account/devices/add":                          {"name": {"x"}, "pin": {"4711"}, "pin_again": {"4711"}},
		"/account/devices/" + link.DeviceID + "/delete": nil,
		"/account/devices/" + id + "/qr":                nil,
	} {
		if p := v.Post(path, typed); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("POST %s with the password alone: %s %s", path, p.Path, p.Text("h1"))
		}
	}
	devices, _, err := h.Phone.Devices(t.Context(), anna.ID)
	if err != nil || len(devices) != 1 {
		t.Errorf("%d devices, %v", len(devices), err)
	}
}

func TestARefusalOnThePhoneEndsTheSignIn(t *testing.T) {
	h := house.New(t)
	anna := h.Anna(t)
	link := h.Initialise(t, anna, "phone")
	v := h.Visit(t)
	p := v.Get(house.Guarded).Send("/login/identify", map[string]string{"email": anna.Email})
	p = p.Send("/login/password", map[string]string{"password": accounttest.Secret, "method": string(policy.AppPIN)})
	r := h.Received(t, link)
	if r.Service != "EU Login" || r.Address == "" || r.Browser == "" {
		t.Errorf("the phone sees %+v", r)
	}
	if err := h.Client.Deny(t.Context(), link, r, false); err != nil {
		t.Fatal(err)
	}
	if p = v.Get(p.Path); p.Text("h1") == "Inside" {
		t.Fatal("in after a refusal")
	}
}
