package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// tv registers a device that wants MEDIUM, and one that wants nothing.
func tv(t testing.TB) *world {
	w := newWorld(t)
	for id, acr := range map[string]string{"tv": "https://eulogin.example/loa/medium", "meter": "https://eulogin.example/loa/basic"} {
		w.register(id, map[string]any{
			"grant_types": []string{deviceGrant, "refresh_token"}, "response_types": []string{}, "scope": "openid email offline_access",
			"token_endpoint_auth_method": "none", "default_acr_values": []string{acr},
		})
	}
	return w
}

type begun struct {
	Device string `json:"device_code"`
	User   string `json:"user_code"`
	URI    string `json:"verification_uri"`
	Full   string `json:"verification_uri_complete"`
	Life   int    `json:"expires_in"`
	Every  int    `json:"interval"`
}

func (w *world) beginDevice(client string) (b begun) {
	w.t.Helper()
	rec := w.do("POST", "/oauth/device_authorization", url.Values{"client_id": {client}, "scope": {"openid email offline_access"}})
	w.must(json.Unmarshal(rec.Body.Bytes(), &b))
	if rec.Code != http.StatusOK || len(b.User) != 9 || b.URI != w.issuer+"/device" || b.Full != "" || b.Life != 600 || b.Every != 5 {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return b
}

// poll asks for the tokens and gives the error, or "" with the answer.
func (w *world) poll(client, device string) (string, map[string]any) {
	w.t.Helper()
	rec := w.do("POST", "/oauth/token", url.Values{"grant_type": {deviceGrant}, "client_id": {client}, "device_code": {device}})
	var m map[string]any
	w.must(json.Unmarshal(rec.Body.Bytes(), &m))
	if e, _ := m["error"].(string); e != "" || rec.Code != http.StatusOK {
		return e, m
	}
	return "", m
}

// page keeps the cookies of one browser.
type deviceBrowser struct {
	w   *world
	jar []*http.Cookie
}

func (b *deviceBrowser) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	rec := b.w.do(method, path, form, b.jar...)
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge >= 0 {
			b.jar = append(b.jar, c)
		}
	}
	return rec
}

// typed types a user code and gives where it leads.
func (b *deviceBrowser) typed(code string) string {
	rec := b.send("POST", "/device", url.Values{"user_code": {code}})
	return strings.TrimPrefix(rec.Header().Get("Location"), b.w.issuer)
}

func (b *deviceBrowser) answer(to, answer string) *httptest.ResponseRecorder {
	_, q, _ := strings.Cut(to, "q=")
	return b.send("POST", "/device/decide", url.Values{"q": {q}, "answer": {answer}})
}

func TestADeviceWithoutAKeyboardIsLetIn(t *testing.T) {
	w := tv(t)
	d := w.beginDevice("tv")
	if e, _ := w.poll("tv", d.Device); e != "authorization_pending" {
		t.Fatal(e)
	}
	b := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	to := b.typed(" " + strings.ToLower(strings.ReplaceAll(d.User, "-", " ")))
	if strings.Contains(to, d.User) || strings.Contains(to, d.Device) {
		t.Errorf("a code stands in an address: %s", to)
	}
	if p := b.send("GET", to, nil); p.Code != 200 || !strings.Contains(p.Body.String(), "Service tv") || !strings.Contains(p.Body.String(), "192.0.2.1") {
		t.Fatalf("%d %s", p.Code, p.Body)
	}
	if p := b.answer(to, "allow"); p.Code != 200 || !strings.Contains(p.Body.String(), "The device is connected") {
		t.Fatalf("%d %s", p.Code, p.Body)
	}
	w.pass(grant.DeviceInterval)
	e, m := w.poll("tv", d.Device)
	if e != "" {
		t.Fatal(e, m)
	}
	id := w.claims(m["id_token"].(string))
	if id["sub"] != string(anna) || id["acr"] != "https://eulogin.example/loa/medium" || m["refresh_token"] == nil {
		t.Errorf("%v", id)
	}
	if list, err := w.sessions.List(t.Context(), anna); err != nil || len(list) != 1 || !slices.Equal(list[0].Clients, []string{"tv"}) {
		t.Errorf("the session does not know of the device, which would not hear of its end: %+v %v", list, err)
	}
	if e, _ := w.poll("tv", d.Device); e != "expired_token" {
		t.Errorf("the device code works twice: %q", e)
	}
	if p := b.answer(to, "allow"); p.Code != http.StatusGone {
		t.Errorf("decided twice: %d", p.Code)
	}
}

// The policy is that of every other entrance: what the client wants, and shown lately.
func TestADeviceNeedsWhatItsClientWants(t *testing.T) {
	w := tv(t)
	d := w.beginDevice("tv")
	b := &deviceBrowser{w, []*http.Cookie{w.signIn(false)}}
	to := b.typed(d.User)
	for _, rec := range []*httptest.ResponseRecorder{b.send("GET", to, nil), b.answer(to, "allow")} {
		if rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Location"), "/login?flow=") {
			t.Errorf("the password alone opens the page: %d", rec.Code)
		}
	}
	if e, _ := w.poll("tv", d.Device); e != "authorization_pending" {
		t.Error(e)
	}
	old := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	w.pass(16 * time.Minute)
	e := w.beginDevice("meter")
	to = old.typed(e.User)
	if rec := old.send("GET", to, nil); !strings.Contains(rec.Header().Get("Location"), "/login?flow=") {
		t.Errorf("a sign-in of 16 minutes ago is enough: %d", rec.Code)
	}
}

// default_max_age 0 means: signed in for this request, after the code was typed.
func TestADeviceWhoseClientWantsAFreshSignIn(t *testing.T) {
	w := tv(t)
	w.register("tv", map[string]any{
		"grant_types": []string{deviceGrant}, "response_types": []string{}, "scope": "openid email",
		"token_endpoint_auth_method": "none", "default_max_age": 0,
	})
	rec := w.do("POST", "/oauth/device_authorization", url.Values{"client_id": {"tv"}, "scope": {"openid"}})
	var d begun
	w.must(json.Unmarshal(rec.Body.Bytes(), &d))
	b := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	w.pass(time.Second)
	to := b.typed(d.User)
	if rec := b.send("GET", to, nil); !strings.Contains(rec.Header().Get("Location"), "/login?flow=") {
		t.Errorf("an earlier sign-in is enough: %d", rec.Code)
	}
	w.pass(time.Second)
	b.jar = append(b.jar, w.signIn(false))
	b.jar[0] = b.jar[len(b.jar)-1]
	w.pass(time.Second)
	if rec := b.send("GET", to, nil); rec.Code != http.StatusOK {
		t.Errorf("a sign-in after the code was typed is not enough: %d", rec.Code)
	}
}

func TestADeviceThatIsNotLetIn(t *testing.T) {
	w := tv(t)
	d, other := w.beginDevice("tv"), w.beginDevice("meter")
	b := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	to := b.typed(d.User)
	thief := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	if rec := thief.send("GET", to, nil); rec.Code != http.StatusGone {
		t.Errorf("the question opens in another browser: %d", rec.Code)
	}
	if rec := thief.answer(to, "allow"); rec.Code != http.StatusGone {
		t.Errorf("another browser answers: %d", rec.Code)
	}
	if rec := b.send("GET", "/device/decide?q=made-up", nil); rec.Code != http.StatusNotFound {
		t.Errorf("a made-up question: %d", rec.Code)
	}
	if rec := b.answer(to, "perhaps"); !strings.Contains(rec.Body.String(), "was not let in") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if e, _ := w.poll("meter", d.Device); e != "expired_token" {
		t.Errorf("another client polls: %q", e)
	}
	if e, _ := w.poll("tv", d.Device); e != "access_denied" {
		t.Errorf("denied: %q", e)
	}
	if e, _ := w.poll("rp", other.Device); e == "" {
		t.Error("a client without the grant polls")
	}
	w.pass(grant.DeviceLife)
	if e, _ := w.poll("meter", other.Device); e != "expired_token" {
		t.Errorf("too old: %q", e)
	}
	if rec := b.send("POST", "/device", url.Values{"user_code": {other.User}}); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("an old code: %d", rec.Code)
	}
}

func TestDeviceRequestsThatAreRefused(t *testing.T) {
	w := tv(t)
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"no such grant":  {url.Values{"client_id": {"spa"}, "scope": {"openid"}}, "unauthorized_client"},
		"no scope":       {url.Values{"client_id": {"tv"}}, "invalid_scope"},
		"other scope":    {url.Values{"client_id": {"tv"}, "scope": {"openid profile"}}, "invalid_scope"},
		"unknown client": {url.Values{"client_id": {"nobody"}, "scope": {"openid"}}, "invalid_client"},
	} {
		rec := w.do("POST", "/oauth/device_authorization", c.form)
		if rec.Code < 400 || !strings.Contains(rec.Body.String(), c.want) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if rec := w.do("GET", "/oauth/device_authorization?client_id=tv&scope=openid", nil); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", rec.Code)
	}
}

func TestADevicePollsSlowly(t *testing.T) {
	w := tv(t)
	d := w.beginDevice("tv")
	for i, want := range []string{"authorization_pending", "slow_down", "slow_down"} {
		if e, _ := w.poll("tv", d.Device); e != want {
			t.Errorf("poll %d: %q", i, e)
		}
	}
	w.pass(14 * time.Second)
	if e, _ := w.poll("tv", d.Device); e != "slow_down" {
		t.Errorf("after 14 of 15 seconds: %q", e)
	}
	w.pass(20 * time.Second)
	if e, _ := w.poll("tv", d.Device); e != "authorization_pending" {
		t.Errorf("slow enough: %q", e)
	}
}

func TestGuessesOfUserCodesAreLimited(t *testing.T) {
	w := tv(t)
	b := &deviceBrowser{w, nil}
	for range 20 {
		if rec := b.send("POST", "/device", url.Values{"user_code": {"BBBB-BBBB"}}); rec.Code != http.StatusUnprocessableEntity {
			t.Fatalf("%d", rec.Code)
		}
	}
	d := w.beginDevice("tv")
	if rec := b.send("POST", "/device", url.Values{"user_code": {d.User}}); rec.Code != http.StatusTooManyRequests {
		t.Errorf("the 21st: %d", rec.Code)
	}
}

// Of a hundred polls at once one brings tokens.
func TestOneOfAHundredPollsGetsTheTokens(t *testing.T) {
	w := tv(t)
	d := w.beginDevice("tv")
	b := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	b.answer(b.typed(d.User), "allow")
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			rec := w.do("POST", "/oauth/token", url.Values{"grant_type": {deviceGrant}, "client_id": {"tv"}, "device_code": {d.Device}})
			if rec.Code == http.StatusOK {
				wins.Add(1)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Errorf("%d got tokens", wins.Load())
	}
}
