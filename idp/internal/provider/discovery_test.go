package provider_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestDiscoverySaysWhatIsWired(t *testing.T) {
	w := newWorld(t)
	rec := w.do("GET", "/.well-known/openid-configuration", nil)
	var doc map[string]any
	w.must(json.Unmarshal(rec.Body.Bytes(), &doc))
	for key, v := range maps.All(doc) {
		address, ok := v.(string)
		if !ok || key == "issuer" || !strings.HasPrefix(address, w.issuer) {
			continue
		}
		path := strings.TrimPrefix(address, w.issuer)
		if got := w.do("POST", path, url.Values{}).Code; got == http.StatusNotFound {
			t.Errorf("%s: %s is not there", key, path)
		}
	}
	for _, kind := range doc["grant_types_supported"].([]any) {
		got, rec := w.token(url.Values{"grant_type": {kind.(string)}, "client_id": {"app"}})
		if got.Error == "" || got.Error == "unsupported_grant_type" {
			t.Errorf("%s: %d %s", kind, rec.Code, rec.Body)
		}
	}
	if got, _ := w.token(url.Values{"grant_type": {"password"}, "client_id": {"app"}}); got.Error != "unsupported_grant_type" {
		t.Errorf("a grant that is not there: %q", got.Error)
	}
	for _, absent := range []string{"check_session_iframe"} {
		if _, ok := doc[absent]; ok {
			t.Errorf("%s is claimed", absent)
		}
	}
	if doc["authorization_response_iss_parameter_supported"] != true || doc["request_parameter_supported"] != true || doc["request_uri_parameter_supported"] != false || doc["pushed_authorization_request_endpoint"] != w.issuer+"/oauth/par" {
		t.Errorf("%v", doc)
	}
}

// RFC 8414: the same document at both addresses, made once.
func TestBothDocumentsAreTheSame(t *testing.T) {
	w := newWorld(t)
	a, b := w.do("GET", "/.well-known/openid-configuration", nil), w.do("GET", "/.well-known/oauth-authorization-server", nil)
	if a.Code != 200 || strings.TrimSpace(a.Body.String()) != strings.TrimSpace(b.Body.String()) || b.Header().Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("%d %d %s", a.Code, b.Code, b.Header().Get("Cache-Control"))
	}
	var doc map[string]any
	w.must(json.Unmarshal(a.Body.Bytes(), &doc))
	for key, want := range map[string]string{
		"response_types_supported": `["code"]`, "response_modes_supported": `["query","form_post"]`, "grant_types_supported": `["authorization_code","refresh_token","urn:ietf:params:oauth:grant-type:device_code","client_credentials","urn:ietf:params:oauth:grant-type:token-exchange","urn:openid:params:grant-type:ciba"]`,
		"code_challenge_methods_supported": `["S256"]`, "id_token_signing_alg_values_supported": `["ES256","PS256","PS512","EdDSA","RS256"]`, "token_endpoint_auth_methods_supported": `["private_key_jwt","client_secret_jwt","none"]`,
		"introspection_endpoint_auth_methods_supported": `["private_key_jwt","client_secret_jwt"]`, "prompt_values_supported": `["none","login","select_account","consent"]`, "subject_types_supported": `["public","pairwise"]`,
		"acr_values_supported": `["https://eulogin.example/loa/basic","https://eulogin.example/loa/medium"]`, "ui_locales_supported": `["en","fr","de"]`,
		"request_uri_parameter_supported": `false`, "claims_parameter_supported": `true`, "backchannel_logout_supported": `true`, "backchannel_logout_session_supported": `true`,
	} {
		if got, _ := json.Marshal(doc[key]); string(got) != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}

// What the document promises of scopes and claims is what tokens hold.
func TestPromisedClaimsAreTold(t *testing.T) {
	w := newWorld(t)
	var doc struct {
		Claims []string `json:"claims_supported"`
	}
	w.must(json.Unmarshal(w.do("GET", "/.well-known/openid-configuration", nil).Body.Bytes(), &doc))
	w.phone("+32470000001")
	w.in("staff")
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid email profile phone groups", "groups": []string{"staff"}})
	told := w.claims(w.redeem(w.code("scope", "openid email profile phone groups")).ID)
	for _, name := range doc.Claims {
		if _, there := told[name]; !there {
			t.Errorf("%s is promised and not told", name)
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("%s is told and not promised", name)
	}
}
