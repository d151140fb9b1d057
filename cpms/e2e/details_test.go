package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A service asks for something in detail (RFC 9396): the person reads it in words, in her own language, and allows
// it or does not; only what she allowed stands in the answer.
func TestAPersonAllowsWhatAServiceAsksFor(t *testing.T) {
	sys := startSystem(t)
	sys.adds(map[string]any{
		"client_id": "documents", "client_name": "Document store", "token_endpoint_auth_method": "none", "resource_identifiers": []string{"https://documents.example/api"},
		"authorization_details_definitions": []any{map[string]any{
			"type": "folder_access", "title": map[string]string{"en": "Work in a folder", "fr": "Travailler dans un dossier", "de": "In einem Ordner arbeiten"},
			"fields": []any{
				map[string]any{"name": "folder", "kind": "text", "required": true, "label": map[string]string{"en": "Folder", "fr": "Dossier", "de": "Ordner"}},
				map[string]any{"name": "actions", "kind": "texts", "label": map[string]string{"en": "What it may do", "fr": "Ce qu’il peut faire", "de": "Was er darf"}},
				map[string]any{"name": "days", "kind": "number", "label": map[string]string{"en": "For how many days", "fr": "Pendant combien de jours", "de": "Wie viele Tage lang"}},
			},
		}},
	})
	rp := newRelyingParty(t, sys)
	sys.adds(map[string]any{
		"client_id": "test-app", "client_name": "Test application", "application_type": "native", "redirect_uris": []string{rp.redirect}, "grant_types": []string{"authorization_code"},
		"response_types": []string{"code"}, "token_endpoint_auth_method": "none", "scope": "openid", "resources": []string{"https://documents.example/api"}, "authorization_details_types": []string{"folder_access"},
	})
	b := newBrowser(t, "details", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("details")}
	s.createAccount(sys.idp.url + "/register")
	ask := func() string {
		return rp.authorize("") + "&" + url.Values{"authorization_details": {`[{"type":"folder_access","folder":"Annual report 2026","actions":["read","write"],"days":30}]`}}.Encode()
	}
	b.open(ask())
	b.sees("Work in a folder")
	b.sees("Document store")
	b.sees("Annual report 2026")
	b.look("asked")
	b.press("Refuse")
	if e := rp.failed(b); e != "access_denied" {
		t.Errorf("after a no: %s", e)
	}
	b.open(ask() + "&ui_locales=fr")
	b.sees("Travailler dans un dossier")
	b.look("asked-fr")
	b.press("Accepter et continuer")
	form := url.Values{"grant_type": {"authorization_code"}, "code": {rp.answer(b).Get("code")}, "redirect_uri": {rp.redirect}, "client_id": {"test-app"}, "code_verifier": {rp.verifier}}
	resp, err := http.PostForm(rp.endpoint("token_endpoint"), form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Details []map[string]any `json:"authorization_details"`
	}
	if err := json.Unmarshal(raw, &got); err != nil || len(got.Details) != 1 || got.Details[0]["folder"] != "Annual report 2026" || strings.Contains(string(raw), "Document store") {
		t.Errorf("%s", raw)
	}
}
