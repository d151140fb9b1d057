package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A measuring device without a keyboard shows a code; its owner types it elsewhere, with the
// second factor that the device's service wants, and the device gets its tokens.
func TestADeviceWithoutAKeyboardInABrowser(t *testing.T) {
	sys := startSystem(t)
	const grant = "urn:ietf:params:oauth:grant-type:device_code"
	meta, err := json.Marshal(map[string]any{
		"client_id": "meter", "client_name": "Measuring device", "grant_types": []string{grant}, "response_types": []string{}, "redirect_uris": []string{},
		"scope": "openid email", "token_endpoint_auth_method": "none", "default_acr_values": []string{"https://eulogin.example/loa/medium"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sys.dir, "clients", "meter.json"), meta, 0o644); err != nil {
		t.Fatal(err)
	}
	sys.idp.crash() // reads it at its start
	b := newBrowser(t, "device-grant", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("meter")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	b.press("Sign out")
	ask := func(path string, form url.Values) (m map[string]any) {
		res, err := http.PostForm(sys.idp.url+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if err := json.NewDecoder(res.Body).Decode(&m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	d := ask("/oauth/device_authorization", url.Values{"client_id": {"meter"}, "scope": {"openid email"}})
	poll := func() map[string]any {
		return ask("/oauth/token", url.Values{"grant_type": {grant}, "client_id": {"meter"}, "device_code": {d["device_code"].(string)}})
	}
	if e := poll()["error"]; e != "authorization_pending" {
		t.Fatalf("%v", e)
	}
	b.open(d["verification_uri"].(string))
	b.look("code")
	b.fill("user_code", "BBBB-BBBB")
	b.press("Continue")
	b.sees("No device waits with this code")
	b.look("wrong")
	b.fill("user_code", d["user_code"].(string))
	b.press("Continue")
	s.signIn("app_pin")
	s.approveOnPhone()
	b.sees("Let Measuring device in?")
	b.look("decide")
	b.press("Allow")
	b.sees("The device is connected")
	b.look("done")
	time.Sleep(6 * time.Second) // the interval
	if m := poll(); m["id_token"] == nil || m["access_token"] == nil {
		t.Errorf("no tokens: %v", m["error"])
	}
}
