package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// phone is a person's mobile with the app on it.
type phone interface {
	// initialise scans (or takes as text) the QR code on the computer's screen and confirms
	// with the PIN.
	initialise(computer visitor, pin string)
	// approve answers the waiting request with the number that the computer shows.
	approve(number, pin string)
	// deny refuses the waiting request.
	deny()
}

// simPhone is bin/phonesim.
type simPhone struct {
	t     *testing.T
	bin   string
	state string
}

func newSimPhone(t *testing.T) *simPhone {
	return &simPhone{t: t, bin: filepath.Join(os.Getenv("E2E_BIN"), "phonesim"), state: filepath.Join(t.TempDir(), "phone.json")}
}

// say runs one command of phonesim and gives its output and whether it succeeded.
func (p *simPhone) say(args ...string) (string, bool) {
	p.t.Helper()
	out, err := exec.Command(p.bin, append([]string{args[0], "--state", p.state}, args[1:]...)...).CombinedOutput()
	return string(out), err == nil
}

// must runs a command that has to succeed; a request may need a moment to arrive.
func (p *simPhone) must(args ...string) string {
	p.t.Helper()
	var out string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		var ok bool
		if out, ok = p.say(args...); ok {
			return out
		}
	}
	p.t.Fatalf("phonesim %s: %s", args[0], out)
	return ""
}

func (p *simPhone) initialise(computer visitor, pin string) {
	p.t.Helper()
	p.must("enrol", "--pin", pin, computer.text("#code-text"))
}

func (p *simPhone) approve(number, pin string) {
	p.t.Helper()
	p.must("approve", "--number", number, "--pin", pin)
}

func (p *simPhone) deny() { p.t.Helper(); p.must("deny") }

// webPhone is the web app in a browser of its own, with a camera.
type webPhone struct {
	t   *testing.T
	idp string
	b   *browser
}

func newWebPhone(t *testing.T, idp string) *webPhone { return &webPhone{t: t, idp: idp} }

func (p *webPhone) initialise(computer visitor, pin string) {
	p.t.Helper()
	screen := computer.(*browser).shoot("svg.qr")
	p.b = newBrowser(p.t, "phone", true, withCamera(film(p.t, screen))...)
	p.b.run(chromedp.EmulateViewport(390, 844))
	p.b.open(p.idp + "/app")
	p.b.sees("Link this phone to your account")
	p.look("start")
	p.b.tap("Initialise")
	p.b.sees("Confirm with your PIN") // the camera has seen the code
	p.look("pin")
	p.enter("confirm-pin", pin)
	p.b.tap("Confirm")
	p.b.sees("has been initialised")
	p.look("initialised")
	p.b.tap("Continue")
	p.b.sees("Ready to sign in")
	p.look("ready")
}

func (p *webPhone) approve(number, pin string) {
	p.t.Helper()
	p.b.sees("Is it you who is signing in?")
	p.look("request")
	p.enter("request-number", number)
	p.enter("request-pin", pin)
	p.b.tap("Approve")
	p.b.sees("Approved")
	p.look("approved")
	p.b.tap("Continue")
}

func (p *webPhone) deny() {
	p.t.Helper()
	p.b.sees("Is it you who is signing in?")
	p.b.tap("Deny")
	p.b.sees("Denied")
}

// enter types into a field of the app.
func (p *webPhone) enter(id, text string) {
	p.t.Helper()
	if !eval[bool](p.b, `((id, v) => { const e = document.getElementById(id); if (!e) return false; e.focus(); e.value = v; e.dispatchEvent(new Event("input", {bubbles: true})); return true; })(`+q(id)+`,`+q(text)+`)`) {
		p.t.Fatalf("no field %s in the app", id)
	}
}

// look takes the app's picture at the width it is made for.
func (p *webPhone) look(name string) {
	p.t.Helper()
	p.b.pictures++
	p.b.picture(name)
	p.b.accessible("app " + name)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
