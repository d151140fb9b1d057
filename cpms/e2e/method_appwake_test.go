package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
)

// The subscription that a push service would give; Chromium has none within reach here. The
// keys are real, so that the server can encrypt.
const subscribeJS = `(async (endpoint) => {
  const pair = await crypto.subtle.generateKey({name: "ECDH", namedCurve: "P-256"}, false, ["deriveBits"]);
  const b64 = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const keys = {p256dh: b64(await crypto.subtle.exportKey("raw", pair.publicKey)), auth: b64(crypto.getRandomValues(new Uint8Array(16)))};
  let made = null;
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || !options.applicationServerKey) throw new TypeError("options");
    made = {endpoint, toJSON: () => ({endpoint, keys}), unsubscribe: async () => { made = null; return true; }};
    return made;
  };
  PushManager.prototype.getSubscription = async () => made;
  window.__subscribe = true;
})`

// A closed app is woken by a push service; what it hears says nothing, and the notification
// speaks the app's language. Switched off, nobody is called.
func TestMethodAppIsWoken(t *testing.T) {
	called := make(chan *http.Request, 10)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		called <- r
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(service.Close)
	sys := startSystem(t, "IDP_PUSH_KEY=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=", "IDP_PUSH_CONTACT=mailto:ops@example.org")
	p := newAppPhone(t, sys, "app-push")
	call(p.b, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
		Origin: sys.idp.url, Permission: &cdpbrowser.PermissionDescriptor{Name: "notifications"}, Setting: cdpbrowser.PermissionSettingGranted,
	})
	s := ofOnePhone(sys, p, anna("apppush"))
	p.b.sees("Notify me when the app is closed")
	p.look("offered")
	eval[bool](p.b, `(`+subscribeJS+`(`+q(service.URL+"/send/x")+`), true)`)
	p.b.waitFor(func() bool { return eval[bool](p.b, `!!window.__subscribe`) }, 5*time.Second)
	p.b.tap("Notify me when the app is closed")
	p.b.sees("Stop notifications")

	s.atCPMS("app_pin")
	s.v.sees("Open the EU Login app")
	select {
	case r := <-called:
		if r.Header.Get("Content-Encoding") != "aes128gcm" || r.Header.Get("TTL") == "" {
			t.Errorf("headers %v", r.Header)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("the push service was not called")
	}
	p.hearsPush("A sign-in may be waiting for your answer. Open the app to see it.")
	number := digits(s.v.text("#match-number"))
	p.approve(number, s.who.pin)
	s.v.sees("Welcome, guest")

	eval[bool](p.b, `(() => { const l = document.getElementById("language"); l.value = "de"; l.dispatchEvent(new Event("change")); return true; })()`)
	p.b.sees("Benachrichtigungen beenden")
	p.hearsPush("Vielleicht wartet eine Anmeldung auf Ihre Antwort. Öffnen Sie die App, um sie zu sehen.")
	p.b.tap("Benachrichtigungen beenden")
	p.b.sees("Bei geschlossener App benachrichtigen")
	p.look("de")
}

// hearsPush gives the app's service worker a message as the browser would, and waits for the
// notification.
func (p *appPhone) hearsPush(want string) {
	p.t.Helper()
	seen := make(chan string, 10)
	err := chromedp.Listen(p.b.ctx, func(ev any) {
		if e, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range e.Registrations {
				select {
				case seen <- string(r.RegistrationID):
				default:
				}
			}
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	call(p.b, serviceworker.Disable, cdp.Empty{})
	call(p.b, serviceworker.Enable, cdp.Empty{})
	select {
	case id := <-seen:
		call(p.b, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: p.idp, RegistrationID: serviceworker.RegistrationID(id), Data: "look"})
	case <-time.After(10 * time.Second):
		p.t.Fatal("no service worker")
	}
	if !p.b.waitFor(func() bool {
		eval[bool](p.b, `(navigator.serviceWorker.ready.then(r => r.getNotifications()).then(n => { window.__note = n.map(x => x.body).join("|"); }), true)`)
		return eval[string](p.b, `window.__note || ""`) == want
	}, 10*time.Second) {
		p.t.Fatalf("the notification says %q, not %q", eval[string](p.b, `window.__note || ""`), want)
	}
}
