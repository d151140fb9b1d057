package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/provider"
)

// Security case 5: the phone's answer meets the policy of every entrance.
func TestThePhoneAloneIsHeldAgainstThePolicy(t *testing.T) {
	wanting := func(acr string) map[string]any {
		return map[string]any{
			"redirect_uris": []string{callback}, "grant_types": []string{"authorization_code", ciba}, "backchannel_token_delivery_mode": "poll", "scope": "openid email",
			"default_acr_values": []string{acr},
		}
	}
	d := newCallDesk(t, nil)
	d.register("desk", wanting("https://eulogin.example/loa/high"))
	if _, rec := d.begin("desk"); rec.Code != http.StatusForbidden || !strings.Contains(rec.Body.String(), "access_denied") {
		t.Errorf("a service that wants HIGH: %d %s", rec.Code, rec.Body)
	}
	weak := newCallDesk(t, nil)
	id := weak.begun()
	weak.must(weak.approve("42"))
	weak.register("desk", wanting("phr"))
	weak.wants("the service wants more by now", id, "access_denied")
	if policy.Reaches(policy.AppAlone) != policy.Medium {
		t.Error("the phone alone is worth something else by now: look at this entrance again")
	}
	off := newCallDesk(t, nil)
	id = off.begun()
	off.must(off.approve("42"))
	off.must(off.store.SetStatus(t.Context(), off.now(), anna, account.Disabled, audit.AccountDisabled(anna)))
	off.wants("the account was closed meanwhile", id, "access_denied")
}

// The phone has no page on which somebody could agree: what is still to be agreed to, or is to be shown by the person's
// own wish, gives nothing. A service that lost the grant gets nothing either.
func TestThePhoneAgreesToNothing(t *testing.T) {
	d := newCallDesk(t, map[string]any{"consent": "operator"})
	asks := func(consent string, grants ...string) {
		d.register("desk", map[string]any{
			"redirect_uris": []string{callback}, "grant_types": append([]string{"authorization_code", "refresh_token"}, grants...), "scope": "openid email profile offline_access", "consent": consent,
			"backchannel_token_delivery_mode": map[int]string{1: "poll"}[len(grants)],
		})
	}
	asks("person", ciba)
	approved := func(scope string) string {
		d.pass(time.Hour)
		id := d.begun("scope", scope)
		d.must(d.approve("42"))
		return id
	}
	before := d.given("desk")
	d.wants("a new claim", approved("openid email profile"), "access_denied")
	d.wants("a new right", approved("openid email offline_access"), "access_denied")
	d.signedIn("nothing was agreed to", 0)
	if now := d.given("desk"); !slices.Equal(now, before) {
		t.Errorf("it may know %v, and before %v", now, before)
	}
	if got, rec := d.ask("desk", approved("openid email")); got.Access == "" {
		t.Errorf("what she agreed to before: %d %s", rec.Code, rec.Body)
	}
	d.exec(`UPDATE accounts SET warn_release = TRUE`)
	d.wants("she wants to be asked each time", approved("openid email"), "access_denied")
	d.exec(`UPDATE accounts SET warn_release = FALSE`)
	id := approved("openid email")
	asks("person")
	d.wants("a service that lost the grant", id, "unauthorized_client")
}

// Of 100 polls at once one gets the tokens, by its pace and by the take (grant's
// TestOneOfAHundredTakesABackchannelRequest). An outage uses nothing up: neither before the take nor after it.
func TestOneOfAHundredGetsWhatThePhoneApproved(t *testing.T) {
	d := newCallDesk(t, nil)
	id := d.begun()
	d.must(d.approve("42"))
	for _, down := range []func(bool){d.kv.down.Store, d.lasting.down.Store} {
		down(true)
		if got, rec := d.ask("desk", id); rec.Code != http.StatusServiceUnavailable || got.Access != "" {
			t.Errorf("an outage: %d %s", rec.Code, rec.Body)
		}
		down(false)
		d.pass(10 * time.Second)
	}
	var won, soon atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		form := d.as("desk", url.Values{"grant_type": {ciba}, "auth_req_id": {id}})
		wg.Go(func() {
			got, _ := d.token(form)
			if got.Access != "" {
				won.Add(1)
			}
			if got.Error == "slow_down" || got.Error == "invalid_grant" {
				soon.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || soon.Load() != 99 {
		t.Fatalf("%d got tokens, %d were refused", won.Load(), soon.Load())
	}
}

// Where the history cannot be written nothing is given, and there is no session of it; afterwards the same poll is good.
func TestAnAnswerOfThePhoneInAnOutage(t *testing.T) {
	d := newCallDesk(t, nil)
	id := d.begun()
	d.must(d.approve("42"))
	d.exec(`ALTER TABLE signin_history RENAME TO elsewhere`)
	if got, rec := d.ask("desk", id); rec.Code != http.StatusServiceUnavailable || got.Access != "" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	d.signedIn("in the outage", 1)
	d.exec(`ALTER TABLE elsewhere RENAME TO signin_history`)
	d.pass(10 * time.Second)
	if got, rec := d.ask("desk", id); d.userinfo(got.Access).Code != http.StatusOK {
		t.Errorf("afterwards: %d %s", rec.Code, rec.Body)
	}
	d.signedIn("afterwards", 2)
}

// CIBA Core §10.2: the word that there is an answer waits in the outbox from the answer's own
// transaction on, sealed; and nothing of it stands anywhere in clear.
func TestTheWordForAServiceIsSealed(t *testing.T) {
	d := newCallDesk(t, map[string]any{"backchannel_token_delivery_mode": "ping", "backchannel_client_notification_endpoint": "https://desk.example/ping"})
	if _, rec := d.begin("desk"); !strings.Contains(rec.Body.String(), "client_notification_token") {
		t.Errorf("without a token: %d %s", rec.Code, rec.Body)
	}
	for _, token := range []string{strings.Repeat("a", 1025), "two words", "line\r\nX-Header: x", "ü"} {
		if _, rec := d.begin("desk", "client_notification_token", token); !strings.Contains(rec.Body.String(), "invalid_request") {
			t.Errorf("%.20q: %d %s", token, rec.Code, rec.Body)
		}
	}
	asked := d.now()
	id := d.begun("client_notification_token", "for-the-desk-alone")
	d.must(d.approve("42"))
	var payload []byte
	d.must(d.db.QueryRowContext(t.Context(), `SELECT payload FROM outbox WHERE kind = $1`, phone.WordKind).Scan(&payload))
	word, err := phone.ReadWord(payload)
	d.must(err)
	told, err := provider.OpenPing(d.box, word)
	if err != nil || told.ID != id || told.Token != "for-the-desk-alone" || word.Client != "desk" || !word.Asked.Equal(asked) {
		t.Errorf("%+v %v", told, err)
	}
	word.Client = "stranger"
	if _, err := provider.OpenPing(d.box, word); err == nil {
		t.Error("one service's word was opened as another's")
	}
	if all := accounttest.Dump(t, d.db); strings.Contains(all, id) || strings.Contains(all, "for-the-desk-alone") {
		t.Error("a secret stands in the store")
	}
	if got, rec := d.ask("desk", id); got.Access == "" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
