package provider_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// phone confirms a mobile phone number for Anna, later than those before.
func (w *world) phone(number string) {
	w.t.Helper()
	_, err := w.db.ExecContext(w.t.Context(), `
		INSERT INTO numbers (id, account_id, number, added_at, last_used_at, removed_at)
		SELECT $1, $2, $3, 1 + COUNT(*), 0, 0 FROM numbers WHERE TRUE ON CONFLICT DO NOTHING`, number, string(anna), number)
	w.must(err)
}

// told signs in with a request and gives what the ID token and userinfo tell of the person.
func (w *world) told(changes ...string) (idToken, userinfo map[string]any, all tokens) {
	w.t.Helper()
	all = w.redeem(w.code(changes...))
	return w.claims(all.ID), w.info(all.Access), all
}

// info gives what userinfo tells.
func (w *world) info(access string) (out map[string]any) {
	w.t.Helper()
	w.must(json.Unmarshal(w.userinfo(access).Body.Bytes(), &out))
	return out
}

// only fails unless of the person's claims exactly these are told.
func (w *world) only(what string, got map[string]any, want ...string) {
	w.t.Helper()
	for _, name := range []string{"email", "email_verified", "name", "given_name", "family_name", "locale", "phone_number", "phone_number_verified"} {
		_, told := got[name]
		if wanted := strings.Contains(" "+strings.Join(want, " ")+" ", " "+name+" "); told != wanted {
			w.t.Errorf("%s: %s told: %v, %v", what, name, told, got)
		}
	}
}

func TestSingleClaimsAreToldWhereTheyWereAskedFor(t *testing.T) {
	w := newWorld(t)
	id, info, _ := w.told("scope", "openid", "claims", `{"id_token":{"given_name":null},"userinfo":{"email":{"essential":true},"phone_number":{"essential":true}}}`)
	w.only("the ID token", id, "given_name")
	w.only("userinfo, and nobody has a number", info, "email")
	id, info, _ = w.told("scope", "openid email", "claims", `{"id_token":{"given_name":null,"email":null}}`)
	w.only("beside a scope, the ID token", id, "given_name", "email", "email_verified")
	w.only("beside a scope, userinfo", info, "email", "email_verified")
	id, info, _ = w.told("scope", "openid", "claims", `{"userinfo":{"given_name":null,"address":null,"birthdate":{"essential":true}},"id_token":{}}`)
	w.only("what idp does not know, the ID token", id)
	w.only("what idp does not know, userinfo", info, "given_name")
}

func TestClaimsByTheirValues(t *testing.T) {
	w := newWorld(t)
	for asked, want := range map[string]string{
		`{"email":{"value":"anna@example.org"}}`:                                "email",
		`{"email":{"values":["bob@example.org","anna@\u0065xample.org"]}}`:      "email",
		`{"email":{"essential":true,"value":"bob@example.org"}}`:                "",
		`{"email":{"values":["Anna@example.org",7,null,["anna@example.org"]]}}`: "",
		`{"email_verified":{"value":true}}`:                                     "email_verified",
		`{"email_verified":{"value":false}}`:                                    "",
		`{"email_verified":{"value":"true"}}`:                                   "",
		`{"family_name":{"values":["Kovářová"]}}`:                               "family_name",
	} {
		_, info, _ := w.told("scope", "openid", "claims", `{"userinfo":`+asked+`}`)
		w.only(asked, info, want)
	}
	_, info, _ := w.told("scope", "openid email", "claims", `{"userinfo":{"email":{"value":"bob@example.org"}}}`)
	w.only("the scope tells it whatever its value", info, "email", "email_verified")
}

// A client learns of nothing that it did not register to ask for.
func TestClaimsOfOtherScopesAreIgnored(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid profile"})
	w.phone("+32470000001")
	id, info, _ := w.told("scope", "openid", "claims", `{"id_token":{"email":{"essential":true},"phone_number":null},"userinfo":{"email":null,"name":null}}`)
	w.only("the ID token", id)
	w.only("userinfo", info, "name")
}

// Security case 18: what was asked for stays asked for, and is held against the registration each time.
func TestClaimsOutliveARefreshAndNotTheRegistration(t *testing.T) {
	w := newWorld(t)
	refresh := []string{"authorization_code", "refresh_token"}
	_, _, all := w.told("scope", "openid offline_access", "claims", `{"id_token":{"email":null},"userinfo":{"name":null,"locale":null}}`)
	all = w.refresh(all.Refresh)
	w.only("refreshed, the ID token", w.claims(all.ID), "email")
	w.only("refreshed, userinfo", w.info(all.Access), "name", "locale")
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid email offline_access", "grant_types": refresh})
	w.only("without profile, userinfo", w.info(all.Access))
	all = w.refresh(all.Refresh)
	w.only("without profile, the ID token", w.claims(all.ID), "email")
	w.only("without profile, userinfo after a refresh", w.info(all.Access))
}

// A scope that was taken from the client tells nothing by tokens that live.
func TestUserinfoSeesTheRegistration(t *testing.T) {
	w := newWorld(t)
	_, info, all := w.told("scope", "openid email")
	w.only("before", info, "email", "email_verified")
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid profile"})
	w.only("after", w.info(all.Access))
}

func TestThePhoneNumberConfirmedFirstIsTold(t *testing.T) {
	w := newWorld(t)
	_, info, all := w.told("scope", "openid phone")
	w.only("without a number", info)
	w.phone("+32470000001")
	w.phone("+420601000002")
	if got := w.info(all.Access); got["phone_number"] != "+32470000001" || got["phone_number_verified"] != true {
		t.Errorf("of two: %v", got)
	}
	w.exec(`UPDATE numbers SET removed_at = 5 WHERE number = '+32470000001'`)
	w.pass(time.Second)
	if got := w.info(all.Access); got["phone_number"] != "+420601000002" {
		t.Errorf("the first is gone: %v", got)
	}
	if id, _, _ := w.told("scope", "openid phone"); id["sub"] != string(anna) || id["phone_number"] != "+420601000002" {
		t.Errorf("%v", id)
	}
}
