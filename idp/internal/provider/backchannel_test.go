package provider_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
)

const ciba = "urn:openid:params:grant-type:ciba"

// askedPhones are the phones of a world, if it has any.
type askedPhones struct{ w *world }

func (p askedPhones) Start(ctx context.Context, a phone.Ask) (phone.Push, error) {
	if p.w.phones == nil {
		return phone.Push{}, phone.ErrNoDevice
	}
	return p.w.phones.Phone.Start(ctx, a)
}

func (p askedPhones) Poll(ctx context.Context, id string) (phone.Outcome, error) {
	return p.w.phones.Phone.Poll(ctx, id)
}

// callDesk is a service that asks people on their phones, and Anna, who uses it and has one.
type callDesk struct {
	*world
	link phoneclient.Link
}

func newCallDesk(t testing.TB, changes map[string]any) *callDesk {
	w := newWorld(t)
	metadata := map[string]any{
		"redirect_uris": []string{callback}, "grant_types": []string{"authorization_code", "refresh_token", ciba}, "scope": "openid email offline_access",
		"default_acr_values": []string{"https://eulogin.example/loa/medium"}, "backchannel_token_delivery_mode": "poll",
	}
	for name, v := range changes {
		metadata[name] = v
	}
	w.register("desk", metadata)
	w.register("stranger", metadata)
	clock := accounttest.NewClock()
	clock.Pass(w.now().Sub(clock.Now()))
	w.phones = phonetest.With(t, w.db, w.kv, clock)
	acc, err := w.store.ByID(t.Context(), anna)
	w.must(err)
	d := &callDesk{w, w.phones.Initialise(t, acc, "phone")}
	if answer(w.authorize(ask("client_id", "desk", "scope", "openid email"), w.signIn(true))).Get("code") == "" {
		t.Fatal("Anna cannot use the service")
	}
	return d
}

func (d *callDesk) pass(by time.Duration) {
	d.world.pass(by)
	d.phones.Clock.Pass(by)
}

// begin asks for Anna; changes lay over the request, "" removes.
func (d *callDesk) begin(as string, changes ...string) (id string, rec *httptest.ResponseRecorder) {
	form := url.Values{"scope": {"openid email"}, "login_hint": {"anna@example.org"}, "binding_message": {"42"}}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			form.Del(changes[i])
		}
	}
	rec = d.do("POST", "/oauth/bc-authorize", d.as(as, form))
	var got struct {
		ID       string `json:"auth_req_id"`
		Expires  int    `json:"expires_in"`
		Interval int    `json:"interval"`
	}
	_ = json.Unmarshal(rec.Body.Bytes(), &got)
	return got.ID, rec
}

func (d *callDesk) begun(changes ...string) string {
	d.t.Helper()
	id, rec := d.begin("desk", changes...)
	if rec.Code != http.StatusOK || id == "" {
		d.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return id
}

// ask polls in the name of a client.
func (d *callDesk) ask(as, id string) (tokens, *httptest.ResponseRecorder) {
	return d.token(d.as(as, url.Values{"grant_type": {ciba}, "auth_req_id": {id}}))
}

func (d *callDesk) wants(what, id, code string) {
	d.t.Helper()
	if got, rec := d.ask("desk", id); got.Error != code || got.Access != "" {
		d.t.Errorf("%s: %d %s, want %s", what, rec.Code, rec.Body, code)
	}
}

// signedIn holds how many sessions Anna has against what they should be.
func (d *callDesk) signedIn(what string, times int) {
	d.t.Helper()
	if list, err := d.sessions.List(d.t.Context(), anna); err != nil || len(list) != times {
		d.t.Errorf("%s: Anna sees the sessions %+v %v", what, list, err)
	}
}

// approve types a number on the phone.
func (d *callDesk) approve(number string) error {
	d.t.Helper()
	return d.phones.Client.Approve(d.t.Context(), d.link, d.received(), number, phonetest.PIN)
}

func (d *callDesk) received() phoneclient.Request {
	d.t.Helper()
	return d.phones.Received(d.t, d.link)
}

// OpenID Connect CIBA Core §7 and §10: asked, waited for, approved with the number that the service
// showed, and answered with tokens that are those of every other sign-in, once.
func TestAServiceAsksWithoutABrowser(t *testing.T) {
	d := newCallDesk(t, nil)
	id, rec := d.begin("desk", "scope", "openid email offline_access")
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"expires_in":120,"interval":5`) || len(id) != 43 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if r := d.received(); r.Service != "Service desk" || r.Browser != "-" || r.Address != "-" {
		t.Errorf("the phone shows %+v", r)
	}
	d.wants("before the answer", id, "authorization_pending")
	d.wants("at once again", id, "slow_down")
	d.pass(11 * time.Second)
	if err := d.approve("43"); err == nil {
		t.Error("another number than the service's was taken")
	}
	d.wants("after a wrong number", id, "authorization_pending")
	d.must(d.approve("42"))
	decided := d.now()
	d.pass(20 * time.Second)
	if got, _ := d.ask("stranger", id); got.Error != "invalid_grant" {
		t.Errorf("another client: %v", got)
	}
	got, rec := d.ask("desk", id)
	if got.Access == "" || got.Refresh == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	told := d.claims(got.ID)
	if told["sub"] != string(anna) || told["acr"] != "https://eulogin.example/loa/medium" || told["aud"] != "desk" || told["email"] != "anna@example.org" || told["auth_time"] != float64(decided.Unix()) {
		t.Errorf("%v", told)
	}
	d.pass(20 * time.Second)
	d.wants("a second time", id, "invalid_grant")
	if d.userinfo(got.Access).Code != http.StatusOK {
		t.Error("the access token is not good")
	}
	list, err := d.sessions.List(t.Context(), anna)
	d.must(err)
	if len(list) != 2 || list[0].Browser != "EU Login Mobile App" || len(list[0].Clients) != 1 {
		t.Fatalf("Anna sees %+v", list)
	}
	if history, err := d.store.Attempts(t.Context(), anna, 1); err != nil || len(history) != 1 || history[0].Service != "Service desk" || history[0].Methods != "app_alone" {
		t.Errorf("the history says %+v %v", history, err)
	}
	_, err = d.sessions.Revoke(t.Context(), list[0].ID)
	d.must(err)
	if short := d.begun("scope", "openid"); short == "" {
		t.Error("she cannot be asked again")
	}
}

// A token without offline_access ends with the session, which Anna can end in My account.
func TestATokenOfThePhoneEndsWithItsSession(t *testing.T) {
	d := newCallDesk(t, nil)
	id := d.begun()
	d.must(d.approve("42"))
	got, _ := d.ask("desk", id)
	list, err := d.sessions.List(t.Context(), anna)
	d.must(err)
	if d.userinfo(got.Access).Code != http.StatusOK || len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	_, err = d.sessions.Revoke(t.Context(), list[0].ID)
	d.must(err)
	if d.userinfo(got.Access).Code != http.StatusUnauthorized {
		t.Error("the token outlived its session")
	}
}

func TestWhatAnswersOfThePhoneComeTo(t *testing.T) {
	d := newCallDesk(t, nil)
	for name, tt := range map[string]struct {
		do   func()
		want string
	}{
		"denied":              {func() { d.must(d.phones.Client.Deny(t.Context(), d.link, d.received(), false)) }, "access_denied"},
		"expired":             {func() { d.pass(2 * time.Minute) }, "expired_token"},
		"three wrong numbers": {func() { _, _, _ = d.approve("11"), d.approve("12"), d.approve("13") }, "expired_token"},
		"replaced":            {func() { d.begun("binding_message", "77") }, "expired_token"},
		"over on the phone":   {func() { d.pass(phone.PushFor - 10*time.Second) }, "expired_token"},
	} {
		id := d.begun()
		tt.do()
		d.wants(name, id, tt.want)
		d.pass(time.Hour)
	}
	id := d.begun()
	d.must(d.phones.Client.Deny(t.Context(), d.link, d.received(), true))
	d.wants("this was not me", id, "access_denied")
	if _, rec := d.begin("desk"); rec.Code != http.StatusTooManyRequests || rec.Header().Get("Retry-After") == "" {
		t.Errorf("after this was not me: %d %s", rec.Code, rec.Body)
	}
	d.pass(10 * time.Minute)
	d.wants("long after", "x", "invalid_grant")
}

func TestBackchannelRequestsThatAreRefused(t *testing.T) {
	d := newCallDesk(t, nil)
	browser := d.redeem(d.code()).ID // an ID token for another client
	for name, tt := range map[string]struct {
		changes []string
		want    string
	}{
		"nobody named":          {[]string{"login_hint", ""}, "invalid_request"},
		"two hints":             {[]string{"id_token_hint", "x"}, "invalid_request"},
		"a hint token":          {[]string{"login_hint", "", "login_hint_token", "x"}, "invalid_request"},
		"a signed request":      {[]string{"request", "x"}, "invalid_request"},
		"no openid":             {[]string{"scope", "email"}, "invalid_scope"},
		"an unregistered scope": {[]string{"scope", "openid profile"}, "invalid_scope"},
		"no number":             {[]string{"binding_message", ""}, "invalid_binding_message"},
		"a text":                {[]string{"binding_message", "Pay 100"}, "invalid_binding_message"},
		"one digit":             {[]string{"binding_message", "07"}, "invalid_binding_message"},
		"no seconds":            {[]string{"requested_expiry", "0"}, "invalid_request"},
		"words":                 {[]string{"requested_expiry", "soon"}, "invalid_request"},
		"a ping":                {[]string{"client_notification_token", "abc"}, "invalid_request"},
		"another resource":      {[]string{"resource", "https://nobody.example"}, "invalid_target"},
		"nobody":                {[]string{"login_hint", "nobody@example.org"}, "unknown_user_id"},
		"no address":            {[]string{"login_hint", "Anna"}, "unknown_user_id"},
		"another's ID token":    {[]string{"login_hint", "", "id_token_hint", browser}, "unknown_user_id"},
		"no ID token":           {[]string{"login_hint", "", "id_token_hint", "x"}, "unknown_user_id"},
		"too strong a wish":     {[]string{"acr_values", "https://eulogin.example/loa/high"}, ""},
	} {
		_, rec := d.begin("desk", tt.changes...)
		var got struct{ Error string }
		_ = json.Unmarshal(rec.Body.Bytes(), &got)
		if got.Error != tt.want {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if _, rec := d.begin("rp"); !strings.Contains(rec.Body.String(), "unauthorized_client") {
		t.Errorf("a client without the grant: %d %s", rec.Code, rec.Body)
	}
	if rec := d.do("POST", "/oauth/bc-authorize", url.Values{"client_id": {"desk"}}); rec.Code != http.StatusUnauthorized {
		t.Errorf("a client that does not authenticate: %d", rec.Code)
	}
	if rec := d.do("GET", "/oauth/bc-authorize", nil); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", rec.Code)
	}
}

// Security case 32: a service learns nothing of people who do not use it, and cannot try many.
func TestOnlyItsOwnPeopleAreAskedByAService(t *testing.T) {
	d := newCallDesk(t, nil)
	_, known := d.begin("stranger")
	_, unknown := d.begin("stranger", "login_hint", "nobody@example.org")
	if known.Code != http.StatusBadRequest || known.Body.String() != unknown.Body.String() {
		t.Errorf("%d %s\n%d %s", known.Code, known.Body, unknown.Code, unknown.Body)
	}
	first := unknown
	for range 20 {
		_, known = d.begin("stranger")
	}
	if known.Code != http.StatusTooManyRequests {
		t.Errorf("the 22nd guess: %d %s", known.Code, known.Body)
	}
	for i := range 25 { // who uses it costs no guess
		if _, rec := d.begin("desk"); rec.Code == http.StatusBadRequest || i == 0 && rec.Code != http.StatusOK {
			t.Errorf("one that uses it, %d: %d %s", i, rec.Code, rec.Body)
		}
	}
	for range 20 {
		if _, rec := d.begin("desk", "login_hint", "nobody@example.org"); rec.Code != http.StatusBadRequest {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
	d.pass(10 * time.Minute)
	_, known = d.begin("desk")
	_, unknown = d.begin("desk", "login_hint", "nobody@example.org")
	if known.Code != http.StatusTooManyRequests || known.Body.String() != unknown.Body.String() {
		t.Errorf("after 20 guesses: %d %s\n%d %s", known.Code, known.Body, unknown.Code, unknown.Body)
	}
	d.pass(6 * time.Minute)
	if d.begun() == "" {
		t.Error("she cannot be asked any more")
	}
	d.must(d.store.SetStatus(t.Context(), d.now(), anna, account.Disabled, audit.AccountDisabled(anna)))
	if _, rec := d.begin("desk"); rec.Body.String() != first.Body.String() {
		t.Errorf("a closed account: %d %s", rec.Code, rec.Body)
	}
}
