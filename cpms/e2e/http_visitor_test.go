package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// httpVisitor is the plainest browser there is: it parses forms, keeps cookies and runs no
// script.
type httpVisitor struct {
	t      *testing.T
	client *http.Client
	at     *url.URL
	page   *html.Node
	typed  map[string]string
}

func newHTTPVisitor(t *testing.T) *httpVisitor {
	jar, _ := cookiejar.New(nil)
	return &httpVisitor{t: t, client: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

func (v *httpVisitor) open(u string) {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodGet, v.resolve(u), nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.do(req, "none")
}

// redirectOf asks for an address and gives where it would send the browser, without going.
func (v *httpVisitor) redirectOf(u string) string {
	v.t.Helper()
	still := *v.client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := still.Get(u)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.Header.Get("Location")
}

func (v *httpVisitor) resolve(ref string) string {
	u, err := url.Parse(ref)
	if err != nil {
		v.t.Fatal(err)
	}
	if v.at != nil {
		u = v.at.ResolveReference(u)
	}
	return u.String()
}

func (v *httpVisitor) do(req *http.Request, site string) {
	v.t.Helper()
	req.Header.Set("Accept", "text/html,*/*;q=0.8")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Sec-Fetch-Site", site)
	resp, err := v.client.Do(req)
	for try := 0; err != nil && req.Method == http.MethodGet && try < 3; try++ {
		time.Sleep(100 * time.Millisecond)
		resp, err = v.client.Do(req)
	}
	if err != nil {
		v.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if v.page, err = html.Parse(strings.NewReader(string(raw))); err != nil {
		v.t.Fatal(err)
	}
	v.at, v.typed = resp.Request.URL, map[string]string{}
}

func (v *httpVisitor) fill(name, value string) {
	v.t.Helper()
	if v.control(name, value) == nil {
		v.t.Fatalf("no field %q (value %q) on %s:\n%s", name, value, v.at, v.body())
	}
	v.typed[name] = value
}

// control finds a field; of radio buttons the one with this value.
func (v *httpVisitor) control(name, value string) *html.Node {
	return find(v.page, func(n *html.Node) bool {
		if !slices.Contains([]string{"input", "select", "textarea"}, n.Data) || attribute(n, "name") != name {
			return false
		}
		return attribute(n, "type") != "radio" || attribute(n, "value") == value
	})
}

func (v *httpVisitor) press(text string) {
	v.t.Helper()
	hit := find(v.page, func(n *html.Node) bool {
		return (n.Data == "button" || n.Data == "a") && squeeze(content(n)) == text
	})
	if hit == nil {
		hit = find(v.page, func(n *html.Node) bool {
			return (n.Data == "button" || n.Data == "a") && strings.Contains(squeeze(content(n)), text)
		})
	}
	if hit == nil {
		v.t.Fatalf("nothing to press called %q on %s:\n%s", text, v.at, v.body())
	}
	if hit.Data == "a" {
		v.open(attribute(hit, "href"))
		return
	}
	v.submit(hit)
}

func (v *httpVisitor) nudge(text string) { v.t.Helper(); v.press(text) }

func (v *httpVisitor) submit(button *html.Node) {
	v.t.Helper()
	form := button
	if id := attribute(button, "form"); id != "" {
		form = find(v.page, func(n *html.Node) bool { return n.Data == "form" && attribute(n, "id") == id })
	}
	for form != nil && form.Data != "form" {
		form = form.Parent
	}
	if form == nil {
		v.t.Fatalf("the button stands in no form on %s", v.at)
	}
	data := v.entries(form)
	if n := attribute(button, "name"); n != "" {
		data.Set(n, attribute(button, "value"))
	}
	action := attribute(form, "action")
	if a := attribute(button, "formaction"); a != "" {
		action = a
	}
	target := v.resolve(action)
	if strings.EqualFold(attribute(form, "method"), "post") {
		req, err := http.NewRequest(http.MethodPost, target, strings.NewReader(data.Encode()))
		if err != nil {
			v.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", v.at.Scheme+"://"+v.at.Host)
		v.do(req, "same-origin")
		return
	}
	u, _ := url.Parse(target)
	u.RawQuery = data.Encode()
	v.open(u.String())
}

// entries gives what a form would send, with what the visitor typed laid over it.
func (v *httpVisitor) entries(form *html.Node) url.Values {
	data := url.Values{}
	var fields []*html.Node
	each(form, func(n *html.Node) { fields = append(fields, n) })
	if id := attribute(form, "id"); id != "" {
		each(v.page, func(n *html.Node) {
			if attribute(n, "form") == id && n.Data != "button" {
				fields = append(fields, n)
			}
		})
	}
	for _, n := range fields {
		name, value := attribute(n, "name"), attribute(n, "value")
		if name == "" || has(n, "disabled") {
			continue
		}
		typed, did := v.typed[name]
		switch kind := attribute(n, "type"); {
		case n.Data == "select":
			if !did {
				typed = chosen(n)
			}
			data.Set(name, typed)
		case n.Data == "textarea":
			if !did {
				typed = content(n)
			}
			data.Set(name, typed)
		case n.Data != "input":
		case kind == "checkbox":
			// several boxes may share a name; "a,b" ticks those values
			on := has(n, "checked")
			if did {
				on = typed == "on" || slices.Contains(strings.Split(typed, ","), value)
			}
			if on {
				data.Add(name, orOn(value))
			}
		case kind == "radio":
			if (did && typed == value) || (!did && has(n, "checked")) {
				data.Set(name, value)
			}
		case kind == "submit" || kind == "button":
		default:
			if did {
				value = typed
			}
			data.Set(name, value)
		}
	}
	return data
}

func (v *httpVisitor) sees(text string) {
	v.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if v.shows(text) {
			return
		}
		// what a browser without scripts does on a waiting page
		if next := v.refresh(); next != "" {
			v.open(next)
			continue
		}
		break
	}
	if !v.shows(text) {
		v.t.Fatalf("%q is not on %s:\n%s", text, v.at, v.body())
	}
}

// refresh finds <meta http-equiv="refresh">, also within <noscript>.
func (v *httpVisitor) refresh() string {
	var target string
	each(v.page, func(n *html.Node) {
		if n.Data == "meta" && strings.EqualFold(attribute(n, "http-equiv"), "refresh") {
			_, u, ok := strings.Cut(attribute(n, "content"), "url=")
			if target = v.at.String(); ok {
				target = u
			}
		}
		if n.Data == "noscript" {
			if i := strings.Index(strings.ToLower(content(n)), `http-equiv="refresh"`); i >= 0 {
				target = v.at.String()
			}
		}
	})
	return target
}

func (v *httpVisitor) shows(text string) bool { return strings.Contains(v.body(), text) }

func (v *httpVisitor) body() string {
	if v.page == nil {
		return ""
	}
	return squeeze(content(find(v.page, func(n *html.Node) bool { return n.Data == "body" })))
}

func (v *httpVisitor) field(name string) string {
	if n := v.control(name, ""); n != nil {
		switch n.Data {
		case "select":
			return chosen(n)
		case "textarea":
			return content(n)
		}
		return attribute(n, "value")
	}
	return ""
}

func (v *httpVisitor) text(selector string) string {
	v.t.Helper()
	return squeeze(content(v.element(selector)))
}

func (v *httpVisitor) attr(selector, name string) string {
	v.t.Helper()
	return attribute(v.element(selector), name)
}

// element understands "#id", ".class", "[attribute]" and element names.
func (v *httpVisitor) element(selector string) *html.Node {
	v.t.Helper()
	n := find(v.page, func(n *html.Node) bool {
		switch selector[0] {
		case '#':
			return attribute(n, "id") == selector[1:]
		case '.':
			return slices.Contains(strings.Fields(attribute(n, "class")), selector[1:])
		case '[':
			return has(n, strings.Trim(selector, "[]"))
		}
		return n.Data == selector
	})
	if n == nil {
		v.t.Fatalf("no %s on %s:\n%s", selector, v.at, v.body())
	}
	return n
}

func (v *httpVisitor) url() string { return v.at.String() }

func (v *httpVisitor) reload() { v.t.Helper(); v.open(v.at.String()) }

func (v *httpVisitor) look(string) {}
