package appapi_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonelogin"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/webauthntest"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

// Cookies of two browsers, and how one of them calls: as a page's script does.
const own, foreign = "cookie-of-the-phones-browser", "cookie-of-an-attackers-browser"

func from(w *phonetest.World, cookie string, browser bool) *phoneclient.Client {
	c := *w.Client
	c.Tamper = func(r *http.Request) {
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: phonetest.Cookie, Value: cookie})
		}
		if browser {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	return &c
}

// here opens an on-mobile request of a browser; account "" is a direct sign-in.
func here(t testing.TB, w *phonetest.World, account ident.AccountID, cookie string) (phone.Here, phoneclient.HereCode) {
	t.Helper()
	h, err := w.Phone.StartHere(t.Context(), phone.Ask{
		Flow: ident.NewID(strings.NewReader(cookie + strings.Repeat("x", 40))), Account: account, Client: "CPMS 2.0", Browser: "Chrome, Android", Address: "192.0.2.8", Binding: ident.Digest(cookie),
	})
	if err != nil {
		t.Fatal(err)
	}
	code, err := phoneclient.ParseHereCode(phone.HereText(w.Issuer, h.ID))
	if err != nil {
		t.Fatal(err)
	}
	return h, code
}

// codeIn takes the code out of where the browser has to go.
func codeIn(t testing.TB, h phone.Here, back string) string {
	t.Helper()
	u, err := url.Parse(back)
	if err != nil || u.Path != "/login" || u.Host != "" || u.Query().Get("flow") != h.Flow || !strings.HasPrefix(u.Fragment, "code.") {
		t.Fatalf("the browser is sent to %s", back)
	}
	return strings.TrimPrefix(u.Fragment, "code.")
}

func TestTheAppOnTheSamePhoneSignsIn(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	for _, account := range []ident.AccountID{anna.ID, ""} {
		for name, client := range map[string]*phoneclient.Client{"web app": from(w, own, true), "native app": from(w, "", false)} {
			h, code := here(t, w, account, own)
			r, err := client.Here(t.Context(), l, code)
			if err != nil || r.Service != "CPMS 2.0" || r.Address != "192.0.2.8" {
				t.Fatalf("%s: %+v %v", name, r, err)
			}
			back, err := client.ApproveHere(t.Context(), l, r, phonetest.PIN)
			if err != nil {
				t.Fatal(err)
			}
			d, err := w.Phone.RedeemHere(t.Context(), h.ID, account, codeIn(t, h, back))
			if err != nil || d.ID != l.DeviceID || d.Account != anna.ID {
				t.Errorf("%s: %+v %v", name, d, err)
			}
			if _, err := w.Phone.RedeemHere(t.Context(), h.ID, account, codeIn(t, h, back)); !errors.Is(err, phone.ErrRequestUnknown) {
				t.Errorf("%s: twice: %v", name, err)
			}
		}
	}
}

// Security case 33: an attacker begins in his browser and sends the link to a victim. The
// victim's browser is told nothing, and a native app's approval gives a code that the victim's
// browser gets and the attacker's never sees; with a code of his own he gets nowhere.
func TestALinkFromAnotherBrowserIsRefused(t *testing.T) {
	w := phonetest.New(t)
	anna, mallory := w.Anna(t), w.Person(t, "Mallory", "mallory@example.org")
	victims, attackers := w.Initialise(t, anna, "phone"), w.Initialise(t, mallory, "phone")
	for _, account := range []ident.AccountID{anna.ID, ""} {
		h, code := here(t, w, account, foreign)
		for name, client := range map[string]*phoneclient.Client{
			"another cookie": from(w, own, true), "a browser that never signed in": from(w, "", true), "another cookie, no browser": from(w, own, false),
		} {
			if _, err := client.Here(t.Context(), victims, code); err == nil || !strings.Contains(err.Error(), "phone.other_browser") {
				t.Errorf("%s: shown, %v", name, err)
			}
			if back, err := client.ApproveHere(t.Context(), victims, phoneclient.Request{ID: h.ID, Service: "CPMS 2.0"}, phonetest.PIN); err == nil || !strings.Contains(err.Error(), "phone.other_browser") {
				t.Errorf("%s: approved %q, %v", name, back, err)
			}
		}
		if _, err := w.Phone.RedeemHere(t.Context(), h.ID, account, ident.NewID(strings.NewReader(strings.Repeat("guess", 10)))); !errors.Is(err, phone.ErrCodeWrong) {
			t.Errorf("a guess without an approval: %v", err)
		}
	}
	h, code := here(t, w, anna.ID, foreign)
	if _, err := from(w, foreign, true).Here(t.Context(), attackers, code); err == nil || !strings.Contains(err.Error(), "phone.request_unknown") {
		t.Errorf("the attacker's own phone for the victim's account: %v", err)
	}
	if _, err := w.Phone.RedeemHere(t.Context(), h.ID, mallory.ID, "0123456789abcdefghjkmnpqrs"); !errors.Is(err, phone.ErrRequestUnknown) {
		t.Errorf("another account's request: %v", err)
	}
}

func TestWrongAnswersOnTheSamePhone(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	app := from(w, own, true)
	h, code := here(t, w, anna.ID, own)
	r, err := app.Here(t.Context(), l, code)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.ApproveHere(t.Context(), l, r, "9999"); err == nil || !strings.Contains(err.Error(), "phone.pin_wrong (9 tries left)") {
		t.Errorf("a wrong PIN: %v", err)
	}
	other := r
	other.Service = "Bank" // what was signed is not what was asked
	if _, err := app.ApproveHere(t.Context(), l, other, phonetest.PIN); err == nil || !strings.Contains(err.Error(), "phone.statement_invalid") {
		t.Errorf("another service: %v", err)
	}
	back, err := app.ApproveHere(t.Context(), l, r, phonetest.PIN)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.ApproveHere(t.Context(), l, r, phonetest.PIN); err == nil || !strings.Contains(err.Error(), "phone.request_decided") {
		t.Errorf("approved twice: %v", err)
	}
	if err := w.Phone.Remove(t.Context(), anna.ID, l.DeviceID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Phone.RedeemHere(t.Context(), h.ID, anna.ID, codeIn(t, h, back)); err == nil {
		t.Error("the approval of a phone that was deleted since counts")
	}
}

func TestAnOnMobileRequestEndsAfterFiveMinutes(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	h, code := here(t, w, anna.ID, own)
	r, err := from(w, own, true).Here(t.Context(), l, code)
	if err != nil {
		t.Fatal(err)
	}
	back, err := from(w, own, true).ApproveHere(t.Context(), l, r, phonetest.PIN)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Pass(phone.HereFor + time.Second)
	if _, err := w.Phone.RedeemHere(t.Context(), h.ID, anna.ID, codeIn(t, h, back)); err == nil {
		t.Error("at 5:01 the code still counts")
	}
}

func TestOfAHundredApprovalsAndCodesOnTheSamePhoneOneWins(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, store kv.Store) {
		approvedAndTakenOnce(t, phonetest.With(t, backendtest.SQLite(t, sqlstore.Migrations()), store, accounttest.NewClock()))
	})
}

func approvedAndTakenOnce(t *testing.T, w *phonetest.World) {
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	h, code := here(t, w, anna.ID, own)
	r, err := from(w, own, true).Here(t.Context(), l, code)
	if err != nil {
		t.Fatal(err)
	}
	var back string
	if won := race(t, 8, func() error { // ten open tries of a PIN disable a phone
		to, err := from(w, own, true).ApproveHere(t.Context(), l, r, phonetest.PIN)
		if err == nil {
			back = to
		}
		return err
	}); won != 1 {
		t.Fatalf("%d approvals", won)
	}
	secret := codeIn(t, h, back)
	if won := race(t, 100, func() error {
		_, err := w.Phone.RedeemHere(t.Context(), h.ID, anna.ID, secret)
		return err
	}); won != 1 {
		t.Errorf("%d codes were taken", won)
	}
}

// On the same phone, biometrics stand for the PIN as well, and the sign-in says so.
func TestOnMobileByBiometrics(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	method := phonelogin.OnMobile{Phone: w.Phone, Issuer: w.Issuer}
	f := newFinger(t, w)
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, f), "")
	if can, err := method.Enrolled(t.Context(), anna.ID); len(can) != 2 || err != nil {
		t.Errorf("enrolled: %v %v", can, err)
	}
	for name, c := range map[string]struct {
		unlock func(phoneclient.Request) (string, error)
		want   policy.Method
	}{
		"PIN": {func(r phoneclient.Request) (string, error) {
			return w.Client.ApproveHere(t.Context(), l, r, phonetest.PIN)
		}, policy.OnMobile},
		"finger": {func(r phoneclient.Request) (string, error) {
			return w.Client.ApproveHereByBiometrics(t.Context(), l, r, f)
		}, policy.OnMobileBio},
	} {
		h, err := w.Phone.StartHere(t.Context(), phone.Ask{Flow: name, Account: anna.ID, Client: "CPMS 2.0"})
		wants(t, err, "")
		code, err := phoneclient.ParseHereCode(phone.HereText(w.Issuer, h.ID))
		wants(t, err, "")
		r, err := w.Client.Here(t.Context(), l, code)
		wants(t, err, "")
		unverified := f
		copied := *f.Authenticator
		unverified.Authenticator = &copied
		copied.Flags = webauthntest.UP
		_, err = w.Client.ApproveHereByBiometrics(t.Context(), l, r, unverified)
		wants(t, err, "phone.biometrics_wrong")
		f.Counter = copied.Counter
		back, err := c.unlock(r)
		wants(t, err, "")
		_, secret, _ := strings.Cut(back, "#code.")
		proven, err := method.Answer(t.Context(), login.Answer{ChallengeID: h.ID, Account: anna.ID, Text: secret})
		if err != nil || proven.Method != c.want || proven.Account != anna.ID {
			t.Errorf("%s: %+v %v", name, proven, err)
		}
	}
}
