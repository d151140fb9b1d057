package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// reviewing signs in to a service that asks, up to the page that asks the person.
func (w *world) reviewing(t *testing.T, detail string) *visitor {
	t.Helper()
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password")
	return v.get("/authorize?ask=" + url.QueryEscape(detail)).is(200)
}

func TestTheConsentPageShowsTheValues(t *testing.T) {
	w := newWorld(t)
	v := w.reviewing(t, "Move <b>10 euro</b>")
	v.sees("What CPMS would know about you", "anna@example.org", "sub of "+string(w.anna.ID), "for at most 2 days", "api:files", "How it uses what it knows")
	if !strings.Contains(v.body, "Move &lt;b&gt;10 euro&lt;/b&gt;") {
		t.Error("words of a service stand in the page as markup")
	}
	ticked := map[string]bool{}
	v.find(func(n *html.Node) bool {
		if n.Data == "input" && attr(n, "name") == "claim" {
			ticked[attr(n, "value")] = false
			for _, a := range n.Attr {
				ticked[attr(n, "value")] = ticked[attr(n, "value")] || a.Key == "checked"
			}
		}
		return false
	})
	if len(ticked) != 3 || ticked["given_name"] || !ticked["offline_access"] || !ticked["api:files"] {
		t.Errorf("what was left out before is not ticked again, and what is needed has no box: %v", ticked)
	}
	v.submit("/login/review", "claim", "given_name").sees(`refused=""`, `without=["offline_access" "api:files"]`)
	w.reviewing(t, "x").submit("/login/cancel").sees("access_denied")
}

// Security case 43: agreeing is a form of this site, in this browser, and nothing shows it in a frame.
func TestAgreeingIsAFormOfThisSite(t *testing.T) {
	w := newWorld(t)
	v := w.reviewing(t, "x")
	if v.header.Get("X-Frame-Options") != "DENY" || !strings.Contains(v.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("the page can be framed: %v", v.header)
	}
	flow := v.flow()
	v.site = "cross-site"
	v.post("/login/review", "flow", flow, "claim", "given_name").is(http.StatusForbidden)
	v.site = "same-origin"
	v.get("/login/review?flow=" + flow).sees("What CPMS would know about you") // to look is not to agree
	w.visitor(t).post("/login/review", "flow", flow).is(http.StatusForbidden)
	v.get("/authorize/callback?id=" + flow).misses("refused=")
	v.get("/login?flow=" + flow).sees("What CPMS would know about you")
}
