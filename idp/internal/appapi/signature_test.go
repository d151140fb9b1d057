package appapi_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
)

// tampered calls the server with a message that was changed after it was signed.
func tampered(t *testing.T, w *phonetest.World, l phoneclient.Link, change func(*http.Request)) error {
	t.Helper()
	c := *w.Client
	c.Tamper = change
	_, err := c.Device(t.Context(), l)
	return err
}

func TestTamperedMessagesAreRefused(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	one, two := w.Initialise(t, anna, "one"), w.Initialise(t, anna, "two")
	header := func(name string, change func(string) string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, change(r.Header.Get(name))) }
	}
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	for name, change := range map[string]func(*http.Request){
		"no signature":     func(r *http.Request) { r.Header.Del("Signature") },
		"no input":         func(r *http.Request) { r.Header.Del("Signature-Input") },
		"no digest":        func(r *http.Request) { r.Header.Del("Content-Digest") },
		"two signatures":   func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) },
		"two inputs":       func(r *http.Request) { r.Header.Add("Signature-Input", r.Header.Get("Signature-Input")) },
		"body added":       func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1 },
		"other query":      func(r *http.Request) { r.URL.RawQuery = "wait=1" },
		"other path":       func(r *http.Request) { r.URL.Path = "/app/api/requests" },
		"other device":     header("Signature-Input", replace(one.DeviceID, two.DeviceID)),
		"other time":       header("Signature-Input", replace(";created=1", ";created=2")),
		"other nonce":      header("Signature-Input", replace(`nonce="`, `nonce="A`)),
		"fewer components": header("Signature-Input", replace(` "content-digest"`, "")),
		"other tag":        header("Signature-Input", replace("eulogin-app/1", "eulogin-app/0")),
		"extra parameter":  header("Signature-Input", func(s string) string { return s + `;alg="none"` }),
		"other label":      header("Signature-Input", replace("app=", "sig=")),
		"other digest":     header("Content-Digest", func(string) string { return "sha-256=:AAAA:" }),
		"cut signature":    header("Signature", func(s string) string { return s[:len(s)-5] + ":" }),
		"empty signature":  header("Signature", func(string) string { return "app=::" }),
		"cookie instead": func(r *http.Request) {
			r.Header.Del("Signature")
			r.AddCookie(&http.Cookie{Name: "eulogin_session", Value: strings.Repeat("a", 43)})
		},
	} {
		if err := tampered(t, w, one, change); code(t, err) != "phone.signature_invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
	wants(t, tampered(t, w, one, func(*http.Request) {}), "")
}

func TestAMessageCountsOnce(t *testing.T) {
	w := phonetest.New(t)
	link := w.Initialise(t, w.Anna(t), "phone")
	var seen http.Header
	wants(t, tampered(t, w, link, func(r *http.Request) { seen = r.Header.Clone() }), "")
	again := func(r *http.Request) { r.Header = seen }
	wants(t, tampered(t, w, link, again), "phone.replayed")
	w.Clock.Pass(2*time.Minute + time.Second)
	wants(t, tampered(t, w, link, again), "phone.clock")
	w.Clock.Pass(time.Hour)
	wants(t, tampered(t, w, link, again), "phone.clock")
}

func TestClocksMayBeOffByTwoMinutes(t *testing.T) {
	w := phonetest.New(t)
	link := w.Initialise(t, w.Anna(t), "phone")
	for off, want := range map[time.Duration]string{
		119 * time.Second: "", -119 * time.Second: "", 121 * time.Second: "phone.clock", -121 * time.Second: "phone.clock",
	} {
		c := phoneclient.Client{HTTP: w.Client.HTTP, Now: func() time.Time { return w.Clock.Now().Add(off) }}
		_, err := c.Device(t.Context(), link)
		if code(t, err) != want {
			t.Errorf("%s: %v", off, err)
		}
	}
}

func TestAnEnrolmentIsSignedWithTheKeyItCarries(t *testing.T) {
	w := phonetest.New(t)
	scanned, key, other := w.Begin(t, w.Anna(t), "phone"), phonetest.Key(t), phonetest.Key(t)
	var body []byte
	c := *w.Client
	c.Tamper = func(r *http.Request) { body, _ = io.ReadAll(r.Body); r.Body = io.NopCloser(bytes.NewReader(body)) }
	_, err := c.Enrol(t.Context(), scanned, key, "9753", "")
	wants(t, err, "phone.pin_wrong")
	c.Tamper = func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body)) }
	_, err = c.Enrol(t.Context(), scanned, other, "9753", "") // the stranger's signature on the first phone's words
	wants(t, err, "phone.signature_invalid")
}

func TestADeviceAnswersOnlyItsOwnAccountsRequests(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	annas, berts := w.Initialise(t, anna, "Anna's"), w.Initialise(t, bert, "Bert's")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, annas)
	if left, err := w.Client.Requests(t.Context(), berts, 0); err != nil || len(left) != 0 {
		t.Errorf("Bert sees %v, %v", left, err)
	}
	wants(t, w.Client.Approve(t.Context(), berts, r, push.Number, phonetest.PIN), "phone.request_unknown")
	wants(t, w.Client.Deny(t.Context(), berts, r, true), "phone.request_unknown")
	stolen := annas
	stolen.Key = berts.Key
	wants(t, w.Client.Approve(t.Context(), stolen, r, push.Number, phonetest.PIN), "phone.signature_invalid")
	r.Service = "Another service" // what the person saw is part of what is signed
	wants(t, w.Client.Approve(t.Context(), annas, r, push.Number, phonetest.PIN), "phone.statement_invalid")
	elsewhere := annas
	elsewhere.Issuer = strings.Replace(annas.Issuer, "localhost", "127.0.0.1", 1) // a signature for another server
	_, err := w.Client.Device(t.Context(), elsewhere)
	wants(t, err, "phone.signature_invalid")
}

func TestDeletedDevicesAreToldSo(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	one, two := w.Initialise(t, anna, "one"), w.Initialise(t, anna, "two")
	if err := w.Phone.Remove(t.Context(), bert.ID, one.DeviceID, true); err == nil {
		t.Error("Bert deleted Anna's device")
	}
	if err := w.Phone.Remove(t.Context(), anna.ID, one.DeviceID, true); err != nil {
		t.Fatal(err)
	}
	_, err := w.Client.Requests(t.Context(), one, 0)
	wants(t, err, "phone.device_unknown")
	if len(w.Resets.All()) != 0 {
		t.Error("factors reset while a device is left")
	}
	wants(t, w.Client.Unlink(t.Context(), two), "")
	wants(t, w.Client.Unlink(t.Context(), two), "phone.device_unknown")
	if got := w.Resets.All(); len(got) != 1 || got[0] != anna.ID {
		t.Errorf("factors reset: %v", got)
	}
	if got := strings.Join(w.Actions(t), " "); got != "device.added device.added device.removed device.removed factor.added factor.added factor.removed factor.removed" {
		t.Errorf("record: %s", got)
	}
}

// signed makes an enrolment message by hand, with any keyid.
func signed(t *testing.T, w *phonetest.World, keyID func(thumbprint string) string) *http.Request {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	jwk := `{"crv":"P-256","kty":"EC","x":"` + enc(point[1:33]) + `","y":"` + enc(point[33:]) + `"}`
	named := sha256.Sum256([]byte(jwk))
	body := `{"id":"0123456789abcdefghjkmnpqrs","secret":"x","key":` + jwk + `,"pin":"4711","system":""}`
	sum := sha256.Sum256([]byte(body))
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	params := fmt.Sprintf(`("@method" "@target-uri" "content-digest");created=%d;nonce="%s";keyid="%s";tag="eulogin-app/1"`,
		w.Clock.Now().Unix(), enc(sum[:18]), keyID(enc(named[:])))
	over := sha256.Sum256([]byte("\"@method\": POST\n\"@target-uri\": " + w.Issuer + "/app/api/enrol\n\"content-digest\": " + digest + "\n\"@signature-params\": " + params))
	r, s, err := ecdsa.Sign(rand.Reader, private, over[:])
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest("POST", "/app/api/enrol", strings.NewReader(body))
	req.Header = http.Header{
		"Content-Type": {"application/json"}, "Content-Digest": {digest}, "Signature-Input": {"app=" + params},
		"Signature": {"app=:" + base64.StdEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)) + ":"},
	}
	return req
}

func TestAnEnrolmentNamesTheKeyItCarries(t *testing.T) {
	w := phonetest.New(t)
	for want, keyID := range map[string]func(string) string{
		"phone.code_unknown":      func(thumbprint string) string { return thumbprint }, // signed well, and the code is nobody's
		"phone.signature_invalid": func(thumbprint string) string { return "A" + thumbprint[1:] + "B" },
	} {
		rec := httptest.NewRecorder()
		w.Mux.ServeHTTP(rec, signed(t, w, keyID))
		if !strings.Contains(rec.Body.String(), `"code":"`+want+`"`) {
			t.Errorf("want %s: %s", want, rec.Body)
		}
	}
}
