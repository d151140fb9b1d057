package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe/axe.min.js
var axe string

// browser is a visitor in headless Chromium.
type browser struct {
	t        *testing.T
	ctx      context.Context
	story    string // prefix of the pictures
	pictures int
	js       bool
}

// newBrowser starts a Chromium of its own with a fresh profile.
func newBrowser(t *testing.T, story string, js bool, flags ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	opts := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless,
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-GB"), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1280, 900), chromedp.UserDataDir(t.TempDir()),
	}, flags...)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); stop() })
	b := &browser{t: t, ctx: ctx, story: story, js: js}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // starts the browser: it lives as long as ctx
		t.Fatal(err)
	}
	if !js {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// eval runs an expression and gives its value. A page that is just being replaced is asked
// again.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	var last error
	for range 20 {
		ctx, cancel := context.WithTimeout(b.ctx, 15*time.Second)
		v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
		cancel()
		if err == nil {
			return v
		}
		last = err
		time.Sleep(100 * time.Millisecond)
	}
	b.t.Fatalf("evaluate: %v\n%s", last, expression)
	panic("unreachable")
}

func q(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

func (b *browser) open(u string) {
	b.t.Helper()
	b.run(chromedp.Navigate(u))
}

// fillJS sets a field the way typing does: value, then the events that scripts listen to.
const fillJS = `((name, value) => {
  const all = [...document.getElementsByName(name)];
  if (!all.length) return "no field " + name;
  const kind = all[0].type;
  if (kind === "radio" || kind === "checkbox") {
    const wanted = value.split(",");
    for (const el of all) {
      const on = kind === "radio" ? el.value === value : (all.length === 1 && (value === "on" || value === "")) ? value === "on" : wanted.includes(el.value);
      if (on !== el.checked) el.click();
    }
    return all.some(el => el.checked) || value === "" ? "" : "no choice " + value + " in " + name;
  }
  const el = all.find(e => e.type !== "hidden") || all[0];
  el.focus();
  el.value = value;
  if (el.value !== value) return "the field " + name + " did not take " + value;
  el.dispatchEvent(new Event("input", {bubbles: true}));
  el.dispatchEvent(new Event("change", {bubbles: true}));
  return "";
})`

func (b *browser) fill(name, value string) {
	b.t.Helper()
	if fault := eval[string](b, fillJS+"("+q(name)+","+q(value)+")"); fault != "" {
		b.t.Fatalf("%s on %s:\n%s", fault, b.url(), b.body())
	}
}

const pressJS = `((text) => {
  const squeeze = s => (s || "").replace(/\s+/g, " ").trim();
  const all = [...document.querySelectorAll("button, a, summary, [role=button]")].filter(e => e.checkVisibility());
  const hit = all.find(e => squeeze(e.textContent) === text) || all.find(e => squeeze(e.textContent).includes(text));
  if (!hit) return false;
  window.__before = true;
  hit.click();
  return true;
})`

func (b *browser) press(text string) {
	b.t.Helper()
	if !b.waitFor(func() bool { return eval[bool](b, pressJS+"("+q(text)+")") }, 5*time.Second) {
		b.t.Fatalf("nothing to press called %q on %s:\n%s", text, b.url(), b.body())
	}
	b.waitFor(func() bool {
		return eval[bool](b, `!window.__before && document.readyState === "complete"`)
	}, 10*time.Second)
}

// tap presses something that changes the page without leaving it.
func (b *browser) tap(text string) {
	b.t.Helper()
	if !b.waitFor(func() bool { return eval[bool](b, pressJS+"("+q(text)+")") }, 10*time.Second) {
		b.t.Fatalf("nothing to tap called %q on %s:\n%s", text, b.url(), b.body())
	}
}

func (b *browser) nudge(text string) {
	b.t.Helper()
	if !b.js {
		b.press(text)
		return
	}
	b.tap(text)
}

func (b *browser) waitFor(ok func() bool, limit time.Duration) bool {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(60 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return false
}

func (b *browser) sees(text string) {
	b.t.Helper()
	if !b.waitFor(func() bool { return b.shows(text) }, 20*time.Second) {
		b.picture("missing")
		b.t.Fatalf("%q is not on %s:\n%s", text, b.url(), b.body())
	}
}

func (b *browser) shows(text string) bool { return strings.Contains(b.body(), text) }

func (b *browser) body() string {
	return squeeze(eval[string](b, `document.body ? document.body.innerText : ""`))
}

func (b *browser) field(name string) string {
	return eval[string](b, `((n) => { const e = document.getElementsByName(n)[0]; return e ? e.value : ""; })(`+q(name)+`)`)
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	return squeeze(eval[string](b, `((s) => { const e = document.querySelector(s); return e ? e.textContent : ""; })(`+q(selector)+`)`))
}

func (b *browser) attr(selector, name string) string {
	b.t.Helper()
	return eval[string](b, `((s, n) => { const e = document.querySelector(s); return e ? e.getAttribute(n) || "" : ""; })(`+q(selector)+`,`+q(name)+`)`)
}

func (b *browser) url() string { return eval[string](b, `location.href`) }

func (b *browser) reload() { b.t.Helper(); b.run(chromedp.Reload()) }

// widths are the pictures that are taken of every page.
var widths = []struct {
	name          string
	width, height int64
}{{"desktop", 1280, 900}, {"phone", 360, 780}, {"narrow", 320, 640}}

// look takes the page's picture at three widths and checks it with axe at the first two; at
// 320 px nothing may need scrolling sideways (WCAG 2.2, 1.4.10).
func (b *browser) look(name string) {
	b.t.Helper()
	b.pictures++
	for _, w := range widths {
		b.run(chromedp.EmulateViewport(w.width, w.height))
		if wide := eval[float64](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
			b.t.Errorf("%s at %d px is %v px too wide", name, w.width, wide)
		}
		if w.name != "narrow" {
			b.picture(name + "-" + w.name)
			b.accessible(name + " at " + w.name)
		}
	}
	b.run(chromedp.EmulateViewport(1280, 900))
}

func (b *browser) picture(name string) {
	b.t.Helper()
	out := os.Getenv("E2E_OUT")
	if out == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("no picture of %s: %v", name, err)
		return
	}
	file := filepath.Join(out, fmt.Sprintf("%s-%02d-%s.png", b.story, b.pictures, name))
	if err := os.WriteFile(file, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// accessible runs axe-core over the page; anything it finds fails the test.
func (b *browser) accessible(where string) {
	b.t.Helper()
	if !b.js {
		return // axe is JavaScript; the same pages are checked in the story with it
	}
	type finding struct {
		ID    string   `json:"id"`
		Help  string   `json:"help"`
		Nodes []string `json:"nodes"`
	}
	eval[bool](b, axe+"; true")
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]finding](`axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]})
	  .then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html + " " + n.failureSummary)})))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("axe on %s: %v", where, err)
	}
	for _, f := range found {
		b.t.Errorf("%s: axe %s (%s): %s", where, f.ID, f.Help, strings.Join(f.Nodes, "\n  "))
	}
}

// printed takes a picture of the page as a printer gets it.
func (b *browser) printed(name string) {
	b.t.Helper()
	b.media("print")
	b.picture(name)
	b.media("")
}

func (b *browser) media(kind string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind}); err != nil {
		b.t.Fatal(err)
	}
}
