package signin_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// visitor is a browser without scripts. Every page it sees is held against the house rules
// for markup.
type visitor struct {
	t      *testing.T
	client *http.Client
	base   *url.URL
	site   string // Sec-Fetch-Site of posts
	status int
	header http.Header
	at     *url.URL
	body   string
	page   *html.Node
}

func (w *world) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	base, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, client: &http.Client{Jar: jar}, base: base, site: "same-origin"}
}

func (v *visitor) get(path string) *visitor {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodGet, v.base.String()+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do(req)
}

func (v *visitor) post(path string, pairs ...string) *visitor {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, v.base.String()+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

// submit sends the form of the page that goes to an address, with its hidden fields and
// what is typed beside them.
func (v *visitor) submit(action string, pairs ...string) *visitor {
	v.t.Helper()
	form := v.find(func(n *html.Node) bool {
		return n.Data == "form" && (attr(n, "action") == action || strings.HasPrefix(attr(n, "action"), action+"?"))
	})
	if form == nil {
		v.t.Fatalf("no form to %s on %s (%d):\n%s", action, v.at, v.status, v.body)
	}
	var hidden []string
	walk(form, func(n *html.Node) {
		if n.Data == "input" && attr(n, "type") == "hidden" {
			hidden = append(hidden, attr(n, "name"), attr(n, "value"))
		}
	})
	return v.post(action, append(hidden, pairs...)...)
}

func (v *visitor) do(req *http.Request) *visitor {
	v.t.Helper()
	req.Header.Set("Sec-Fetch-Site", v.site)
	if req.Header.Get("Accept-Language") == "" {
		req.Header.Set("Accept-Language", "en")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.status, v.header, v.at, v.body = resp.StatusCode, resp.Header, resp.Request.URL, string(raw)
	if v.page, err = html.Parse(strings.NewReader(v.body)); err != nil {
		v.t.Fatal(err)
	}
	if strings.HasPrefix(v.header.Get("Content-Type"), "text/html") && strings.Contains(v.body, "<main") {
		v.wellMade()
	}
	return v
}

func (v *visitor) sees(texts ...string) *visitor {
	v.t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(v.body), text) {
			v.t.Fatalf("%q is not on %s (%d):\n%s", text, v.at, v.status, v.body)
		}
	}
	return v
}

func (v *visitor) misses(texts ...string) *visitor {
	v.t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(v.body), text) {
			v.t.Fatalf("%q is on %s", text, v.at)
		}
	}
	return v
}

func (v *visitor) is(status int) *visitor {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("%s answered %d, want %d:\n%s", v.at, v.status, status, v.body)
	}
	return v
}

// flow gives the sign-in that the page belongs to.
func (v *visitor) flow() string {
	v.t.Helper()
	n := v.find(func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == "flow" })
	if n == nil {
		v.t.Fatalf("no flow on %s:\n%s", v.at, v.body)
	}
	return attr(n, "value")
}

func (v *visitor) cookie(name string) string {
	for _, c := range v.client.Jar.Cookies(v.base) {
		if c.Name == "eulogin_"+name {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) setCookie(name, value string) {
	v.client.Jar.SetCookies(v.base, []*http.Cookie{{Name: "eulogin_" + name, Value: value, Path: "/"}})
}

// choices gives the verification methods of the page, the chosen one first marked by "*".
func (v *visitor) choices() string {
	var out []string
	walk(v.page, func(n *html.Node) {
		if n.Data == "option" {
			mark := ""
			if has(n, "selected") {
				mark = "*"
			}
			out = append(out, mark+attr(n, "value"))
		}
	})
	return strings.Join(out, " ")
}

func (v *visitor) find(match func(*html.Node) bool) (hit *html.Node) {
	walk(v.page, func(n *html.Node) {
		if hit == nil && match(n) {
			hit = n
		}
	})
	return hit
}

// wellMade holds a page against what every page promises: one heading, a language, unique
// ids, a label for each field, a name for each button, nothing inline that the CSP forbids.
func (v *visitor) wellMade() {
	v.t.Helper()
	ids, labels, headings := map[string]int{}, map[string]bool{}, 0
	walk(v.page, func(n *html.Node) {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		if n.Data == "label" {
			labels[attr(n, "for")] = true
		}
		if n.Data == "h1" {
			headings++
		}
	})
	walk(v.page, func(n *html.Node) {
		switch {
		case n.Data == "html" && attr(n, "lang") == "":
			v.t.Errorf("%s has no language", v.at)
		case (n.Data == "input" && attr(n, "type") != "hidden" || n.Data == "select") && !labels[attr(n, "id")]:
			v.t.Errorf("%s: the field %s has no label", v.at, attr(n, "name"))
		case n.Data == "button" && strings.TrimSpace(text(n)) == "":
			v.t.Errorf("%s: a button without a name", v.at)
		case n.Data == "script" && attr(n, "src") == "", n.Data == "style", has(n, "style"), has(n, "onclick"):
			v.t.Errorf("%s: inline %s", v.at, n.Data)
		}
	})
	for id, n := range ids {
		if n > 1 {
			v.t.Errorf("%s: the id %s stands %d times", v.at, id, n)
		}
	}
	if headings != 1 {
		v.t.Errorf("%s has %d headings of the first level", v.at, headings)
	}
}

func walk(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}
